#include "gateway/app/call_timers.hpp"

#include <boost/asio/this_coro.hpp>

namespace gw::app {
namespace asio = boost::asio;

CallTimers::CallTimers(asio::any_io_executor executor, ports::Clock& clock,
                       std::function<void(const CallControlId&)> due)
    : clock_(clock), alarm_(std::move(executor), clock), due_(std::move(due)) {}

void CallTimers::set(const CallControlId& leg, std::optional<UtcTime> at) {
    const auto known = times_.find(leg);
    if (known != times_.end()) {
        if (at && *at == known->second) {
            return;
        }
        by_time_.erase({known->second, leg});
        times_.erase(known);
    }
    if (!at) {
        return;
    }
    times_.emplace(leg, *at);
    const auto [place, inserted] = by_time_.emplace(*at, leg);
    if (inserted && place == by_time_.begin()) {
        alarm_.wake();
    }
}

asio::awaitable<void> CallTimers::run() {
    while (true) {
        const UtcTime now = clock_.utc();
        while (!by_time_.empty() && by_time_.begin()->first <= now) {
            const CallControlId leg = by_time_.begin()->second;
            by_time_.erase(by_time_.begin());
            times_.erase(leg);
            due_(leg);
        }
        std::optional<MonoTime> next;
        if (!by_time_.empty()) {
            next = clock_.mono() + (by_time_.begin()->first - now);
        }
        co_await alarm_.wait(next);
    }
}

}  // namespace gw::app
