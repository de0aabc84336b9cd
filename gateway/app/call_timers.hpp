#pragma once
// SPDX-License-Identifier: Apache-2.0
// Wakes calls (and parked events) when their earliest timer is due. What is kept here is derived
// from the rows and rebuilt from them at start; losing it loses nothing. One thread.
#include "gateway/app/alarm.hpp"
#include "gateway/domain/ids.hpp"
#include "gateway/ports/clock.hpp"

#include <functional>
#include <map>
#include <unordered_map>

namespace gw::app {

class CallTimers {
public:
    // `due` is called with the leg whose time has come; its entry is gone by then. While `crowded`,
    // nobody's time has come.
    CallTimers(
        boost::asio::any_io_executor executor, ports::Clock& clock,
        std::function<void(const CallControlId& leg)> due,
        std::function<bool()> crowded = [] { return false; });
    // Replaces the leg's time; none removes it.
    void set(const CallControlId& leg, std::optional<UtcTime> at);
    [[nodiscard]] std::size_t size() const { return times_.size(); }
    // Runs until cancelled.
    boost::asio::awaitable<void> run();

private:
    // When a leg is looked at: in order of time, then of setting.
    using Place = std::pair<UtcTime, std::uint64_t>;
    struct Timer {
        UtcTime at;
        Place place;  // not after `at`: a time that moves back is only noted, and seen when due
    };
    void queue(const CallControlId& leg, Timer& timer);

    ports::Clock& clock_;
    Alarm alarm_;
    std::function<void(const CallControlId&)> due_;
    std::function<bool()> crowded_;
    std::unordered_map<CallControlId, Timer> times_;
    std::map<Place, const CallControlId*> by_time_;  // keys of times_
    std::uint64_t settings_ = 0;
};

}  // namespace gw::app
