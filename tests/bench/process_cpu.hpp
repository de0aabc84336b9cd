#pragma once
// SPDX-License-Identifier: Apache-2.0
// Processor time that a process has used so far, all threads, from /proc.
#include <chrono>

namespace gw::bench {

// Nothing used when there is no such process.
std::chrono::microseconds cpu_used_by(int pid);

}  // namespace gw::bench
