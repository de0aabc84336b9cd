#pragma once
// SPDX-License-Identifier: Apache-2.0
// The kernel's random numbers behind the port. Any thread; ends the process if the kernel has none
// to give, because going on would mean guessable tokens.
#include "gateway/ports/random.hpp"

#include <memory>

namespace gw::obs {

std::unique_ptr<ports::Random> make_system_random();

}  // namespace gw::obs
