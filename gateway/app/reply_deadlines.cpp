// SPDX-License-Identifier: Apache-2.0
#include "gateway/app/reply_deadlines.hpp"

#include <utility>

namespace gw::app {
namespace asio = boost::asio;

ReplyDeadlines::ReplyDeadlines(asio::any_io_executor executor, ports::Clock& clock,
                               std::chrono::milliseconds within)
    : clock_(clock), within_(within), alarm_(std::move(executor), clock) {}

ReplyHandler ReplyDeadlines::watch(ReplyHandler done) {
    auto shared = std::make_shared<ReplyHandler>(std::move(done));
    drop_answered();
    if (idle_) {
        alarm_.wake();
    }
    waiting_.push_back({.until = clock_.mono() + within_, .done = shared});
    return ReplyHandler([shared = std::move(shared)](Result<Reply> reply) {
        if (*shared) {
            std::move (*shared)(std::move(reply));  // and is empty then
        }
    });
}

void ReplyDeadlines::drop_answered() {
    while (!waiting_.empty() && !*waiting_.front().done) {
        waiting_.pop_front();
    }
}

asio::awaitable<void> ReplyDeadlines::run() {
    while (true) {
        drop_answered();
        if (waiting_.empty()) {
            idle_ = true;
            co_await alarm_.wait(std::nullopt);
            idle_ = false;
            continue;
        }
        if (waiting_.front().until > clock_.mono()) {
            co_await alarm_.wait(waiting_.front().until);
            continue;
        }
        const auto late = std::move(waiting_.front().done);
        waiting_.pop_front();
        std::move (*late)(Error(Errc::unavailable, "the store did not keep it in time"));
    }
}

}  // namespace gw::app
