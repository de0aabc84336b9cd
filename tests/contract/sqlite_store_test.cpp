// SPDX-License-Identifier: Apache-2.0
// What only the SQLite store promises: the file, its owner, disks that refuse, crashes, bounds.
#include "gateway/store/sqlite_store.hpp"

#include "gateway/store/sqlite.hpp"
#include "tests/contract/store_subject.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <unistd.h>

namespace gw::contract {
namespace {

using store::Access;
using store::Connection;
using store::open_sqlite_store;
using store::SqliteOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::milliseconds no_wait{0};

// For tests that are not about waiting: a disk that stalls for seconds refuses nothing.
SqliteOptions patient() {
    SqliteOptions options;
    options.wait_max = std::chrono::seconds(60);
    return options;
}

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no error";
}

class SqliteStoreFile : public testing::Test {
protected:
    TempFolder folder_;
    std::string path_ = folder_.file("gateway.db");

    static std::size_t timeline_length(store::SqliteStore& store, CallId id) {
        return run_awaitable(store.timeline(id, 0, 1000)).value().size();
    }
};

boost::asio::awaitable<void> commit_into(store::SqliteStore& store, ports::CallCommit commit,
                                         std::vector<Errc>& errors, int& done) {
    const auto result = co_await store.commit(std::move(commit));
    if (result) {
        ++done;
    } else {
        errors.push_back(result.error().code());
    }
}

// All at once, on one executor: they travel in batches.
struct Outcome {
    std::vector<Errc> errors;
    int done = 0;
};
Outcome commit_together(store::SqliteStore& store, std::vector<ports::CallCommit> commits) {
    Outcome outcome;
    boost::asio::io_context context;
    for (auto& commit : commits) {
        boost::asio::co_spawn(context,
                              commit_into(store, std::move(commit), outcome.errors, outcome.done),
                              boost::asio::detached);
    }
    context.run();
    return outcome;
}

std::vector<ports::CallCommit> births(store::SqliteStore& store, int count) {
    std::vector<ports::CallCommit> commits;
    for (int i = 0; i < count; ++i) {
        commits.push_back(birth(plain_call(store.next_call_id(), i)));
    }
    return commits;
}

TEST_F(SqliteStoreFile, TheFolderIsMadeAndTheFileIsReadable) {
    const std::string nested = folder_.file("data/deeper/gateway.db");
    {
        const auto store = open_sqlite_store(nested, patient());
        EXPECT_TRUE(run_awaitable(store->ping()));
    }
    Connection db(nested, Access::read_only, no_wait);
    EXPECT_EQ(db.value_of("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(db.value_of("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteStoreFile, ANewFileAndItsLogAreTheOwnersAlone) {
    const auto store = open_sqlite_store(path_, patient());
    namespace fs = std::filesystem;
    for (const std::string& file : {path_, path_ + "-wal"}) {
        EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write)
            << file;
    }
}

TEST_F(SqliteStoreFile, ASecondOwnerIsRefusedByName) {
    const auto store = open_sqlite_store(path_);
    EXPECT_THAT(error_of([this] { open_sqlite_store(path_); }),
                HasSubstr("another telnyx-gateway (pid " + std::to_string(::getpid()) +
                          ") uses this database"));
    EXPECT_THAT(error_of([this] { store::migrate_sqlite(path_); }), HasSubstr("another"));
}

TEST_F(SqliteStoreFile, AnOwnerThatIsGoneLocksNobodyOut) {
    open_sqlite_store(path_).reset();
    EXPECT_NO_THROW(open_sqlite_store(path_));
}

TEST_F(SqliteStoreFile, WhatIsNoDatabaseIsSaidSo) {
    std::ofstream(path_) << std::string(5000, 'x');
    EXPECT_THAT(error_of([this] { open_sqlite_store(path_); }), HasSubstr("not a database"));
    const std::string folder = folder_.file("folder");
    std::filesystem::create_directory(folder);
    EXPECT_THAT(error_of([&folder] { open_sqlite_store(folder); }), HasSubstr("is a folder"));
    EXPECT_THAT(error_of([] { open_sqlite_store("/proc/none/gateway.db"); }),
                HasSubstr("cannot make the folder"));
}

TEST_F(SqliteStoreFile, ManyCommitsAtOnceAllArriveAndEachHasItsOwnAnswer) {
    const auto store = open_sqlite_store(path_, patient());
    auto commits = births(*store, 300);
    commits.push_back(commits[7]);  // conflict: on record by then
    commits.push_back(commits[100]);
    const auto outcome = commit_together(*store, std::move(commits));
    EXPECT_EQ(outcome.done, 300);
    EXPECT_THAT(outcome.errors, ElementsAre(Errc::conflict, Errc::conflict));
    EXPECT_EQ(run_awaitable(store->load_live()).value().size(), 300U);
}

TEST_F(SqliteStoreFile, OneCommitThatBreaksAPromiseFailsAlone) {
    const auto store = open_sqlite_store(path_, patient());
    auto commits = births(*store, 20);
    auto broken = birth(plain_call(store->next_call_id(), 50));
    broken.entries.push_back(broken.entries[0]);  // the same place on the timeline twice
    std::get<BoxedEvent>(broken.entries[1].input.what)->id = EventId("another");
    broken.commands.push_back({CommandId("c"), CommandKind::answer, CallControlId("x"), "", at(1)});
    const CallId broken_id = broken.call.id;
    commits.insert(commits.begin() + 10, std::move(broken));
    const auto outcome = commit_together(*store, std::move(commits));
    EXPECT_EQ(outcome.done, 20);
    EXPECT_THAT(outcome.errors, ElementsAre(Errc::internal));
    EXPECT_FALSE(run_awaitable(store->load(broken_id)).value().has_value());
    EXPECT_EQ(timeline_length(*store, broken_id), 0U);
    EXPECT_THAT(run_awaitable(store->owed_commands()).value(), IsEmpty());
}

TEST_F(SqliteStoreFile, AFullDiskRefusesAndResumesByItself) {
    const auto store = open_sqlite_store(path_, patient());
    const Call call = plain_call(store->next_call_id(), 1);
    ASSERT_TRUE(run_awaitable(store->commit(birth(call))));
    ASSERT_TRUE(run_awaitable(store->ping()));
    store->limit_pages(1);  // SQLite takes the present size instead

    auto big = next_commit(call);
    big.entries.push_back(entry_of(event("e-big", "call.answered", call), 2));
    std::get<BoxedEvent>(big.entries[0].input.what)->raw = std::string(60'000, 'x');
    big.commands.push_back({CommandId("c"), CommandKind::answer, call.call_control_id, "", at(1)});
    for (int i = 0; i < 3; ++i) {
        const auto refused = run_awaitable(store->commit(big));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), Errc::full);
    }
    EXPECT_EQ(timeline_length(*store, call.id), 1U);
    EXPECT_EQ(run_awaitable(store->load(call.id)).value()->version, 1U);
    EXPECT_THAT(run_awaitable(store->owed_commands()).value(), IsEmpty());

    store->limit_pages(1'000'000);
    EXPECT_TRUE(run_awaitable(store->ping()));
    EXPECT_TRUE(run_awaitable(store->commit(big)));
    EXPECT_EQ(timeline_length(*store, call.id), 2U);
}

TEST_F(SqliteStoreFile, APingTellsOfAFullDisk) {
    store::migrate_sqlite(path_);
    Connection(path_, Access::create, no_wait).exec("VACUUM");  // no page of the file is free
    const auto store = open_sqlite_store(path_, patient());
    store->limit_pages(1);
    const auto answer = run_awaitable(store->ping());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), Errc::full);
    store->limit_pages(1'000'000);
    EXPECT_TRUE(run_awaitable(store->ping()));
}

