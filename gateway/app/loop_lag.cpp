#include "gateway/app/loop_lag.hpp"

namespace gw::app {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): both outlive every task.
boost::asio::awaitable<void> watch_loop_lag(ports::Clock& clock, ports::Metrics& metrics) {
    constexpr std::chrono::milliseconds period{250};
    ports::Histogram& lag =
        metrics.histogram({"gateway_loop_lag_seconds",
                           "How much later than asked the application's thread woke up."});
    while (true) {
        const MonoTime due = clock.mono() + period;
        if (!co_await clock.sleep_until(due)) {
            co_return;
        }
        lag.observe(std::chrono::duration<double>(clock.mono() - due).count());
    }
}

}  // namespace gw::app
