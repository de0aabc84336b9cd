#pragma once
// SPDX-License-Identifier: Apache-2.0
// The body of a Telnyx webhook (API version 2) as a domain event. Lenient in what Telnyx may leave
// out, null or invent; strict about JSON itself. One pass over the text, no tree. Pure; any thread.
#include "gateway/domain/input.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::telnyx {

enum class EventFault : std::uint8_t {
    not_json,       // broken syntax, invalid UTF-8, a number out of all range
    too_deep,       // nested more than event_depth_max
    duplicate_key,  // a member we read stands twice: which one was meant?
    not_object,     // JSON, but no object
    version_one,    // API version 1: no `data` wrapper
    no_data,        // neither version
    no_event_type,
    no_id,
};
std::string_view word_of(EventFault fault);  // for logs and metrics
std::string_view text_of(EventFault fault);  // one sentence for the peer and the operator

inline constexpr std::size_t event_depth_max = 64;

[[noreturn]] void throw_exception_from_error(EventFault fault, const boost::source_location& where);
using ParsedEvent = boost::system::result<CarrierEvent, EventFault>;

// Only `event_type` and `id` must be there. `call_control_id` is empty on events about no leg
// (conferences). `occurred_at` is taken from `data`, then from `payload`; without a readable one it
// is `received_at`. `raw` of the event is `body` itself, moved.
ParsedEvent parse_event(std::string body, UtcTime received_at);

}  // namespace gw::telnyx
