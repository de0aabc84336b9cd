#pragma once
// SPDX-License-Identifier: Apache-2.0
// The body of a Telnyx webhook (API version 2) as a domain event. Lenient in what Telnyx may leave
// out, null or invent; strict about JSON itself. One pass over the text, no tree. Pure; any thread.
#include "gateway/domain/input.hpp"
#include "telnyx/wire/event_fault.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>

namespace gw::telnyx {

inline constexpr std::size_t event_depth_max = 64;

using ParsedEvent = boost::system::result<CarrierEvent, EventFault>;

// Only `event_type` and `id` must be there. `call_control_id` is empty on events about no leg
// (conferences). `occurred_at` is taken from `data`, then from `payload`; without a readable one it
// is `received_at`. `raw` of the event is `body` itself, moved.
ParsedEvent parse_event(std::string body, UtcTime received_at);

}  // namespace gw::telnyx
