// SPDX-License-Identifier: Apache-2.0
// The queue between coroutines and a thread of the store. The limits on time are far longer than
// the tests, so that what ends a wait is what the test says.
#include "gateway/store/job.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gw::store {
namespace {

using namespace std::chrono_literals;

struct Nothing {};
using Queue = JobQueue<Nothing>;

class Idle final : public JobFor<Nothing> {
public:
    void run(Nothing&) override {}
    void fail(const Error&) override {}
    void resume() override {}
};

bool push(Queue& queue) {
    std::unique_ptr<JobFor<Nothing>> job = std::make_unique<Idle>();
    return queue.push(job);
}

Gathering gathering(std::size_t jobs, std::chrono::microseconds time, std::chrono::hours before) {
    return {jobs, time, std::chrono::steady_clock::now() + before};
}

std::future<std::size_t> start_take(Queue& queue, const Gathering& how) {
    return std::async(std::launch::async, [&queue, how] { return queue.take(how).size(); });
}

TEST(JobQueue, GathersUntilEnoughWait) {
    Queue queue(100);
    auto taken = start_take(queue, gathering(32, 1h, 1h));
    for (int i = 0; i < 32; ++i) {
        EXPECT_TRUE(push(queue));
    }
    ASSERT_EQ(taken.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(taken.get(), 32U);
}

TEST(JobQueue, GathersNoLongerThanItsTime) {
    Queue queue(100);
    EXPECT_TRUE(push(queue));
    auto taken = start_take(queue, gathering(32, 500us, 1h));
    ASSERT_EQ(taken.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(taken.get(), 1U);
}

TEST(JobQueue, AFirstJobAfterARestDoesNotWait) {
    Queue queue(100);
    auto taken = start_take(queue, gathering(32, 1h, -1h));
    EXPECT_TRUE(push(queue));
    ASSERT_EQ(taken.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(taken.get(), 1U);
    // And the next wait is woken by its first job again.
    auto next = start_take(queue, {});
    EXPECT_TRUE(push(queue));
    ASSERT_EQ(next.wait_for(60s), std::future_status::ready);
}

TEST(JobQueue, TheFirstJobAfterAGatheringWakesAgain) {
    Queue queue(100);
    EXPECT_TRUE(push(queue));
    EXPECT_EQ(queue.take(gathering(32, 1us, 1h)).size(), 1U);
    auto taken = start_take(queue, {});
    EXPECT_TRUE(push(queue));
    ASSERT_EQ(taken.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(taken.get(), 1U);
}

TEST(JobQueue, ClosingEndsAGathering) {
    Queue queue(100);
    EXPECT_TRUE(push(queue));
    auto taken = start_take(queue, gathering(32, 1h, 1h));
    queue.close();
    ASSERT_EQ(taken.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(taken.get(), 1U);
    EXPECT_FALSE(push(queue));
    EXPECT_TRUE(queue.take().empty());
}

TEST(JobQueue, AFullQueueRefuses) {
    Queue queue(1);
    EXPECT_TRUE(push(queue));
    EXPECT_FALSE(push(queue));
    EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace gw::store
