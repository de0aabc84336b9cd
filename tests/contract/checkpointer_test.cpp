// SPDX-License-Identifier: Apache-2.0
// Copies of the log beside a reader that holds it: what is left is known, told, and caught up with.
#include "gateway/store/checkpointer.hpp"

#include "gateway/store/sqlite_store.hpp"
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace gw::contract {
namespace {

using store::Access;
using store::Checkpointer;
using store::Connection;
using store::CopyProgress;

constexpr std::chrono::milliseconds no_wait{0};
constexpr std::chrono::hours never{1};
constexpr std::chrono::seconds patience{60};

class LinesKept final : public ports::Log {
public:
    void write(ports::LogLevel, std::string_view event,
               std::span<const ports::LogField>) noexcept override {
        const std::lock_guard lock(mutex_);
        events_.emplace_back(event);
    }
    [[nodiscard]] bool enabled(ports::LogLevel) const noexcept override { return true; }
    std::vector<std::string> events() {
        const std::lock_guard lock(mutex_);
        return events_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> events_;
};

class CopiesOfTheLog : public testing::Test {
protected:
    CopiesOfTheLog() {
        db_.exec("PRAGMA journal_mode = WAL");
        db_.exec("PRAGMA wal_autocheckpoint = 0");
        db_.exec("CREATE TABLE t (x)");
    }
    void write_pages(int pages) {
        db_.exec("INSERT INTO t VALUES (zeroblob(" + std::to_string(pages * 4096) + "))");
    }
    // The copying thread says when it is done by a state that is asked for, hence the loop.
    static CopyProgress copy(Checkpointer& checkpointer) {
        checkpointer.request();
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            if (const auto progress = checkpointer.take_finished()) {
                return *progress;
            }
            std::this_thread::yield();
        }
        ADD_FAILURE() << "no copy ended";
        return {};
    }

    TempFolder folder_;
    std::string path_ = folder_.file("log.db");
    Connection db_{path_, Access::create, no_wait};
};

TEST_F(CopiesOfTheLog, WhatAReaderHoldsBackIsLeftAndCopiedWhenItIsGone) {
    Checkpointer checkpointer(path_, nullptr, never);
    write_pages(10);
    Connection reader(path_, Access::read_only, no_wait);
    reader.exec("BEGIN");
    reader.number_of("SELECT count(*) FROM t");
    write_pages(2000);
    const CopyProgress held = copy(checkpointer);
    EXPECT_TRUE(held.moved);
    EXPECT_LT(held.copied, 100);
    EXPECT_FALSE(copy(checkpointer).moved);
    reader.exec("COMMIT");
    const CopyProgress free = copy(checkpointer);
    EXPECT_TRUE(free.moved);
    EXPECT_GT(free.copied, 2000);
}

TEST_F(CopiesOfTheLog, CopiesThatGetNowhereAreToldAndNoMoreOnceTheyGoOn) {
    LinesKept log;
    Checkpointer checkpointer(path_, &log, no_wait);
    Connection reader(path_, Access::read_only, no_wait);
    reader.exec("BEGIN");
    reader.number_of("SELECT count(*) FROM t");
    write_pages(10);
    copy(checkpointer);
    copy(checkpointer);
    EXPECT_THAT(log.events(), testing::Contains("store_log_not_copied"));
    reader.exec("COMMIT");
    copy(checkpointer);
    const std::size_t told = log.events().size();
    copy(checkpointer);
    EXPECT_EQ(log.events().size(), told);
}

TEST_F(CopiesOfTheLog, AShortHindranceIsNotTold) {
    LinesKept log;
    Checkpointer checkpointer(path_, &log, never);
    Connection reader(path_, Access::read_only, no_wait);
    reader.exec("BEGIN");
    reader.number_of("SELECT count(*) FROM t");
    write_pages(10);
    copy(checkpointer);
    copy(checkpointer);
    EXPECT_THAT(log.events(), testing::IsEmpty());
}

// The writer commits on while the log is held, and the log starts over soon after it is let go.
TEST_F(CopiesOfTheLog, TheStoreCatchesUpAfterALongReader) {
    const std::string path = folder_.file("gateway.db");
    store::SqliteOptions options;
    options.wait_max = patience;
    options.checkpoint_frames = 50;
    const auto store = store::open_sqlite_store(path, options);
    const auto commit_some = [&] {
        for (int i = 0; i < 20; ++i) {
            auto one = birth(plain_call(store->next_call_id(), i));
            std::get<BoxedEvent>(one.entries[0].input.what)->raw = std::string(100'000, 'x');
            ASSERT_TRUE(run_awaitable(store->commit(std::move(one))));
        }
    };
    Connection reader(path, Access::read_only, no_wait);
    reader.exec("BEGIN");
    reader.number_of("SELECT count(*) FROM calls");
    for (int i = 0; i < 3; ++i) {
        commit_some();
    }
    const auto held = std::filesystem::file_size(path + "-wal");
    EXPECT_GT(held, 5'000'000U);
    reader.exec("COMMIT");
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::filesystem::file_size(path) < held / 2) {
        ASSERT_LT(std::chrono::steady_clock::now(), until) << "the log is not copied";
        commit_some();
    }
}

}  // namespace
}  // namespace gw::contract
