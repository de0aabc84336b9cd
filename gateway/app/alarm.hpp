#pragma once
// SPDX-License-Identifier: Apache-2.0
// Waiting until a time or until somebody calls, whichever is first. Nothing is consumed by waiting,
// so neither can be lost. One waiter at a time; one thread.
#include "gateway/ports/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace gw::app {

class Alarm {
public:
    Alarm(boost::asio::any_io_executor executor, ports::Clock& clock);
    // Ends the current wait, or the next one at once.
    void wake();
    // Returns at `at`, on wake(), or when the coroutine is cancelled. Without `at` only on the
    // latter two.
    boost::asio::awaitable<void> wait(std::optional<MonoTime> at);

private:
    boost::asio::awaitable<void> until_woken();

    ports::Clock& clock_;
    boost::asio::steady_timer condition_;
    bool woken_ = false;
};

}  // namespace gw::app
