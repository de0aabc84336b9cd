#pragma once
// SPDX-License-Identifier: Apache-2.0
// How late the application's thread is: the proof that nothing blocks it.
#include "gateway/ports/clock.hpp"
#include "gateway/ports/metrics.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::app {

// Measures four times a second how much later than asked a wait ends (gateway_loop_lag_seconds).
// Runs until cancelled.
boost::asio::awaitable<void> watch_loop_lag(ports::Clock& clock, ports::Metrics& metrics);

}  // namespace gw::app
