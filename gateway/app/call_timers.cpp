#include "gateway/app/call_timers.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

// What is due and has to wait, because others are at work, is looked at again so soon.
constexpr std::chrono::milliseconds shortest_wait{2};

}  // namespace

CallTimers::CallTimers(asio::any_io_executor executor, ports::Clock& clock,
                       std::function<void(const CallControlId&)> due, std::function<bool()> crowded)
    : clock_(clock),
      alarm_(std::move(executor), clock),
      due_(std::move(due)),
      crowded_(std::move(crowded)) {}

void CallTimers::set(const CallControlId& leg, std::optional<UtcTime> at) {
    if (!at) {
        if (const auto known = times_.find(leg); known != times_.end()) {
            by_time_.erase(known->second.place);
            times_.erase(known);
        }
        return;
    }
    const auto [known, is_new] = times_.try_emplace(leg);
    Timer& timer = known->second;
    timer.at = *at;
    if (!is_new) {
        if (timer.place.first <= *at) {
            return;  // every event of a live call moves its time back a little
        }
        by_time_.erase(timer.place);
    }
    queue(known->first, timer);
    if (by_time_.begin()->first == timer.place) {
        alarm_.wake();
    }
}

void CallTimers::queue(const CallControlId& leg, Timer& timer) {
    timer.place = {timer.at, ++settings_};
    by_time_.emplace(timer.place, &leg);
}

asio::awaitable<void> CallTimers::run() {
    while (true) {
        const UtcTime now = clock_.utc();
        while (!by_time_.empty() && by_time_.begin()->first.first <= now && !crowded_()) {
            const auto known = times_.find(*by_time_.begin()->second);
            by_time_.erase(by_time_.begin());
            if (known->second.at > now) {
                queue(known->first, known->second);
                continue;
            }
            const CallControlId leg = known->first;
            times_.erase(known);
            due_(leg);
        }
        std::optional<MonoTime> next;
        if (!by_time_.empty()) {
            const auto wait = by_time_.begin()->first.first - now;
            next = clock_.mono() + std::max<std::chrono::microseconds>(wait, shortest_wait);
        }
        co_await alarm_.wait(next);
    }
}

}  // namespace gw::app
