// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/retry_after.hpp"

#include "gateway/net/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gw::net {
namespace {

using std::chrono::seconds;

constexpr seconds longest{10LL * 365 * 24 * 3600};

}  // namespace

std::optional<UtcTime> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // "Sun, 06 Nov 1994 08:49:37 GMT"; the name of the day says nothing new.
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto month = std::ranges::find(months, text.substr(8, 3));
    if (month == months.end()) {
        return std::nullopt;
    }
    std::string number = std::to_string(month - months.begin() + 1);
    if (number.size() == 1) {
        number.insert(0, 1, '0');
    }
    std::string rfc3339;
    rfc3339.append(text.substr(12, 4)).append("-").append(number).append("-");
    rfc3339.append(text.substr(5, 2)).append("T").append(text.substr(17, 8)).append("Z");
    return parse_rfc3339(rfc3339);
}

std::optional<seconds> parse_retry_after(std::string_view value, UtcTime now) {
    value = trim_ows(value);
    if (value.empty()) {
        return std::nullopt;
    }
    if (std::ranges::all_of(value, is_ascii_digit)) {
        std::int64_t count = 0;
        for (const char c : value) {
            count = std::min<std::int64_t>(count * 10 + (c - '0'), longest.count());
        }
        return seconds{count};
    }
    const std::optional<UtcTime> at = parse_http_date(value);
    if (!at) {
        return std::nullopt;
    }
    return std::clamp(std::chrono::ceil<seconds>(*at - now), seconds{0}, longest);
}

}  // namespace gw::net
