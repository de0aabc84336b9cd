// SPDX-License-Identifier: Apache-2.0
// The queue between coroutines and a thread of the store. The limits on time are far longer than
// the tests, so that what ends a wait is what the test says.
#include "gateway/store/job.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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

bool push(Queue& queue, const asio::any_io_executor& loop = {}) {
    std::unique_ptr<JobFor<Nothing>> job = std::make_unique<Idle>();
    job->executor = loop;
    return queue.push(job);
}

std::shared_ptr<Queue> make_queue(Gathering gathering) {
    return std::make_shared<Queue>(100, gathering);
}

// A gathering one, or one that comes after a rest.
std::future<std::size_t> start_take(Queue& queue, bool gathers) {
    const MonoTime until = std::chrono::steady_clock::now() + (gathers ? 1h : -1h);
    return std::async(std::launch::async, [&queue, until] { return queue.take(until).size(); });
}

std::size_t size_of(std::future<std::size_t>& taken) {
    return taken.wait_for(60s) == std::future_status::ready ? taken.get() : 0;
}

// So many are the last batch.
void take_at_once(Queue& queue, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_TRUE(push(queue));
    }
    EXPECT_EQ(queue.take().size(), count);
}

TEST(JobQueue, GathersUntilEnoughWait) {
    const auto queue = make_queue({32, 1h});
    asio::io_context loop;  // does not turn: it may have more to push
    auto taken = start_take(*queue, true);
    for (int i = 0; i < 32; ++i) {
        EXPECT_TRUE(push(*queue, loop.get_executor()));
    }
    EXPECT_EQ(size_of(taken), 32U);
}

TEST(JobQueue, GathersNoLongerThanItsTime) {
    const auto queue = make_queue({32, 500us});
    asio::io_context loop;
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    auto taken = start_take(*queue, true);
    EXPECT_EQ(size_of(taken), 1U);
}

TEST(JobQueue, AFirstJobAfterARestDoesNotWait) {
    const auto queue = make_queue({32, 1h});
    asio::io_context loop;
    auto taken = start_take(*queue, false);
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    EXPECT_EQ(size_of(taken), 1U);
    auto next = start_take(*queue, false);
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    EXPECT_EQ(size_of(next), 1U);
}

TEST(JobQueue, TheFirstJobAfterAGatheringWakesAgain) {
    const auto queue = make_queue({32, 1us});
    EXPECT_TRUE(push(*queue));
    auto gathered = start_take(*queue, true);
    EXPECT_EQ(size_of(gathered), 1U);
    auto taken = start_take(*queue, false);
    EXPECT_TRUE(push(*queue));
    EXPECT_EQ(size_of(taken), 1U);
}

TEST(JobQueue, GathersAsLongAsEachTurnOfTheLoopPushes) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 8);
    auto taken = start_take(*queue, true);
    asio::io_context loop;
    int turns = 0;
    std::function<void()> turn = [&] {
        EXPECT_TRUE(push(*queue, loop.get_executor()));
        if (++turns < 20) {
            asio::post(loop, turn);
        }
    };
    asio::post(loop, turn);
    loop.run();
    EXPECT_EQ(size_of(taken), 20U);
}

TEST(JobQueue, ALoopThatHasPushedHalfOfTheLastBatchAndRestsEndsAGathering) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 8);
    auto taken = start_take(*queue, true);
    asio::io_context loop;
    for (int i = 0; i < 3; ++i) {  // of less, one would be made at once that is hardly worth a sync
        asio::post(loop, [&] { EXPECT_TRUE(push(*queue, loop.get_executor())); });
    }
    loop.run();
    EXPECT_EQ(queue->size(), 3U);
    asio::post(loop, [&] { EXPECT_TRUE(push(*queue, loop.get_executor())); });
    loop.restart();
    loop.run();
    EXPECT_EQ(size_of(taken), 4U);
}

TEST(JobQueue, AThreadThatWaitsForItsJobIsNoReasonToGather) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 2);
    auto taken = start_take(*queue, true);
    EXPECT_TRUE(push(*queue));  // without an executor: nobody pushes another
    EXPECT_EQ(size_of(taken), 1U);
}

TEST(JobQueue, MayBeGoneWhenTheLoopTurns) {
    asio::io_context loop;
    auto queue = make_queue({32, 1h});
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    queue.reset();
    EXPECT_EQ(loop.run(), 1U);  // once, and not again
}

TEST(JobQueue, ClosingEndsAGathering) {
    const auto queue = make_queue({32, 1h});
    asio::io_context loop;
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    auto taken = start_take(*queue, true);
    queue->close();
    EXPECT_EQ(size_of(taken), 1U);
    EXPECT_FALSE(push(*queue));
    EXPECT_TRUE(queue->take().empty());
}

TEST(JobQueue, AFullQueueRefuses) {
    Queue queue(1);
    EXPECT_TRUE(push(queue));
    EXPECT_FALSE(push(queue));
    EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace gw::store
