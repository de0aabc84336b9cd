#pragma once
// SPDX-License-Identifier: Apache-2.0
// Wakes calls (and parked events) when their earliest timer is due. What is kept here is derived
// from the rows and rebuilt from them at start; losing it loses nothing. One thread.
#include "gateway/app/alarm.hpp"
#include "gateway/domain/ids.hpp"
#include "gateway/ports/clock.hpp"

#include <functional>
#include <set>
#include <unordered_map>

namespace gw::app {

class CallTimers {
public:
    // `due` is called with the leg whose time has come; its entry is gone by then.
    CallTimers(boost::asio::any_io_executor executor, ports::Clock& clock,
               std::function<void(const CallControlId& leg)> due);
    // Replaces the leg's time; none removes it.
    void set(const CallControlId& leg, std::optional<UtcTime> at);
    [[nodiscard]] std::size_t size() const { return by_time_.size(); }
    // Runs until cancelled.
    boost::asio::awaitable<void> run();

private:
    ports::Clock& clock_;
    Alarm alarm_;
    std::function<void(const CallControlId&)> due_;
    std::set<std::pair<UtcTime, CallControlId>> by_time_;
    std::unordered_map<CallControlId, UtcTime> times_;
};

}  // namespace gw::app
