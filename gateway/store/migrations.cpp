// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/migrations.hpp"

#include "gateway/store/sqlite.hpp"

#include <sqlite3.h>

#include <string>

namespace gw::store {
namespace {

// The connection of migrations does not enforce references.
void check_references(Connection& db) {
    Statement broken(db, "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1");
    const StatementGuard guard(broken);
    if (broken.next()) {
        const std::string from = broken.get_text();
        throw SqliteError(
            SQLITE_CONSTRAINT_FOREIGNKEY,
            "rows of " + from + " refer to rows of " + broken.get_text() + " that are not there");
    }
}

void apply_one(Connection& db, const Migration& step) {
    db.exec("BEGIN IMMEDIATE");
    try {
        db.exec(std::string(step.sql));
        Statement record(
            db,
            "INSERT INTO schema_migrations (number, title, applied_at) "
            "VALUES (?, ?, CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER))");
        record.put(std::int64_t{step.number}).put(step.title).run();
        check_references(db);
        db.exec("COMMIT");
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
    for (const Migration& step : steps) {
        if (step.number > have) {
            apply_one(db, step);
            applied.push_back(step.number);
        }
    }
    return applied;
}

}  // namespace gw::store
