#include "gateway/app/failed_authentications.hpp"

#include <algorithm>
#include <numeric>

namespace gw::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds sweep_interval{1};  // a sweep walks the whole table

std::int64_t minute_of(MonoTime now) {
    return std::chrono::floor<minutes>(now.time_since_epoch()).count();
}

}  // namespace

std::uint32_t FailedAuthentications::Counts::total() const {
    return std::accumulate(by_minute.begin(), by_minute.end(), std::uint32_t{0});
}

std::uint8_t& FailedAuthentications::Counts::of(std::int64_t at) {
    return by_minute.at(static_cast<std::size_t>(at % minutes_kept));
}

void FailedAuthentications::Counts::move_to(std::int64_t minute_now) {
    for (std::int64_t passed = std::max(minute + 1, minute_now - minutes_kept + 1);
         passed <= minute_now; ++passed) {
        of(passed) = 0;
    }
    minute = minute_now;
}

std::optional<seconds> FailedAuthentications::count(std::string_view address, MonoTime now) {
    const std::int64_t minute = minute_of(now);
    const PeerSubject subject = subject_of(address);
    auto at = counts_.find(subject);
    if (at == counts_.end()) {
        make_room(minute, now);
        at = counts_.emplace(subject, Counts{{}, minute}).first;
    }
    Counts& counts = at->second;
    counts.move_to(minute);
    if (counts.total() < failures_max) {
        ++counts.of(minute);
        return std::nullopt;
    }
    // Room comes when the oldest minute with a failure leaves the window.
    // The clock may have begun less than a window ago.
    std::int64_t oldest = std::max<std::int64_t>(0, minute - minutes_kept + 1);
    while (counts.of(oldest) == 0) {
        ++oldest;
    }
    const auto room_at = minutes(oldest + minutes_kept);
    return std::chrono::ceil<seconds>(room_at - now.time_since_epoch());
}

void FailedAuthentications::make_room(std::int64_t minute, MonoTime now) {
    if (counts_.size() < addresses_max_) {
        return;
    }
    if (now - swept_at_ >= sweep_interval) {
        swept_at_ = now;
        std::erase_if(counts_, [minute](const auto& entry) {
            return entry.second.minute + minutes_kept <= minute;
        });
    }
    if (counts_.size() >= addresses_max_) {
        counts_.erase(counts_.begin());
    }
}

}  // namespace gw::app
