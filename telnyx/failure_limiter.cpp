#include "telnyx/failure_limiter.hpp"

#include <chrono>

namespace gw::telnyx {
namespace {

constexpr std::chrono::seconds window_length{60};
constexpr std::chrono::seconds sweep_interval{1};  // a full sweep costs a walk over the table

// IPv6 hosts own a /64 at least: its first four groups are the address that counts. An abbreviated
// ("::") prefix is left as it is.
std::string subject_of(std::string_view address) {
    std::size_t colons = 0;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] == ':' && ++colons == 4) {
            return std::string(address.substr(0, i));
        }
    }
    return std::string(address);
}

}  // namespace

FailureLimiter::FailureLimiter(std::uint32_t failures_max, std::size_t addresses_max)
    : failures_max_(failures_max), addresses_max_(addresses_max) {}

bool FailureLimiter::is_blocked(std::string_view address, MonoTime now) const {
    if (windows_.empty()) {
        return false;
    }
    const auto at = windows_.find(subject_of(address));
    return at != windows_.end() && now - at->second.begin < window_length &&
           at->second.failures > failures_max_;
}

void FailureLimiter::count_failure(std::string_view address, MonoTime now) {
    if (failures_max_ == 0 || addresses_max_ == 0) {
        return;
    }
    std::string subject = subject_of(address);
    auto at = windows_.find(subject);
    if (at == windows_.end()) {
        make_room(now);
        at = windows_.emplace(std::move(subject), Window{now, 0}).first;
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
