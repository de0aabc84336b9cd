#pragma once
// SPDX-License-Identifier: Apache-2.0
// Work that a coroutine hands to a thread of the store, and how it comes back: the coroutine
// resumes on the executor it was waiting on. One posted function carries all that a batch
// completed. Private to this folder.
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace gw::store {

namespace asio = boost::asio;

class Job {
public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    virtual void fail(const Error& error) = 0;  // replaces the result of an earlier run
    virtual void
    resume() = 0;  // hands the result over: on `executor`, or at once when there is none
    asio::any_io_executor executor;
    MonoTime queued_at;
};

// `Side` is what the thread has: its connection and statements.
template <class Side>
class JobFor : public Job {
public:
    // May be repeated when the transaction around it was rolled back.
    virtual void run(Side& side) = 0;
};

// Resumes each; jobs that wait on the same executor travel together.
void resume_all(std::vector<std::unique_ptr<Job>> done);

template <class Side>
using Jobs = std::vector<std::unique_ptr<JobFor<Side>>>;

// Runs `turn` at the end of each turn of the executor's loop until it gives false: what the loop
// had to do when it was posted is done by then. Without memory for another turn, and when the loop
// is destroyed, it is destroyed without a word.
void each_turn(const asio::any_io_executor& loop, std::function<bool()> turn);

// How a taker waits for company after the first job: until so many wait, or so long; or until the
// loop that pushes has nothing more to push for now (a whole turn of it went by without one) and
// half as many wait as it was given last. So a busy loop fills its batches, and a loop that waits
// for their results does not wait longer.
struct Gathering {
    std::size_t jobs_enough = 1;
    std::chrono::microseconds time_max{0};
};

// Bounded; when full, or without memory for more, `push` refuses and leaves the job to the caller.
// One thread takes. One that gathers belongs to a shared_ptr.
template <class Side>
class JobQueue : public std::enable_shared_from_this<JobQueue<Side>> {
public:
    explicit JobQueue(std::size_t size_max, Gathering gathering = {})
        : size_max_(size_max), gathering_(gathering) {}

    bool push(std::unique_ptr<JobFor<Side>>& job) {
        asio::any_io_executor loop;
        std::unique_lock lock(mutex_);
        if (closed_ || waiting_.size() >= size_max_) {
            return false;
        }
        const bool was_ready = is_ready();
        try {
            waiting_.push_back(std::move(job));
        } catch (const std::bad_alloc&) {
            return false;
        }
        was_pushed_ = true;
        if (!loop_is_busy_ && gathering_.jobs_enough > 1 && waiting_.back()->executor) {
            loop_is_busy_ = true;
            loop = waiting_.back()->executor;
        }
        const bool wake = !was_ready && is_ready();
        lock.unlock();  // or the woken thread would only wait for the lock
        if (wake) {
            ready_.notify_one();
        }
        if (loop) {
            watch(loop);
        }
        return true;
    }

    // All that waits; blocks while there is nothing. A first job that comes before `gather_until`
    // waits for company. Empty: closed, and nothing will come.
    Jobs<Side> take(MonoTime gather_until = MonoTime::min()) {
        std::unique_lock lock(mutex_);
        const auto ready = [this] { return is_ready(); };
        ready_.wait(lock, ready);
        const auto now = std::chrono::steady_clock::now();
        if (now < gather_until) {
            is_gathering_ = true;
            ready_.wait_until(lock, now + gathering_.time_max, ready);
            is_gathering_ = false;
        }
        Jobs<Side> taken;
        taken.reserve(size_max_ < 64 ? size_max_ : 64);
        taken.swap(waiting_);
        taken_last_ = taken.size();
        return taken;
    }

    // Waits a while, or until the queue is closed.
    void pause(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, time, [this] { return closed_; });
    }

    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        ready_.notify_all();
    }

    [[nodiscard]] std::size_t size() {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }
    // A taker has its first job and waits for company.
    [[nodiscard]] bool is_gathering() {
        const std::lock_guard lock(mutex_);
        return is_gathering_;
    }

private:
    [[nodiscard]] bool is_ready() const {
        std::size_t enough = 1;
        if (is_gathering_) {
            enough = loop_is_busy_
                         ? gathering_.jobs_enough
                         : std::clamp<std::size_t>(taken_last_ / 2, 1, gathering_.jobs_enough);
        }
        return closed_ || waiting_.size() >= enough;
    }

    // Over when the loop rests, and when it can be watched no more: it was destroyed, or there is
    // no memory for it. Then the next push tries again.
    struct Watch {
        std::weak_ptr<JobQueue> queue;
        bool is_over = false;

        explicit Watch(std::weak_ptr<JobQueue> of) : queue(std::move(of)) {}
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch() {
            if (const auto left = is_over ? nullptr : queue.lock()) {
                left->loop_rests();
            }
        }
        bool goes_on() {
            const auto left = queue.lock();
            is_over = !left || !left->loop_goes_on();
            return !is_over;
        }
    };

    void watch(const asio::any_io_executor& loop) noexcept {
        try {
            each_turn(loop, [watch = std::make_shared<Watch>(this->weak_from_this())] {
                return watch->goes_on();
            });
        } catch (const std::bad_alloc&) {
            loop_rests();
        }
    }

    bool loop_goes_on() {
        std::unique_lock lock(mutex_);
        if (std::exchange(was_pushed_, false)) {
            return true;
        }
        rest(std::move(lock));
        return false;
    }
    void loop_rests() { rest(std::unique_lock(mutex_)); }

    void rest(std::unique_lock<std::mutex> lock) {
        loop_is_busy_ = false;
        const bool wake = is_ready();
        lock.unlock();
        if (wake) {
            ready_.notify_one();
        }
    }

    const std::size_t size_max_;
    const Gathering gathering_;
    std::mutex mutex_;
    std::condition_variable ready_;
    Jobs<Side> waiting_;
    std::size_t taken_last_ = 0;
    bool was_pushed_ = false;    // since the loop's last turn
    bool loop_is_busy_ = false;  // while its turns are watched
    bool is_gathering_ = false;
    bool closed_ = false;
};

