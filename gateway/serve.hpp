#pragma once
// SPDX-License-Identifier: Apache-2.0
// The life of the server process: start, signals, drain, stop.
#include "config/settings.hpp"

namespace gw {

// Runs until SIGTERM or SIGINT (or POST /drain) and the drain that follows; a second signal cuts
// the drain short. Gives the exit code: 0 after a drain, 1 when it could not start (said on
// stderr).
int serve(const config::Settings& settings);

}  // namespace gw
