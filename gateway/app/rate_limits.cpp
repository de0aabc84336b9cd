#include "gateway/app/rate_limits.hpp"

#include <algorithm>

namespace gw::app {
namespace {

constexpr std::chrono::seconds window{60};

}  // namespace

std::optional<std::uint32_t> requests_per_minute(ports::Tier tier) {
    switch (tier) {
        case ports::Tier::payg:
            return 300;
        case ports::Tier::starter:
            return 600;
        case ports::Tier::growth:
            return 1200;
        case ports::Tier::enterprise:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<RateStanding> RateLimits::count(OrgId org, ports::Tier tier) {
    const auto limit = requests_per_minute(tier);
    if (!limit) {
        return std::nullopt;
    }
    const MonoTime now = clock_.mono();
    sweep(now);
    Minute& minute = minutes_[org];
    if (now >= minute.ends) {
        minute = {.ends = now + window,
                  .reset = std::chrono::ceil<std::chrono::seconds>(clock_.utc() + window),
                  .requests = 0};
    }
    RateStanding standing{
        .limit = *limit, .remaining = 0, .reset = minute.reset, .retry_after = std::nullopt};
    if (minute.requests >= *limit) {
        standing.retry_after = std::max(std::chrono::ceil<std::chrono::seconds>(minute.ends - now),
                                        std::chrono::seconds(1));
        return standing;
    }
    standing.remaining = *limit - ++minute.requests;
    return standing;
}

void RateLimits::sweep(MonoTime now) {
    if (now - swept_at_ < window) {
        return;
    }
    swept_at_ = now;
    std::erase_if(minutes_, [now](const auto& entry) { return entry.second.ends <= now; });
}

}  // namespace gw::app
