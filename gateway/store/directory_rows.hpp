#pragma once
// SPDX-License-Identifier: Apache-2.0
// The directory's tables, for the start of the process; inside a transaction somebody else began.
#include "gateway/ports/directory.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

// See ports::DirectoryStore. Ids of endpoints in `content` are ignored: the store numbers them.
void seed_directory(Connection& db, const ports::DirectoryContent& content);
ports::DirectoryContent load_directory(Connection& db);

}  // namespace gw::store
