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
    if (!asked_.insert(call).second) {
        return;
    }
    queue_.emplace_back(call, leg);
    if (workers_ < in_flight_max) {
        ++workers_;
        tasks_.spawn(work());
    }
}

asio::awaitable<void> CarrierChecks::work() {
    while (!queue_.empty()) {
        const auto [call, leg] = queue_.front();
        queue_.pop_front();
        const Call* known = registry_.find(call);
        if (known && !known->is_final()) {
            CarrierStatus status = co_await telnyx_.status(leg);
            asked_.erase(call);
            registry_.submit(call, std::move(status));
        } else {
            asked_.erase(call);
        }
    }
    --workers_;
}

asio::awaitable<void> CarrierChecks::stop() {
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace gw::app
