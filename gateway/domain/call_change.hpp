#pragma once
// SPDX-License-Identifier: Apache-2.0
// How far two states of one call are apart, so that a store need not write again what stays. Pure.
#include "gateway/domain/call.hpp"

#include <cstdint>

namespace gw {

// Each includes those before it.
enum class CallChange : std::uint8_t {
    course,    // timers, counters, signs of life, what is under way: most events change no more
    outcome,   // status, beginning and end, figures: what lists and sums are made of
    anything,  // who, where and on what terms
};

// The least that covers every field in which they differ. `version` is of the course.
CallChange change_between(const Call& before, const Call& after);

}  // namespace gw
