#pragma once
// SPDX-License-Identifier: Apache-2.0
// Numbered schema steps, compiled into the binary from the schema folder. Applied in order, each in
// its own transaction and recorded in schema_migrations. The caller holds the owner lock.
#include <span>
#include <string_view>
#include <vector>

namespace gw::store {

class Connection;

struct Migration {
    int number;
    std::string_view title;
    std::string_view sql;
};

// In order of their numbers, from 1 without gaps.
std::span<const Migration> embedded_migrations();

// Applies what is missing and gives the numbers applied. Throws std::runtime_error when the
// database is of a newer gateway, or a step fails (nothing of that step remains then).
std::vector<int> apply_migrations(Connection& db, std::span<const Migration> steps);

}  // namespace gw::store
