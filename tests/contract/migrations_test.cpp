// SPDX-License-Identifier: Apache-2.0
// The schema's numbered steps: their order, what a failed one leaves, what a file of an earlier
// schema becomes.
#include "gateway/store/migrations.hpp"

#include "gateway/store/open_database.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace gw::contract {
namespace {

using store::Access;
using store::Connection;
using store::open_sqlite_store;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::milliseconds no_wait{0};

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no error";
}

class Migrations : public testing::Test {
protected:
    TempFolder folder_;
    std::string path_ = folder_.file("gateway.db");
};

TEST_F(Migrations, MigrationsRunOnceAndInOrder) {
    const auto steps = store::embedded_migrations();
    ASSERT_FALSE(steps.empty());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_EQ(steps[i].number, static_cast<int>(i) + 1);
    }
    EXPECT_EQ(store::migrate_sqlite(path_).size(), steps.size());
    EXPECT_THAT(store::migrate_sqlite(path_), IsEmpty());
    EXPECT_NO_THROW(open_sqlite_store(path_));
}

TEST_F(Migrations, ASchemaOfANewerGatewayIsRefused) {
    store::migrate_sqlite(path_);
    {
        Connection db(path_, Access::create, no_wait);
        db.exec("INSERT INTO schema_migrations VALUES (999, 'future', 0)");
    }
    EXPECT_THAT(error_of([this] { open_sqlite_store(path_); }), HasSubstr("newer gateway"));
}

TEST_F(Migrations, AFailedMigrationLeavesNothingOfItself) {
    Connection db(path_, Access::create, no_wait);
    const store::Migration steps[] = {{1, "good", "CREATE TABLE a (x); CREATE TABLE b (x)"},
                                      {2, "bad", "CREATE TABLE c (x); CREATE TABLE a (x)"}};
    EXPECT_THAT(error_of([&] { apply_migrations(db, steps); }), HasSubstr("migration 2 (bad)"));
    EXPECT_EQ(db.number_of("SELECT count(*) FROM sqlite_schema WHERE name = 'c'"), 0);
    EXPECT_EQ(db.number_of("SELECT max(number) FROM schema_migrations"), 1);
    const store::Migration mended[] = {steps[0], {2, "mended", "CREATE TABLE c (x)"}};
    EXPECT_THAT(apply_migrations(db, mended), ElementsAre(2));
}

// The log holds what the transaction has changed before it is over: it was not kept in memory.
TEST_F(Migrations, AMigrationOfALongHistoryIsSpilledToDisk) {
    const auto db = store::open_for_migrations(path_, no_wait);
    EXPECT_EQ(db->number_of("PRAGMA temp_store"), 1);  // files
    db->exec("CREATE TABLE history (id INTEGER PRIMARY KEY, body TEXT)");
    db->exec("BEGIN IMMEDIATE");
    db->exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
        "INSERT INTO history SELECT i, printf('%01000d', i) FROM n");
    EXPECT_GT(std::filesystem::file_size(path_ + "-wal"), 20'000'000U);
    db->rollback();
    EXPECT_EQ(db->number_of("SELECT count(*) FROM history"), 0);
}

constexpr store::Migration rows_that_refer{
    1, "good",
    "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id));"
    "INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1), (2)"};

TEST_F(Migrations, AStepThatLeavesAReferenceToNothingIsUndone) {
    const auto db = store::open_for_migrations(path_, no_wait);
    const store::Migration steps[] = {rows_that_refer, {2, "bad", "DELETE FROM a WHERE id = 2"}};
    EXPECT_THAT(error_of([&] { apply_migrations(*db, steps); }),
                HasSubstr("rows of b refer to rows of a that are not there"));
    EXPECT_EQ(db->number_of("SELECT count(*) FROM a"), 2);
    EXPECT_EQ(db->number_of("SELECT max(number) FROM schema_migrations"), 1);
}

TEST_F(Migrations, AReferenceThatWasBrokenBeforeDoesNotStopAStep) {
    const auto db = store::open_for_migrations(path_, no_wait);
    const store::Migration steps[] = {
        rows_that_refer, {2, "next", "CREATE TABLE c (x)"}, {3, "bad", "DELETE FROM a"}};
    apply_migrations(*db, std::span(steps).first(1));
    db->exec("DELETE FROM a WHERE id = 2");  // by the operator's own hand
    EXPECT_THAT(apply_migrations(*db, std::span(steps).first(2)), ElementsAre(2));
    EXPECT_THAT(error_of([&] { apply_migrations(*db, steps); }),
                HasSubstr("rows of b refer to rows of a that are not there"));
}

// Schema 8 kept a call in one row, and its triggers the sums.
constexpr std::size_t one_row_schema = 8;

std::string columns_of(Connection& db, const std::string& table) {
    return db.value_of("SELECT group_concat(name) FROM pragma_table_info('" + table + "')");
}

// The file as a gateway of schema 8 would have written it.
void write_as_of_schema_8(const std::string& from, const std::string& to) {
    const auto db = store::open_for_migrations(to, no_wait);
    apply_migrations(*db, store::embedded_migrations().first(one_row_schema));
    db->exec("ATTACH '" + from + "' AS made");
    const std::string columns = columns_of(*db, "calls");
    db->exec("INSERT INTO calls (" + columns + ") SELECT " + columns +
             " FROM made.calls JOIN made.call_course USING (id)");
    for (const std::string_view table :
         {"call_legs", "timeline", "commands", "webhook_events", "deliveries"}) {
        db->exec("INSERT INTO " + std::string(table) + " SELECT * FROM made." + std::string(table));
    }
    db->exec("DETACH made");
}

