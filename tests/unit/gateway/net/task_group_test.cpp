// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/task_group.hpp"

#include "gateway/net/tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace gw::net {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> wait_forever(int* ended) {
    struct Count {
        int* ended;
        ~Count() { ++*ended; }
    } const count{ended};
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_at(asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> fail(std::string what) {
    throw std::runtime_error(what);
    co_return;
}

asio::awaitable<void> finish_at_once(int* ended) {
    ++*ended;
    co_return;
}

asio::awaitable<void> clean_up_after_cancel(bool* cleaned) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_at(asio::steady_timer::time_point::max());
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await timer.async_wait(as_result);
    timer.expires_after(std::chrono::milliseconds(1));
    const auto [failed] = co_await timer.async_wait(as_result);
    *cleaned = !failed;
}

asio::awaitable<void> wait_for(TaskGroup* group, bool* done) {
    co_await group->wait();
    *done = true;
}

asio::awaitable<void> cancel_and_wait(TaskGroup* group, bool* done) {
    group->cancel();
    co_await group->wait();
    *done = true;
}

TEST(TaskGroup, CancelEndsEveryTaskAndWaitReturnsAfterTheLast) {
    asio::io_context io;
    std::vector<std::string> reports;
    TaskGroup group(io.get_executor(), [&](std::string_view what) { reports.emplace_back(what); });
    int ended = 0;
    bool done = false;
    for (int i = 0; i < 10; ++i) {
        group.spawn(wait_forever(&ended));
    }
    io.poll();
    EXPECT_EQ(group.size(), 10U);
    EXPECT_EQ(ended, 0);

    asio::co_spawn(io, cancel_and_wait(&group, &done), asio::detached);
    io.restart();
    io.run();

    EXPECT_TRUE(done);
    EXPECT_EQ(ended, 10);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_TRUE(reports.empty()) << "a cancelled task is no fault";
}

TEST(TaskGroup, WaitDoesNotCancel) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    int ended = 0;
    bool done = false;
    group.spawn(wait_forever(&ended));
    asio::co_spawn(io, wait_for(&group, &done), asio::detached);
    io.poll();
    EXPECT_FALSE(done);
    group.cancel();
    io.run();
    EXPECT_TRUE(done);
}

TEST(TaskGroup, WaitOfAnEmptyGroupReturnsAtOnce) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    bool done = false;
    asio::co_spawn(io, wait_for(&group, &done), asio::detached);
    io.run();
    EXPECT_TRUE(done);
}

TEST(TaskGroup, AThrowingTaskIsReportedAndTheOthersGoOn) {
    asio::io_context io;
    std::vector<std::string> reports;
    TaskGroup group(io.get_executor(), [&](std::string_view what) { reports.emplace_back(what); });
    int ended = 0;
    group.spawn(wait_forever(&ended));
    group.spawn(fail("broken promise"));
    group.spawn(finish_at_once(&ended));
    io.poll();
    EXPECT_EQ(reports, std::vector<std::string>{"broken promise"});
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(group.size(), 1U);
    group.cancel();
    io.run();
    EXPECT_EQ(ended, 2);
}

TEST(TaskGroup, ATaskSpawnedAfterCancelIsCancelledToo) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    int ended = 0;
    group.cancel();
    group.spawn(wait_forever(&ended));
    io.run();
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, ATaskMayCleanUpAfterItWasCancelled) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    bool cleaned = false;
    bool done = false;
    group.spawn(clean_up_after_cancel(&cleaned));
    io.poll();
    asio::co_spawn(io, cancel_and_wait(&group, &done), asio::detached);
    io.restart();
    io.run();
    EXPECT_TRUE(cleaned);
    EXPECT_TRUE(done);
}

}  // namespace
}  // namespace gw::net
