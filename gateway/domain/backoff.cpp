#include "gateway/domain/backoff.hpp"

#include <algorithm>

namespace gw {

std::optional<std::chrono::milliseconds> wait_after_attempt(
    std::uint32_t attempt, std::span<const std::chrono::seconds> schedule, double jitter,
    double uniform, std::optional<std::chrono::seconds> retry_after) {
    if (attempt == 0 || attempt > schedule.size()) {
        return std::nullopt;
    }
    using std::chrono::milliseconds;
    const milliseconds step = schedule[attempt - 1];
    const milliseconds jittered = step + milliseconds{static_cast<std::int64_t>(
                                             static_cast<double>(step.count()) * jitter * uniform)};
    if (!retry_after || retry_after->count() < 0) {
        return jittered;
    }
    const milliseconds hint_max = std::max<milliseconds>(std::chrono::hours{1}, 2 * step);
    const milliseconds hint = std::min<milliseconds>(
        std::min<std::chrono::seconds>(*retry_after,
                                       std::chrono::duration_cast<std::chrono::seconds>(hint_max)),
        hint_max);
    return std::max(jittered, hint);
}

}  // namespace gw