std::vector<Call> calls_for_the_move(store::SqliteStore& store) {
    std::vector<Call> calls;
    calls.push_back(full_call(store.next_call_id()));
    for (int i = 0; i < 40; ++i) {
        Call call = plain_call(store.next_call_id(), i);
        call.status = static_cast<CallStatus>(i % 8);
        if (call.is_final()) {
            call.ended_reason = EndedReason::api;
            call.duration_seconds = i;
            call.minutes_used = {10 + i};
            call.costs = {.call_cost = {},
                          .recording_cost = {100 + i},
                          .transfer_cost = {},
                          .llm_discount = {10 * i},
                          .total_cost = {1000 * i}};
        }
        calls.push_back(std::move(call));
    }
    return calls;
}

std::string sums_of(Connection& db) {
    return db.value_of(
        "SELECT group_concat(concat) FROM (SELECT project_id || ' ' || day || ' ' || agent_id || "
        "' ' || status || ' ' || disposition || ' ' || calls || ' ' || duration_seconds || ' ' || "
        "minutes_used_hundredths || ' ' || total_cost || ' ' || recording_cost || ' ' || "
        "llm_discount AS concat FROM call_days WHERE calls > 0 ORDER BY concat)");
}

TEST_F(Migrations, ACallInOneRowBecomesTwoAndIsTheSame) {
    const std::string made = folder_.file("made.db");
    std::vector<Call> calls;
    std::string sums;
    {
        const auto store = open_sqlite_store(made);
        calls = calls_for_the_move(*store);
        for (const Call& call : calls) {
            ports::CallCommit commit = birth(call);
            commit.webhooks.push_back(outbound(*store, "whe_" + to_public(call.id), 1, {7}));
            ASSERT_TRUE(run_awaitable(store->commit(std::move(commit))));
        }
        Connection db(made, Access::read_only, no_wait);
        sums = sums_of(db);
    }
    write_as_of_schema_8(made, path_);
    EXPECT_THAT(store::migrate_sqlite(path_), ElementsAre(9));

    const auto store = open_sqlite_store(path_);
    for (const Call& call : calls) {
        const auto loaded = run_awaitable(store->load(call.id)).value();
        ASSERT_TRUE(loaded);
        EXPECT_EQ(text_of(*loaded), text_of(call));
        EXPECT_EQ(run_awaitable(store->timeline(call.id, 0, 10)).value().size(), 1U);
    }
    auto next = next_commit(calls[1]);
    next.change = CallChange::course;
    EXPECT_TRUE(run_awaitable(store->commit(next)));
    Connection db(path_, Access::read_only, no_wait);
    EXPECT_THAT(sums, testing::Not(IsEmpty()));
    EXPECT_EQ(sums_of(db), sums);
    EXPECT_EQ(db.number_of("SELECT count(*) FROM deliveries JOIN webhook_events USING (call_id)"),
              static_cast<std::int64_t>(calls.size()));
    EXPECT_EQ(db.value_of("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(db.number_of("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

// Its triggers counted a call that was over; what is told of the call later moves its figures.
TEST_F(Migrations, AChangeOfACallThatATriggerHasCountedKeepsTheSums) {
    const std::string made = folder_.file("made.db");
    std::vector<Call> calls;
    {
        const auto store = open_sqlite_store(made);
        calls = calls_for_the_move(*store);
        for (const Call& call : calls) {
            ASSERT_TRUE(run_awaitable(store->commit(birth(call))));
        }
    }
    write_as_of_schema_8(made, path_);
    {
        const auto old = store::open_for_migrations(path_, no_wait);  // still of schema 8
        old->exec("UPDATE calls SET status = 'failed', total_cost = 77 WHERE id = 3");
    }
    store::migrate_sqlite(path_);
    const auto store = open_sqlite_store(path_);
    for (Call& call : calls) {
        call.status = CallStatus::completed;
        call.costs.total_cost = MicroMoney{5};
        auto next = next_commit(call);
        next.change = CallChange::outcome;
        ASSERT_TRUE(run_awaitable(store->commit(next)));
    }
    Connection db(path_, Access::read_only, no_wait);
    const std::string over = "SELECT coalesce(sum(calls), 0) FROM call_days";
    EXPECT_EQ(db.number_of(over + " WHERE status = 'completed'"),
              db.number_of("SELECT count(*) FROM calls WHERE project_id IS NOT NULL"));
    EXPECT_EQ(db.number_of(over + " WHERE status <> 'completed'"), 0);
    EXPECT_EQ(db.number_of("SELECT sum(total_cost) FROM call_days"),
              db.number_of("SELECT sum(total_cost) FROM calls WHERE project_id IS NOT NULL"));
    EXPECT_EQ(db.number_of("SELECT sum(minutes_used_hundredths) FROM call_days"),
              db.number_of(
                  "SELECT sum(minutes_used_hundredths) FROM calls WHERE project_id IS NOT NULL"));
}

}  // namespace
}  // namespace gw::contract
