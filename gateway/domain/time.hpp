#pragma once
// SPDX-License-Identifier: Apache-2.0
// Points in time and RFC 3339. UtcTime is wall-clock time as the carrier writes it (six fraction
// digits); MonoTime measures and never jumps. Nothing here asks a clock: time is always given.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;
using MonoTime = std::chrono::steady_clock::time_point;

// "2026-01-15T10:00:00Z": whole seconds, cut off, as the public API writes times.
std::string to_rfc3339(UtcTime at);
// "2026-01-15T10:00:00.123456Z": for the timeline and the logs.
std::string to_rfc3339_micros(UtcTime at);
// Date, 'T' or 't', time, optional fraction (digits past the sixth are cut), 'Z' or ±hh:mm. Nothing
// for anything else, an impossible date or a year outside 1970..9999. A leap second (:60) reads as
// :59.
std::optional<UtcTime> parse_rfc3339(std::string_view text);
// "2026-01-15" as the first instant of that UTC day; nothing for an impossible date.
std::optional<UtcTime> parse_date(std::string_view text);

inline std::int64_t micros_of(UtcTime at) {
    return at.time_since_epoch().count();
}
inline UtcTime utc_from_micros(std::int64_t micros) {
    return UtcTime{std::chrono::microseconds{micros}};
}

}  // namespace gw
