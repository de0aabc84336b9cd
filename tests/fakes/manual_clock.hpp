#pragma once
// SPDX-License-Identifier: Apache-2.0
// Time that passes only when told. Sleepers wake in the order of their deadlines, ties in the order
// in which they went to sleep, so a run is the same run every time. One thread; the io_context is
// polled by hand.
#include "gateway/ports/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <utility>

namespace gw::fakes {

class ManualClock final : public ports::Clock {
public:
    explicit ManualClock(boost::asio::io_context& io) : io_(&io) {}
    // From now on another process lives on this clock; the sleepers of the former one never wake.
    void move_into(boost::asio::io_context& io) {
        io_ = &io;
        sleepers_.clear();
    }

    [[nodiscard]] UtcTime utc() const override { return utc_; }
    [[nodiscard]] MonoTime mono() const override { return mono_; }
    boost::asio::awaitable<bool> sleep_until(MonoTime deadline) override;

    // Runs all that is ready, without letting time pass.
    void settle();
    // Lets `time` pass, waking every sleeper at its own moment.
    void advance(MonoTime::duration time);
    // The machine's clock is set: the wall says another time, nothing has passed.
    void set_wall(std::chrono::microseconds by) { utc_ += by; }
    [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }

private:
    using Key = std::pair<MonoTime, std::uint64_t>;
    void move_to(MonoTime at);

    boost::asio::io_context* io_;
    UtcTime utc_ = utc_from_micros(1'768'471'200'000'000);  // 2026-01-15T10:00:00Z
    MonoTime mono_{std::chrono::hours{1}};
    std::uint64_t next_ = 0;
    std::map<Key, boost::asio::steady_timer*> sleepers_;
};

}  // namespace gw::fakes
