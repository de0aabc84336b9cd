#pragma once
// SPDX-License-Identifier: Apache-2.0
// A point in monotonic time by which something must be done. Handed down, it only ever shrinks.
#include <algorithm>
#include <chrono>

namespace gw::net {

class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(Clock::time_point at) : at_(at) {}
    static Deadline after(std::chrono::milliseconds span) { return Deadline(Clock::now() + span); }
    static Deadline never() { return Deadline(Clock::time_point::max()); }

    [[nodiscard]] Clock::time_point at() const { return at_; }
    [[nodiscard]] bool passed(Clock::time_point now = Clock::now()) const { return now >= at_; }
    // The earlier of this one and `span` from now.
    [[nodiscard]] Deadline within(std::chrono::milliseconds span) const {
        return Deadline(std::min(at_, Clock::now() + span));
    }

private:
    Clock::time_point at_;
};

}  // namespace gw::net
