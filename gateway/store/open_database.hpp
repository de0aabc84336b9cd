#pragma once
// SPDX-License-Identifier: Apache-2.0
// The checks and settings of writing connections: one to serve, one to migrate. Throws
// std::runtime_error with a sentence for the operator.
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
// The same promises, and memory that does not grow with what is rewritten: changed pages are
// spilled to the log before the commit, and what is sorted goes to files. Closed before serving
// begins.
std::unique_ptr<Connection> open_for_migrations(const std::string& path,
                                                std::chrono::milliseconds busy_timeout);

}  // namespace gw::store
