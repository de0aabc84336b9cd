#pragma once
// SPDX-License-Identifier: Apache-2.0
// The machine's clock and timers behind the port. Waits run on the executor of the coroutine that
// awaits.
#include "gateway/ports/clock.hpp"

#include <memory>

namespace gw::obs {

std::unique_ptr<ports::Clock> make_system_clock();

}  // namespace gw::obs
