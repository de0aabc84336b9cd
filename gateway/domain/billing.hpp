#pragma once
// SPDX-License-Identifier: Apache-2.0
// From times to seconds, minutes and money. Integers only; each shown amount is rounded once, the
// total from the exact sum. CONTRACT "Calls": 127 s at 0.25 and 0.22 is 2.12, 0.5300 and 0.4664.
#include "gateway/domain/call.hpp"

namespace gw {

// Whole seconds from a to b, half up; 0 when b is before a.
std::int64_t seconds_between(UtcTime a, UtcTime b);

// Of a final call: its duration. Of a live one: what it is at `now`; 0 before it was answered.
std::int64_t running_duration_seconds(const Call& call, UtcTime now);

// What a call of that duration costs; recording only when there is one, transfer by its own
// duration.
Costs costs_of(const Call& call, std::int64_t duration_seconds);

// Fills duration, minutes and costs of a call that has just ended.
void bill(Call& call);

}  // namespace gw
