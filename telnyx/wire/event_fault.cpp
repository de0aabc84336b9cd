#include "telnyx/wire/event_fault.hpp"

#include <stdexcept>
#include <string>

namespace gw::telnyx {

std::string_view word_of(EventFault fault) {
    switch (fault) {
        case EventFault::not_json:
            return "not_json";
        case EventFault::too_deep:
            return "too_deep";
        case EventFault::duplicate_key:
            return "duplicate_key";
        case EventFault::not_object:
            return "not_object";
        case EventFault::version_one:
            return "version_one";
        case EventFault::no_data:
            return "no_data";
        case EventFault::no_event_type:
            return "no_event_type";
        case EventFault::no_id:
            return "no_id";
    }
    return "?";
}

std::string_view text_of(EventFault fault) {
    switch (fault) {
        case EventFault::not_json:
            return "The body is not valid JSON";
        case EventFault::too_deep:
            return "The body is nested too deeply";
        case EventFault::duplicate_key:
            return "The body names a member twice";
        case EventFault::not_object:
            return "The body is not a JSON object";
        case EventFault::version_one:
            return "The body is of API version 1: set webhook_api_version to \"2\" on the Telnyx "
                   "application";
        case EventFault::no_data:
            return "The body has no data object";
        case EventFault::no_event_type:
            return "data.event_type is missing";
        case EventFault::no_id:
            return "data.id is missing";
    }
    return "?";
}

void throw_exception_from_error(EventFault fault, const boost::source_location& /*where*/) {
    throw std::logic_error("value() of an event that does not parse: " +
                           std::string(word_of(fault)));
}

}  // namespace gw::telnyx
