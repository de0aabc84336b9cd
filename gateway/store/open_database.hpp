#pragma once
// SPDX-License-Identifier: Apache-2.0
// The checks and settings of a writing connection. Throws std::runtime_error with a sentence for
// the operator.
#include <chrono>
#include <memory>
#include <string>

namespace gw::store {

class Connection;

void make_parent_folder(const std::string& path);

// WAL, synchronous=FULL (read back, not hoped for), foreign keys. Checkpoints are the writer's
// business.
std::unique_ptr<Connection> open_database(const std::string& path,
                                          std::chrono::milliseconds busy_timeout);

}  // namespace gw::store
