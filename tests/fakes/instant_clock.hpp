#pragma once
// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until it is told to move, and whose waits are over at once: a sleep
// moves it to the deadline and is written down. For code with a single coroutine; one thread.
#include "gateway/ports/clock.hpp"

#include <functional>
#include <vector>

namespace gw::fakes {

class InstantClock final : public ports::Clock {
public:
    UtcTime utc_now = utc_from_micros(1'763'868'630'000'000);  // 2025-11-23T03:30:30Z
    MonoTime mono_now{std::chrono::hours{1}};
    std::vector<std::chrono::milliseconds> sleeps;
    std::function<bool()> cancels;  // asked at each sleep: true cancels the wait

    [[nodiscard]] UtcTime utc() const override { return utc_now; }
    [[nodiscard]] MonoTime mono() const override { return mono_now; }
    boost::asio::awaitable<bool> sleep_until(MonoTime deadline) override {
        if (cancels && cancels()) {
            co_return false;
        }
        if (deadline > mono_now) {
            sleeps.push_back(std::chrono::round<std::chrono::milliseconds>(deadline - mono_now));
            advance(deadline - mono_now);
        }
        co_return true;
    }

    void advance(MonoTime::duration time) {
        mono_now += time;
        utc_now += std::chrono::duration_cast<std::chrono::microseconds>(time);
    }
};

}  // namespace gw::fakes
