#include "gateway/app/failed_authentications.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>

namespace gw::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds sweep_interval{1};  // a sweep walks the whole table

std::int64_t minute_of(MonoTime now) {
    return std::chrono::floor<minutes>(now.time_since_epoch()).count();
}

constexpr std::array<std::uint8_t, 12> v4_in_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

std::size_t FailedAuthentications::AddressHasher::operator()(const Address& address) const {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(address.data()), address.size()});
}

// What is no address shares one count.
FailedAuthentications::Address FailedAuthentications::address_of(std::string_view text) {
    Address address{};
    const std::string copy(text);
    if (::inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) {
        if (!std::equal(v4_in_v6.begin(), v4_in_v6.end(), address.begin())) {
            std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
        }
        return address;
    }
    address = {};
    std::copy(v4_in_v6.begin(), v4_in_v6.end(), address.begin());
    if (::inet_pton(AF_INET, copy.c_str(), address.data() + v4_in_v6.size()) != 1) {
        address = {};
    }
    return address;
}

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
    const Address subject = address_of(address);
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
    std::int64_t oldest = minute - minutes_kept + 1;
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
