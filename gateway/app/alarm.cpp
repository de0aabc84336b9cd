#include "gateway/app/alarm.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gw::app {
namespace asio = boost::asio;

Alarm::Alarm(asio::any_io_executor executor, ports::Clock& clock)
    : clock_(clock), condition_(executor, asio::steady_timer::time_point::max()) {}

void Alarm::wake() {
    woken_ = true;
    condition_.cancel();
}

asio::awaitable<void> Alarm::until_woken() {
    // The error is always operation_aborted: woken, or cancelled because the time came first.
    (void)co_await condition_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Alarm::wait(std::optional<MonoTime> at) {
    using namespace asio::experimental::awaitable_operators;
    if (!woken_) {
        if (at) {
            (void)co_await (clock_.sleep_until(*at) || until_woken());
        } else {
            co_await until_woken();
        }
    }
    woken_ = false;
}

}  // namespace gw::app