TEST_F(SqliteStoreFile, WhatACrashLeavesHasEveryCommitThatWasAnswered) {
    TempFolder after;
    const auto store = open_sqlite_store(path_, patient());
    auto commits = births(*store, 50);
    commits[0].webhooks.push_back(outbound(*store, "whe_1", 1, {4}));
    ASSERT_EQ(commit_together(*store, std::move(commits)).done, 50);
    for (const char* suffix :
         {"", "-wal"}) {  // as the disk is while the process lives; no clean end
        std::filesystem::copy_file(path_ + suffix, after.file("gateway.db") + suffix);
    }
    const auto survivor = open_sqlite_store(after.file("gateway.db"), patient());
    EXPECT_EQ(run_awaitable(survivor->load_live()).value().size(), 50U);
    EXPECT_EQ(run_awaitable(survivor->owed_endpoints({}, 10)).value().size(), 1U);
    EXPECT_EQ(survivor->next_call_id(), CallId(51));
    EXPECT_TRUE(run_awaitable(survivor->commit(birth(plain_call(CallId(51), 1)))));
}

TEST_F(SqliteStoreFile, ATornEndOfTheLogLosesOnlyWhatWasNotCommitted) {
    TempFolder after;
    const auto store = open_sqlite_store(path_, patient());
    ASSERT_EQ(commit_together(*store, births(*store, 10)).done, 10);
    const auto size = std::filesystem::file_size(path_ + "-wal");
    ASSERT_TRUE(run_awaitable(store->commit(birth(plain_call(store->next_call_id(), 99)))));
    for (const char* suffix : {"", "-wal"}) {
        std::filesystem::copy_file(path_ + suffix, after.file("gateway.db") + suffix);
    }
    std::filesystem::resize_file(after.file("gateway.db-wal"),
                                 size + 5000);  // inside the last commit
    const auto survivor = open_sqlite_store(after.file("gateway.db"), patient());
    EXPECT_EQ(run_awaitable(survivor->load_live()).value().size(), 10U);
    EXPECT_EQ(timeline_length(*survivor, CallId(11)), 0U);
}

