#include "telnyx/failure_limiter.hpp"

#include <chrono>

namespace gw::telnyx {
namespace {

constexpr std::chrono::seconds window_length{60};
constexpr std::chrono::seconds sweep_interval{1};  // a full sweep costs a walk over the table

}  // namespace

FailureLimiter::FailureLimiter(std::uint32_t failures_max, std::size_t addresses_max)
    : failures_max_(failures_max), addresses_max_(addresses_max) {}

bool FailureLimiter::is_blocked(std::string_view address, MonoTime now) const {
    if (windows_.empty()) {
        return false;
    }
    const auto at = windows_.find(app::subject_of(address));
    return at != windows_.end() && now - at->second.begin < window_length &&
           at->second.failures > failures_max_;
}

void FailureLimiter::count_failure(std::string_view address, MonoTime now) {
    if (failures_max_ == 0 || addresses_max_ == 0) {
        return;
    }
    const app::PeerSubject subject = app::subject_of(address);
    auto at = windows_.find(subject);
    if (at == windows_.end()) {
        make_room(now);
        at = windows_.emplace(subject, Window{now, 0}).first;
    } else if (now - at->second.begin >= window_length) {
        at->second = Window{now, 0};
    }
    ++at->second.failures;
}

void FailureLimiter::make_room(MonoTime now) {
    if (windows_.size() < addresses_max_) {
        return;
    }
    if (now - swept_at_ >= sweep_interval) {
        swept_at_ = now;
        std::erase_if(windows_, [now](const auto& entry) {
            return now - entry.second.begin >= window_length;
        });
    }
    if (windows_.size() >= addresses_max_) {
        windows_.erase(windows_.begin());
    }
}

}  // namespace gw::telnyx
