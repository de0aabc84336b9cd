#pragma once
// SPDX-License-Identifier: Apache-2.0
// Counts requests without a good key by the address they come from: over 100 in 15 minutes and the
// next ones are told so. The time slides in steps of a minute, so it is up to a minute longer. An
// IPv6 network of 64 bits is one address, since whoever has one has all of it. Only failures are
// counted and refused here: a good key from the same address passes, because many may share it.
// Bounded: when the table is full, addresses that have been quiet go first, then any one; whoever
// is forgotten starts a new count. One thread.
#include "gateway/app/peer_subject.hpp"
#include "gateway/domain/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace gw::app {

class FailedAuthentications {
public:
    static constexpr std::uint32_t failures_max = 100;
    static constexpr std::chrono::minutes window{15};

    explicit FailedAuthentications(std::size_t addresses_max = 10'000)
        : addresses_max_(addresses_max) {}

    // Counts one failure. When there were too many before, it is not counted, and the time after
    // which the next would be is given.
    std::optional<std::chrono::seconds> count(std::string_view address, MonoTime now);
    [[nodiscard]] std::size_t size() const { return counts_.size(); }

private:
    static constexpr std::int64_t minutes_kept = window.count() + 1;  // the newest is not over
    struct Counts {
        std::array<std::uint8_t, minutes_kept> by_minute{};
        std::int64_t minute = 0;  // the newest one counted; the others follow backwards, in a ring
        [[nodiscard]] std::uint32_t total() const;
        void move_to(std::int64_t minute_now);
        std::uint8_t& of(std::int64_t at);
    };
    void make_room(std::int64_t minute, MonoTime now);

    std::size_t addresses_max_;
    std::unordered_map<PeerSubject, Counts, PeerSubjectHasher> counts_;
    MonoTime swept_at_{};
};

}  // namespace gw::app