TEST_F(SqliteStoreFile, AFullQueueRefusesAtOnceAndWhatItTookIsDone) {
    SqliteOptions options = patient();
    options.queue_max = 4;
    options.busy_timeout = std::chrono::milliseconds(30'000);
    const auto store = open_sqlite_store(path_, options);
    auto commits = births(*store, 40);
    Connection other(path_, Access::create, no_wait);
    other.exec("BEGIN IMMEDIATE");  // somebody's shell holds the writer up

    Outcome outcome;
    boost::asio::io_context context;
    for (auto& commit : commits) {
        boost::asio::co_spawn(context,
                              commit_into(*store, std::move(commit), outcome.errors, outcome.done),
                              boost::asio::detached);
    }
    // At most one batch of four is with the writer and four more wait; all others are refused while
    // the writer stands still.
    while (outcome.errors.size() < 32) {
        ASSERT_GT(context.run_one_for(std::chrono::seconds(20)), 0U);
    }
    EXPECT_EQ(outcome.done, 0);
    other.exec("ROLLBACK");
    context.run();
    EXPECT_THAT(outcome.errors, testing::Each(Errc::full));
    EXPECT_EQ(outcome.done + static_cast<int>(outcome.errors.size()), 40);
    EXPECT_GE(outcome.done, 4);
    EXPECT_EQ(run_awaitable(store->load_live()).value().size(),
              static_cast<std::size_t>(outcome.done));
}

TEST_F(SqliteStoreFile, ALockedDatabaseIsUnavailableAndThenServesAgain) {
    SqliteOptions options = patient();
    options.busy_timeout = std::chrono::milliseconds(1);
    const auto store = open_sqlite_store(path_, options);
    const auto first = birth(plain_call(store->next_call_id(), 1));
    {
        Connection other(path_, Access::create, no_wait);
        other.exec("BEGIN IMMEDIATE");
        const auto refused = run_awaitable(store->commit(first));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), Errc::unavailable);
        EXPECT_FALSE(run_awaitable(store->ping()));
        EXPECT_TRUE(run_awaitable(store->load_live()));  // reads go on
    }
    EXPECT_TRUE(run_awaitable(store->commit(first)));
}

TEST_F(SqliteStoreFile, WhatWaitedTooLongIsNotDone) {
    SqliteOptions options;
    options.wait_max = std::chrono::milliseconds(-1);  // everything has waited too long
    const auto store = open_sqlite_store(path_, options);
    const auto late = run_awaitable(store->commit(birth(plain_call(store->next_call_id(), 1))));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), Errc::unavailable);
    EXPECT_EQ(run_awaitable(store->load_live()).error().code(), Errc::unavailable);
    Connection db(path_, Access::read_only, no_wait);
    EXPECT_EQ(db.number_of("SELECT count(*) FROM calls"), 0);
}

