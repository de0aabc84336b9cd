#include "gateway/app/carrier_checks.hpp"

namespace gw::app {
namespace asio = boost::asio;

namespace {
// Enough to sweep 10,000 calls in half a minute at 50 ms an answer, few enough not to crowd out
// commands.
constexpr std::size_t in_flight_max = 16;
}  // namespace

CarrierChecks::CarrierChecks(asio::any_io_executor executor, ports::TelnyxCommands& telnyx,
                             CallRegistry& registry, ports::Log& log)
    : telnyx_(telnyx), registry_(registry), log_(log), tasks_(executor, [this](auto what) {
          log_.error("carrier_check_failed", {{"what", what}});
      }) {}

void CarrierChecks::ask(CallId call, const CallControlId& leg) {
    if (asked_.contains({call, leg})) {
        return;
    }
    queue_.emplace_back(call, leg);
    try {
        asked_.emplace(call, leg);
    } catch (...) {
        queue_.pop_back();
        throw;
    }
    if (workers_ < in_flight_max) {
        ++workers_;
        try {
            tasks_.spawn(work());
        } catch (...) {
            --workers_;
            throw;
        }
    }
}

// A check that fails is over: the call's timer asks for the next one. The worker goes on.
asio::awaitable<void> CarrierChecks::work() {
    while (!queue_.empty()) {
        const auto [call, leg] = queue_.front();
        queue_.pop_front();
        try {
            co_await check(call, leg);
        } catch (const std::exception& error) {
            asked_.erase({call, leg});
            if (stopping_) {
                break;
            }
            log_.error("carrier_check_failed", {{"what", error.what()}});
        }
    }
    --workers_;
}

asio::awaitable<void> CarrierChecks::check(CallId call, CallControlId leg) {
    const Call* known = registry_.find(call);
    if (!known || known->is_final()) {
        asked_.erase({call, leg});
        co_return;
    }
    CarrierStatus status = co_await telnyx_.status(leg);
    asked_.erase({call, leg});
    registry_.submit(call, std::move(status));
}

asio::awaitable<void> CarrierChecks::stop() {
    stopping_ = true;
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace gw::app
