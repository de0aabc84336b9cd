#pragma once
// SPDX-License-Identifier: Apache-2.0
// The directory's tables, for the start of the process; inside a transaction somebody else began.
#include "gateway/ports/directory.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

// See ports::DirectoryStore. Ids of endpoints in `content` are ignored: the store numbers them.
void seed_directory(Connection& db, const ports::DirectoryContent& content);
ports::DirectoryContent load_directory(Connection& db);
std::vector<ports::ApiKey> load_keys(Connection& db);
// The columns hash, project_id, org_id, scope, revoked of the current row.
ports::ApiKey read_key(Statement& s);

std::string_view word_of(ports::Scope scope);

}  // namespace gw::store
