#pragma once
// SPDX-License-Identifier: Apache-2.0
// When to try a webhook again. The random number is given, so the schedule is a pure function.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace gw {

// The wait after attempt number `attempt` (from 1) has failed: its step of the schedule, made
// longer by jitter × uniform, uniform in [0, 1); a receiver's hint is honoured up to max(1 h, 2 ×
// step). Nothing when that was the last attempt.
std::optional<std::chrono::milliseconds> wait_after_attempt(
    std::uint32_t attempt, std::span<const std::chrono::seconds> schedule, double jitter,
    double uniform, std::optional<std::chrono::seconds> retry_after);

}  // namespace gw
