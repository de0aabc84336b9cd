// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/job.hpp"

#include <boost/asio/post.hpp>

namespace gw::store {
namespace {

// The posted function. A coroutine that throws out of its resumption must not take its neighbours'
// results with it: what is left is posted anew.
class ResumeBatch {
public:
    ResumeBatch(asio::any_io_executor executor, std::vector<std::unique_ptr<Job>> jobs)
        : executor_(std::move(executor)), jobs_(std::move(jobs)) {}

    void operator()() {
        for (; next_ < jobs_.size(); ++next_) {
            const std::unique_ptr<Job> job = std::move(jobs_[next_]);
            try {
                job->resume();
            } catch (...) {
                ++next_;
                if (next_ < jobs_.size()) {
                    asio::post(executor_, ResumeBatch(std::move(*this)));
                }
                throw;
            }
        }
    }

private:
    asio::any_io_executor executor_;
    std::vector<std::unique_ptr<Job>> jobs_;
    std::size_t next_ = 0;
};

}  // namespace

void each_turn(const asio::any_io_executor& loop, std::function<bool()> turn) {
    asio::post(loop, [loop, turn = std::move(turn)]() mutable {
        if (turn()) {
            try {
                each_turn(loop, std::move(turn));
            } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): destroying it tells
            }
        }
    });
}

void resume_all(std::vector<std::unique_ptr<Job>> done) {
    std::vector<std::unique_ptr<Job>> together;
    asio::any_io_executor executor;
    const auto flush = [&together, &executor] {
        if (!together.empty()) {
            asio::post(executor, ResumeBatch(executor, std::exchange(together, {})));
        }
    };
    for (auto& job : done) {
        if (!job->executor) {
            job->resume();
            continue;
        }
        if (job->executor != executor) {
            flush();
            executor = job->executor;
        }
        together.push_back(std::move(job));
    }
    flush();
}

}  // namespace gw::store
