// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/migrations.hpp"

#include "gateway/store/sqlite.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace gw::store {
namespace {

// How many rows of a table refer to rows of another that are not there.
using BrokenReferences = std::map<std::pair<std::string, std::string>, std::int64_t>;

BrokenReferences broken_references(Connection& db) {
    Statement count(
        db, "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2");
    const StatementGuard guard(count);
    BrokenReferences broken;
    while (count.next()) {
        std::string from = count.get_text();
        std::string to = count.get_text();
        broken[{std::move(from), std::move(to)}] = count.get_int();
    }
    return broken;
}

// The connection of migrations does not enforce references. What an operator's own hand has broken
// before is no fault of the step.
void expect_no_more_broken(const BrokenReferences& before, const BrokenReferences& after) {
    for (const auto& [tables, rows] : after) {
        const auto known = before.find(tables);
        if (known == before.end() || known->second < rows) {
            throw SqliteError(SQLITE_CONSTRAINT_FOREIGNKEY,
                              "rows of " + tables.first + " refer to rows of " + tables.second +
                                  " that are not there");
        }
    }
}

void apply_one(Connection& db, const Migration& step, BrokenReferences& broken) {
    db.exec("BEGIN IMMEDIATE");
    try {
        db.exec(std::string(step.sql));
        Statement record(
            db,
            "INSERT INTO schema_migrations (number, title, applied_at) "
            "VALUES (?, ?, CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER))");
        record.put(std::int64_t{step.number}).put(step.title).run();
        BrokenReferences after = broken_references(db);
        expect_no_more_broken(broken, after);
        db.exec("COMMIT");
        broken = std::move(after);
    } catch (const SqliteError& error) {
        db.rollback();
        throw std::runtime_error("migration " + std::to_string(step.number) + " (" +
                                 std::string(step.title) + ") failed: " + error.what());
    }
}

}  // namespace

std::vector<int> apply_migrations(Connection& db, std::span<const Migration> steps) {
    db.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        "number INTEGER PRIMARY KEY, title TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
    const auto have = db.number_of("SELECT coalesce(max(number), 0) FROM schema_migrations");
    const auto known = steps.empty() ? 0 : steps.back().number;
    if (have > known) {
        throw std::runtime_error("the database has schema " + std::to_string(have) +
                                 ", made by a newer gateway; this one knows schemas up to " +
                                 std::to_string(known) + ". Use the newer gateway or a backup.");
    }
    std::vector<int> applied;
    if (have == known) {
        return applied;
    }
    BrokenReferences broken = broken_references(db);
    for (const Migration& step : steps) {
        if (step.number > have) {
            apply_one(db, step, broken);
            applied.push_back(step.number);
        }
    }
    return applied;
}

}  // namespace gw::store
