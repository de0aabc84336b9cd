#include "tests/fakes/manual_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gw::fakes {
namespace asio = boost::asio;

asio::awaitable<bool> ManualClock::sleep_until(MonoTime deadline) {
    if (deadline <= mono_) {
        co_return true;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    const Key key{deadline, next_++};
    sleepers_.emplace(key, &timer);
    struct Leave {
        ManualClock* clock;
        Key key;
        ~Leave() { clock->sleepers_.erase(key); }
    } leave{this, key};
    (void)co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return mono_ >= deadline;
}

void ManualClock::settle() {
    io_->restart();
    while (io_->poll() > 0) {
        io_->restart();
    }
}

void ManualClock::move_to(MonoTime at) {
    utc_ += std::chrono::duration_cast<std::chrono::microseconds>(at - mono_);
    mono_ = at;
}

void ManualClock::advance(MonoTime::duration time) {
    const MonoTime end = mono_ + time;
    settle();
    while (!sleepers_.empty() && sleepers_.begin()->first.first <= end) {
        move_to(std::max(mono_, sleepers_.begin()->first.first));
        asio::steady_timer* timer = sleepers_.begin()->second;
        sleepers_.erase(sleepers_.begin());
        timer->cancel();
        settle();
    }
    move_to(end);
    settle();
}

}  // namespace gw::fakes
