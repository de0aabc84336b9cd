// SPDX-License-Identifier: Apache-2.0
// The queue between coroutines and a thread of the store. The limits on time are far longer than
// the tests, so that what ends a wait is what the test says.
#include "gateway/store/job.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <future>
#include <new>
#include <thread>

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

// Takes once, in a thread of its own: gathering, or as one that comes after a rest.
class Taker {
public:
    Taker(std::shared_ptr<Queue> queue, bool gathers) : queue_(std::move(queue)) {
        const MonoTime until = std::chrono::steady_clock::now() + (gathers ? 1h : -1h);
        taken_ = std::async(std::launch::async,
                            [queue = queue_, until] { return queue->take(until).size(); });
    }
    ~Taker() {
        if (taken_.valid()) {  // a test has failed: it must not wait for it
            queue_->close();
        }
    }
    Taker(const Taker&) = delete;
    Taker& operator=(const Taker&) = delete;

    // Has its first job and waits for more; false: it has taken what there was.
    bool gathers() {
        while (!has_taken()) {
            if (queue_->is_gathering()) {
                return true;
            }
            std::this_thread::yield();
        }
        return false;
    }
    std::size_t took() { return taken_.wait_for(60s) == ready ? taken_.get() : 0; }

private:
    static constexpr auto ready = std::future_status::ready;
    bool has_taken() { return taken_.wait_for(0s) == ready; }

    std::shared_ptr<Queue> queue_;
    std::future<std::size_t> taken_;
};

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
    Taker taker(queue, true);
    for (int i = 0; i < 31; ++i) {
        EXPECT_TRUE(push(*queue, loop.get_executor()));
        ASSERT_TRUE(taker.gathers()) << i;
    }
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    EXPECT_EQ(taker.took(), 32U);
}

TEST(JobQueue, GathersNoLongerThanItsTime) {
    const auto queue = make_queue({32, 500us});
    asio::io_context loop;
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    EXPECT_EQ(Taker(queue, true).took(), 1U);
}

TEST(JobQueue, AFirstJobAfterARestDoesNotWait) {
    const auto queue = make_queue({32, 1h});
    asio::io_context loop;
    for (int i = 0; i < 2; ++i) {
        Taker taker(queue, false);
        EXPECT_TRUE(push(*queue, loop.get_executor()));
        EXPECT_EQ(taker.took(), 1U);
    }
}

TEST(JobQueue, TheFirstJobAfterAGatheringWakesAgain) {
    const auto queue = make_queue({32, 1us});
    EXPECT_TRUE(push(*queue));
    EXPECT_EQ(queue->take(std::chrono::steady_clock::now() + 1h).size(), 1U);
    Taker taker(queue, false);
    EXPECT_TRUE(push(*queue));
    EXPECT_EQ(taker.took(), 1U);
}

TEST(JobQueue, GathersAsLongAsEachTurnOfTheLoopPushes) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 8);
    Taker taker(queue, true);
    asio::io_context loop;
    int turns = 0;
    std::function<void()> turn = [&] {
        EXPECT_TRUE(push(*queue, loop.get_executor()));
        EXPECT_TRUE(taker.gathers()) << turns;
        if (++turns < 20) {
            asio::post(loop, turn);
        }
    };
    asio::post(loop, turn);
    loop.run();
    EXPECT_EQ(taker.took(), 20U);
}

TEST(JobQueue, ALoopThatHasPushedHalfOfTheLastBatchAndRestsEndsAGathering) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 8);
    Taker taker(queue, true);
    asio::io_context loop;
    for (int i = 0; i < 3; ++i) {  // of less, one would be made at once that is hardly worth a sync
        asio::post(loop, [&] { EXPECT_TRUE(push(*queue, loop.get_executor())); });
    }
    loop.run();
    ASSERT_TRUE(taker.gathers());
    asio::post(loop, [&] { EXPECT_TRUE(push(*queue, loop.get_executor())); });
    loop.restart();
    loop.run();
    EXPECT_EQ(taker.took(), 4U);
}

TEST(JobQueue, AThreadThatWaitsForItsJobIsNoReasonToGather) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 2);
    Taker taker(queue, true);
    EXPECT_TRUE(push(*queue));  // without an executor: nobody pushes another
    EXPECT_EQ(taker.took(), 1U);
}

TEST(JobQueue, ALoopThatIsDestroyedIsNoReasonToGather) {
    const auto queue = make_queue({32, 1h});
    take_at_once(*queue, 2);
    Taker taker(queue, true);
    auto loop = std::make_unique<asio::io_context>();
    EXPECT_TRUE(push(*queue, loop->get_executor()));
    ASSERT_TRUE(taker.gathers());
    loop.reset();
    EXPECT_EQ(taker.took(), 1U);
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
    Taker taker(queue, true);
    EXPECT_TRUE(push(*queue, loop.get_executor()));
    ASSERT_TRUE(taker.gathers());
    queue->close();
    EXPECT_EQ(taker.took(), 1U);
    EXPECT_FALSE(push(*queue));
    EXPECT_TRUE(queue->take().empty());
}

// Work that finds no memory when it is moved for the nth time.
struct Unmovable {
    int* moves_left;
    explicit Unmovable(int* left) : moves_left(left) {}
    Unmovable(Unmovable&& other) : moves_left(other.moves_left) {
        if (--*moves_left == 0) {
            throw std::bad_alloc();
        }
    }
    Unmovable(const Unmovable& other) = delete;
    Unmovable& operator=(const Unmovable&) = delete;
    Unmovable& operator=(Unmovable&&) = delete;
    ~Unmovable() = default;
    Result<int> operator()(Nothing&) const { return 7; }
};

asio::awaitable<std::string> outcome_of(Queue& queue, int& moves_left) {
    try {
        const Result<int> result = co_await submit<int>(queue, Unmovable(&moves_left));
        co_return result ? "done" : result.error().context();
    } catch (const std::bad_alloc&) {
        co_return "thrown";
    }
}

// The waiter hears of it, wherever the memory ends; the loop goes on.
TEST(JobQueue, WithoutMemoryOnlyTheOperationFails) {
    std::vector<std::string> outcomes;
    while (outcomes.empty() || outcomes.back() != "done") {
        ASSERT_LT(outcomes.size(), 20U);
        Queue queue(1);
        asio::io_context loop;
        int moves_left = static_cast<int>(outcomes.size()) + 1;
        asio::co_spawn(
            loop,
            [&]() -> asio::awaitable<void> {
                outcomes.push_back(co_await outcome_of(queue, moves_left));
            },
            asio::detached);
        asio::post(loop, [&] {
            if (queue.size() > 0) {
                Nothing side;
                const auto taken = queue.take();
                taken.front()->run(side);
                taken.front()->resume();
            }
        });
        const std::size_t before = outcomes.size();
        ASSERT_NO_THROW(loop.run());
        ASSERT_EQ(outcomes.size(), before + 1);
    }
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "out of memory"), 1);
}

TEST(JobQueue, AFullQueueRefuses) {
    Queue queue(1);
    EXPECT_TRUE(push(queue));
    EXPECT_FALSE(push(queue));
    EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace gw::store
