#pragma once
// SPDX-License-Identifier: Apache-2.0
// The Retry-After field of RFC 9110, section 10.2.3, and HTTP dates. Pure; any thread.
#include "gateway/domain/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace gw::net {

// The preferred form of RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"; nothing for
// anything else.
std::optional<UtcTime> parse_http_date(std::string_view text);

// Whole seconds, or an HTTP date (its preferred form, "Sun, 06 Nov 1994 08:49:37 GMT") as the time
// from `now`, 0 if it has passed. At most ten years, whatever it says; nothing for anything else,
// negative numbers included.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, UtcTime now);

}  // namespace gw::net
