#pragma once
// SPDX-License-Identifier: Apache-2.0
// Why the body of a webhook is no event for us: the closed set of causes with their words. Pure;
// any thread.
#include <boost/assert/source_location.hpp>

#include <cstdint>
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
// What boost::system::result asks for: value() of a refused body is a bug, std::logic_error.
[[noreturn]] void throw_exception_from_error(EventFault fault, const boost::source_location& where);

}  // namespace gw::telnyx
