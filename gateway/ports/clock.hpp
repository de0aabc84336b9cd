#pragma once
// SPDX-License-Identifier: Apache-2.0
// Time as the application sees it: what the wall says, what has passed, and waiting. Nobody above
// the adapters asks the operating system. `utc` and `mono` may be called from any thread;
// `sleep_until` belongs to the executor of the coroutine that awaits it.
#include "gateway/domain/time.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::ports {

class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    // For timestamps that people and peers read. May step back when the machine's clock is set.
    [[nodiscard]] virtual UtcTime utc() const = 0;
    // For deadlines. Never steps back; means nothing outside this process.
    [[nodiscard]] virtual MonoTime mono() const = 0;

    // True when `deadline` has come (at once if it has passed), false when the wait was cancelled.
    // As with every awaitable, a coroutine that was cancelled before it awaits this one gets
    // operation_aborted thrown instead, unless it has set throw_if_cancelled(false).
    virtual boost::asio::awaitable<bool> sleep_until(MonoTime deadline) = 0;
    boost::asio::awaitable<bool> sleep_for(MonoTime::duration time) {
        return sleep_until(mono() + time);
    }
};

}  // namespace gw::ports
