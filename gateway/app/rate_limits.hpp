#pragma once
// SPDX-License-Identifier: Apache-2.0
// How many requests an organisation may make a minute, by its tier. A minute begins with the first
// request after the last one ended; enterprise has no limit and is not counted. Bounded by the
// organisations there are: ended minutes are swept. One thread.
#include "gateway/domain/ids.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/directory.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace gw::app {

// None: no limit.
std::optional<std::uint32_t> requests_per_minute(ports::Tier tier);

struct RateStanding {
    std::uint32_t limit = 0;
    std::uint32_t remaining = 0;
    UtcTime reset;  // when the minute ends, in whole seconds
    // Set when this request is over the limit: after how long the next minute begins.
    std::optional<std::chrono::seconds> retry_after;
};

class RateLimits {
public:
    explicit RateLimits(const ports::Clock& clock) : clock_(clock) {}
    // Counts one request. Nothing for a tier without a limit.
    std::optional<RateStanding> count(OrgId org, ports::Tier tier);
    [[nodiscard]] std::size_t size() const { return minutes_.size(); }

private:
    struct Minute {
        MonoTime ends;
        UtcTime reset;
        std::uint32_t requests = 0;
    };
    void sweep(MonoTime now);

    const ports::Clock& clock_;
    std::unordered_map<OrgId, Minute> minutes_;
    MonoTime swept_at_{};
};

}  // namespace gw::app
