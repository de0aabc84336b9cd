#pragma once
// SPDX-License-Identifier: Apache-2.0
// Counts refused signatures per address in windows of a minute, so that a flood of forged webhooks
// does not buy a signature verification each. Bounded: when the table is full, windows that are
// over go first, then any one entry; a forgotten attacker starts a new count. One thread.
#include "gateway/app/peer_subject.hpp"
#include "gateway/domain/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace gw::telnyx {

class FailureLimiter {
public:
    // More than `failures_max` in a window block the address for the rest of it; 0 switches the
    // limiter off.
    FailureLimiter(std::uint32_t failures_max, std::size_t addresses_max);

    [[nodiscard]] bool is_blocked(std::string_view address, MonoTime now) const;
    void count_failure(std::string_view address, MonoTime now);
    [[nodiscard]] std::size_t size() const { return windows_.size(); }

private:
    struct Window {
        MonoTime begin;
        std::uint32_t failures = 0;
    };
    void make_room(MonoTime now);

    std::uint32_t failures_max_;
    std::size_t addresses_max_;
    std::unordered_map<app::PeerSubject, Window, app::PeerSubjectHasher> windows_;
    MonoTime swept_at_{};
};

}  // namespace gw::telnyx