TEST_F(SqliteStoreFile, DestroyingTheStoreDoesFirstWhatWaits) {
    Outcome outcome;
    boost::asio::io_context context;
    {
        const auto store = open_sqlite_store(path_, patient());
        for (auto& commit : births(*store, 100)) {
            boost::asio::co_spawn(
                context, commit_into(*store, std::move(commit), outcome.errors, outcome.done),
                boost::asio::detached);
        }
        for (int i = 0; i < 100; ++i) {
            context.poll_one();  // starts them; some results may be here already
        }
    }
    context.run();
    EXPECT_EQ(outcome.done, 100);
    EXPECT_EQ(run_awaitable(open_sqlite_store(path_, patient())->load_live()).value().size(), 100U);
}

TEST_F(SqliteStoreFile, TheLogIsCopiedWhileWritesGoOn) {
    SqliteOptions options = patient();
    options.checkpoint_frames = 50;
    const auto store = open_sqlite_store(path_, options);
    // The log's file never shrinks: how long it is tells of the slowest copy. That it stays so
    // while twenty rounds write a megabyte each tells of copies that go on.
    constexpr int rounds_max = 500;
    std::uintmax_t longest = 0;
    int rounds = 0;
    for (int since_growth = 0; since_growth < 20 || rounds < 60; ++rounds) {
        ASSERT_LT(rounds, rounds_max) << "the log grows on, to " << longest;
        ASSERT_EQ(commit_together(*store, births(*store, 50)).done, 50);
        const auto length = std::filesystem::file_size(path_ + "-wal");
        since_growth = length > longest ? 0 : since_growth + 1;
        longest = length;
    }
    EXPECT_EQ(run_awaitable(store->load_live()).value().size(),
              static_cast<std::size_t>(rounds) * 50U);
    EXPECT_GT(std::filesystem::file_size(path_), 1'000'000U);
}

TEST_F(SqliteStoreFile, AChangeSinceTheFileWasAppliedOutlivesAnUnchangedFileOnly) {
    ports::DirectoryContent content;
    content.orgs = {{OrgId(5), "Acme", ports::Tier::payg}};
    open_sqlite_store(path_)->seed(content);
    {
        Connection db(path_, Access::create, no_wait);
        db.exec("UPDATE orgs SET name = 'Changed by hand'");
    }
    const auto store = open_sqlite_store(path_, patient());
    store->seed(content);
    EXPECT_EQ(store->load().orgs[0].name, "Changed by hand");
    content.orgs[0].name = "New name";
    store->seed(content);
    EXPECT_EQ(store->load().orgs[0].name, "New name");
}

TEST_F(SqliteStoreFile, AnEndpointThatDidNotComeFromTheFileOutlivesIt) {
    ports::DirectoryContent content;
    content.orgs = {{OrgId(5), "Acme", ports::Tier::payg}};
    open_sqlite_store(path_)->seed(content);
    {
        Connection db(path_, Access::create, no_wait);
        db.exec("INSERT INTO endpoints (org_id, url, secret, events) VALUES (5, 'u', 's', '[]')");
    }
    const auto store = open_sqlite_store(path_, patient());
    store->seed(content);
    ASSERT_EQ(store->load().endpoints.size(), 1U);
    EXPECT_EQ(store->load().endpoints[0].url, "u");
}

TEST_F(SqliteStoreFile, ADirectoryThatDoesNotHoldTogetherIsRefusedWhole) {
    const auto store = open_sqlite_store(path_, patient());
    ports::DirectoryContent content;
    content.orgs = {{OrgId(5), "Acme", ports::Tier::payg}};
    content.projects = {{ProjectId(1), "proj", OrgId(6), "of nobody"}};
    EXPECT_THAT(error_of([&] { store->seed(content); }), HasSubstr("cannot store the directory"));
    EXPECT_THAT(store->load().orgs, IsEmpty());
}

}  // namespace
}  // namespace gw::contract
