#pragma once
// SPDX-License-Identifier: Apache-2.0
// Asks the carrier whether calls still live, a few at a time, and gives the answers to the calls.
// What waits here is not durable: the calls' check timers bring it back. One thread.
#include "gateway/app/call_registry.hpp"
#include "gateway/net/task_group.hpp"
#include "gateway/ports/telnyx_commands.hpp"

#include <deque>
#include <set>
#include <utility>

namespace gw::app {

class CarrierChecks {
public:
    CarrierChecks(boost::asio::any_io_executor executor, ports::TelnyxCommands& telnyx,
                  CallRegistry& registry, ports::Log& log);
    // Each leg of a call is asked about once at a time; more than `in_flight_max` wait their turn.
    void ask(CallId call, const CallControlId& leg);
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
    boost::asio::awaitable<void> stop();

private:
    boost::asio::awaitable<void> work();
    boost::asio::awaitable<void> check(CallId call, CallControlId leg);

    ports::TelnyxCommands& telnyx_;
    CallRegistry& registry_;
    ports::Log& log_;
    std::deque<std::pair<CallId, CallControlId>> queue_;
    std::set<std::pair<CallId, CallControlId>> asked_;
    std::size_t workers_ = 0;
    bool stopping_ = false;
    net::TaskGroup tasks_;
};

}  // namespace gw::app