template <class Side, class T, class Work, class Handler>
class AwaitedJob final : public JobFor<Side> {
public:
    // When the work cannot be moved, the handler stays the caller's.
    AwaitedJob(Work&& work, Handler&& handler)
        : work_(std::move(work)), handler_(std::move(handler)) {}
    void run(Side& side) override { result_ = work_(side); }
    void fail(const Error& error) override { result_ = error; }
    void resume() override {
        Handler handler(std::move(handler_));
        std::move(handler)(std::move(result_));
    }

private:
    Work work_;
    Handler handler_;
    Result<T> result_ = Error(Errc::internal, "the store has not run this");
};

struct SubmitAwaited {
    // An exception from here would not reach the coroutine, which is suspended, but end its event
    // loop: without memory the operation fails, and its waiter goes on at once.
    template <class Handler, class Side, class T, class Work>
    void operator()(Handler handler, JobQueue<Side>* queue, Result<T>*, Work&& work) const {
        std::unique_ptr<JobFor<Side>> job = make_job<Side, T>(std::move(work), handler);
        if (!job) {
            std::move(handler)(Result<T>(Error(Errc::full, "out of memory")));
        } else if (!queue->push(job)) {
            job->fail(Error(Errc::full, "the store's queue is full"));
            std::vector<std::unique_ptr<Job>> refused;
            refused.push_back(std::move(job));
            resume_all(std::move(refused));
        }
    }

private:
    // Null, and the handler left alone, without memory.
    template <class Side, class T, class Work, class Handler>
    static std::unique_ptr<JobFor<Side>> make_job(Work&& work, Handler& handler) {
        try {
            // Counted as work of the executor, or its loop could end while this waits.
            auto executor =
                asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                             asio::execution::outstanding_work.tracked);
            std::unique_ptr<JobFor<Side>> job =
                std::make_unique<AwaitedJob<Side, T, Work, Handler>>(std::move(work),
                                                                     std::move(handler));
            job->executor = std::move(executor);
            job->queued_at = std::chrono::steady_clock::now();
            return job;
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }
};

// Runs `work(side)` on the queue's thread; not to be cancelled once it waits.
template <class T, class Side, class Work>
asio::awaitable<Result<T>> submit(JobQueue<Side>& queue, Work work) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        SubmitAwaited{}, asio::use_awaitable, &queue, static_cast<Result<T>*>(nullptr),
        std::move(work));
}

// The same for a thread that may block.
template <class Side, class T, class Work>
class BlockingJob final : public JobFor<Side> {
public:
    BlockingJob(Work work, std::promise<Result<T>> promise)
        : work_(std::move(work)), promise_(std::move(promise)) {}
    void run(Side& side) override { result_ = work_(side); }
    void fail(const Error& error) override { result_ = error; }
    void resume() override { promise_.set_value(std::move(result_)); }

private:
    Work work_;
    std::promise<Result<T>> promise_;
    Result<T> result_ = Error(Errc::internal, "the store has not run this");
};

template <class T, class Side, class Work>
Result<T> submit_blocking(JobQueue<Side>& queue, Work work) {
    std::promise<Result<T>> promise;
    auto future = promise.get_future();
    std::unique_ptr<JobFor<Side>> job =
        std::make_unique<BlockingJob<Side, T, Work>>(std::move(work), std::move(promise));
    job->queued_at = std::chrono::steady_clock::now();
    if (!queue.push(job)) {
        return Error(Errc::full, "the store's queue is full");
    }
    return future.get();
}

// Not waited for, dropped when it cannot be done.
template <class Side, class Work>
class UnawaitedJob final : public JobFor<Side> {
public:
    explicit UnawaitedJob(Work work) : work_(std::move(work)) {}
    void run(Side& side) override { static_cast<void>(work_(side)); }
    void fail(const Error&) override {}
    void resume() override {}

private:
    Work work_;
};

template <class Side, class Work>
void submit_unawaited(JobQueue<Side>& queue, Work work) {
    std::unique_ptr<JobFor<Side>> job = std::make_unique<UnawaitedJob<Side, Work>>(std::move(work));
    job->queued_at = std::chrono::steady_clock::now();
    queue.push(job);
}

}  // namespace gw::store
