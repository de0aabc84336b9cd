#include "telnyx/wire/event_json.hpp"

#include "gateway/domain/base64.hpp"
#include "gateway/domain/time.hpp"
#include "telnyx/wire/amount.hpp"
#include "telnyx/wire/client_state.hpp"
#include "telnyx/wire/words.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/system/errc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace gw::telnyx {
namespace {

// The objects whose members we read; everything below another member is skipped.
enum class Where : std::uint8_t { outside, root, data, payload, meta };

enum class Field : std::uint8_t {
    none,  // not read
    root_data,
    root_meta,
    root_event_type,
    event_type,
    id,
    occurred_at,
    payload,
    call_control_id,
    call_leg_id,
    call_session_id,
    connection_id,
    client_state,
    from,
    to,
    direction,
    start_time,
    end_time,
    hangup_cause,
    hangup_source,
    digit,
    digits,
    status,
    result,
    total_cost,
    payload_occurred_at,
    attempt,
};

struct Member {
    std::string_view key;
    Field field;
};

constexpr std::array root_members = {Member{"data", Field::root_data},
                                     Member{"meta", Field::root_meta},
                                     Member{"event_type", Field::root_event_type}};
constexpr std::array data_members = {
    Member{"event_type", Field::event_type}, Member{"id", Field::id},
    Member{"occurred_at", Field::occurred_at}, Member{"payload", Field::payload}};
constexpr std::array payload_members = {Member{"digits", Field::digits},
                                        Member{"status", Field::status},
                                        Member{"result", Field::result},
                                        Member{"call_control_id", Field::call_control_id},
                                        Member{"call_leg_id", Field::call_leg_id},
                                        Member{"call_session_id", Field::call_session_id},
                                        Member{"connection_id", Field::connection_id},
                                        Member{"client_state", Field::client_state},
                                        Member{"from", Field::from},
                                        Member{"to", Field::to},
                                        Member{"direction", Field::direction},
                                        Member{"start_time", Field::start_time},
                                        Member{"end_time", Field::end_time},
                                        Member{"hangup_cause", Field::hangup_cause},
                                        Member{"hangup_source", Field::hangup_source},
                                        Member{"digit", Field::digit},
                                        Member{"total_cost", Field::total_cost},
                                        Member{"occurred_at", Field::payload_occurred_at}};
constexpr std::array meta_members = {Member{"attempt", Field::attempt}};

template <std::size_t N>
constexpr Field find_member(const std::array<Member, N>& members, std::string_view key) {
    for (const Member& member : members) {
        if (member.key == key) {
            return member.field;
        }
    }
    return Field::none;
}

Field field_at(Where where, std::string_view key) {
    switch (where) {
        case Where::outside:
            return Field::none;
        case Where::root:
            return find_member(root_members, key);
        case Where::data:
            return find_member(data_members, key);
        case Where::payload:
            return find_member(payload_members, key);
        case Where::meta:
            return find_member(meta_members, key);
    }
    return Field::none;
}

// What may be passed on to customers as the word of a cause.
bool is_plain_word(std::string_view text) {
    constexpr std::size_t length_max = 64;
    return !text.empty() && text.size() <= length_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

namespace json = boost::json;
using boost::system::error_code;

// What Boost.JSON's parser calls, with views into the body. `fault` says why we ended the parse.
class EventReader {
public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    CarrierEvent event;
    std::optional<EventFault> fault;
    std::optional<UtcTime> occurred_at;
    std::optional<UtcTime> payload_occurred_at;
    bool saw_root = false;
    bool saw_data = false;
    bool saw_root_event_type = false;

    static bool on_document_begin(error_code&) { return true; }
    static bool on_document_end(error_code&) { return true; }
    // null, true, false: as if the member were not there
    static bool on_null(error_code&) { return true; }
    static bool on_bool(bool, error_code&) { return true; }
    static bool on_comment_part(std::string_view, error_code&) { return true; }
    static bool on_comment(std::string_view, error_code&) { return true; }
    static bool on_number_part(std::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, std::string_view text, error_code& failed) {
        // Negative: nothing we read is.
        return text.starts_with('-') || on_uint64(static_cast<std::uint64_t>(value), text, failed);
    }
    bool on_uint64(std::uint64_t value, std::string_view text, error_code&) {
        if (skip_depth_ == 0 && field_ == Field::attempt) {
            event.delivery_attempt = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
        } else if (skip_depth_ == 0 && field_ != Field::none) {
            take_text(text);
        }
        return true;
    }
    bool on_double(double value, std::string_view text, error_code& failed) {
        if (!std::isfinite(value)) {
            return stop(EventFault::not_json, failed);  // no reader of the timeline could take it
        }
        if (skip_depth_ == 0 && field_ == Field::total_cost) {
            event.carrier_cost = parse_amount(text);
        }
        return true;
    }
    // Only a text with escapes comes in parts.
    bool on_string_part(std::string_view part, std::size_t, error_code&) {
        parts_ += part;
        return true;
    }
    bool on_string(std::string_view last, std::size_t, error_code&) {
        const std::string_view text = whole(last);
        if (skip_depth_ == 0 && field_ != Field::none) {
            take_text(text);
        }
        parts_.clear();
        return true;
    }
    bool on_key_part(std::string_view part, std::size_t, error_code&) {
        parts_ += part;
        return true;
    }
    bool on_key(std::string_view last, std::size_t, error_code& failed) {
        const bool first = skip_depth_ != 0 || is_first(field_at(where_, whole(last)));
        parts_.clear();
        return first || stop(EventFault::duplicate_key, failed);
    }

    bool on_object_begin(error_code& failed) {
        if (!deeper()) {
            return stop(EventFault::too_deep, failed);
        }
        if (skip_depth_ != 0) {
            ++skip_depth_;
        } else if (where_ == Where::outside) {
            saw_root = true;
            where_ = Where::root;
        } else if (field_ == Field::root_data) {
            saw_data = true;
            where_ = Where::data;
        } else if (field_ == Field::root_meta) {
            where_ = Where::meta;
        } else if (field_ == Field::payload) {
            where_ = Where::payload;
        } else {
            skip_depth_ = 1;
        }
        field_ = Field::none;
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        --depth_;
        if (skip_depth_ != 0) {
            --skip_depth_;
        } else {
            where_ = where_ == Where::payload ? Where::data
                     : where_ == Where::root  ? Where::outside
                                              : Where::root;
        }
        return true;
    }
    bool on_array_begin(error_code& failed) {
        if (!deeper()) {
            return stop(EventFault::too_deep, failed);
        }
        ++skip_depth_;
        return true;
    }
    bool on_array_end(std::size_t, error_code&) {
        --depth_;
        --skip_depth_;
        return true;
    }

private:
    bool stop(EventFault why, error_code& failed) {
        fault = why;
        failed = make_error_code(boost::system::errc::operation_canceled);
        return false;
    }

    bool deeper() { return ++depth_ <= event_depth_max; }

    // The text that ends with `last`; until parts_ changes.
    std::string_view whole(std::string_view last) {
        if (parts_.empty()) {
            return last;
        }
        parts_ += last;
        return parts_;
    }

    // Whether the member, which is now the current one, was not there before.
    bool is_first(Field field) {
        field_ = field;
        if (field == Field::none) {
            return true;
        }
        const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(field);
        const bool first = (seen_ & bit) == 0;
        seen_ |= bit;
        return first;
    }

    void take_text(std::string_view text) {
        switch (field_) {
            case Field::none:
            case Field::root_data:
            case Field::root_meta:
            case Field::payload:
            case Field::attempt:
                return;
            case Field::root_event_type:
                saw_root_event_type = true;
                return;
            case Field::event_type:
                event.type_word = std::string(text);
                return;
            case Field::id:
                event.id = EventId(std::string(text));
                return;
            case Field::call_control_id:
                event.call_control_id = CallControlId(std::string(text));
                return;
            case Field::call_leg_id:
                event.call_leg_id = CallLegId(std::string(text));
                return;
            case Field::call_session_id:
                event.call_session_id = CallSessionId(std::string(text));
                return;
            case Field::connection_id:
                event.connection_id = std::string(text);
                return;
            case Field::client_state:
                event.client_state = from_base64(text).value_or(std::string());
                event.tag = parse_client_state(event.client_state);
                return;
            case Field::from:
                event.from = std::string(text);
                return;
            case Field::to:
                event.to = std::string(text);
                return;
            case Field::digits:
                event.digits = std::string(text);
                return;
            case Field::status:
                // Telnyx openapi CallGatherEnded.payload.status, read 2026-11.
                event.gather_valid = text == "valid";
                return;
            case Field::result:
                event.machine = text == "machine" || text == "beep_detected";
                return;
            case Field::digit:
                event.digit = std::string(text);
                return;
            case Field::occurred_at:
            case Field::payload_occurred_at:
            case Field::direction:
            case Field::start_time:
            case Field::end_time:
            case Field::hangup_cause:
            case Field::hangup_source:
            case Field::total_cost:
                take_word(text);
                return;
        }
    }

    // The texts that stand for something else than themselves.
    void take_word(std::string_view text) {
        if (field_ == Field::occurred_at) {
            occurred_at = parse_rfc3339(text);
        } else if (field_ == Field::payload_occurred_at) {
            payload_occurred_at = parse_rfc3339(text);
        } else if (field_ == Field::direction) {
            event.direction = direction_of(text);
        } else if (field_ == Field::start_time) {
            event.start_time = parse_rfc3339(text);
        } else if (field_ == Field::end_time) {
            event.end_time = parse_rfc3339(text);
        } else if (field_ == Field::hangup_cause) {
            event.hangup_cause = hangup_cause_of(text);
            if (event.hangup_cause == HangupCause::other && is_plain_word(text)) {
                event.other_cause = std::string(text);
            }
        } else if (field_ == Field::hangup_source) {
            event.hangup_source = hangup_source_of(text);
        } else if (field_ == Field::total_cost) {
            event.carrier_cost = parse_amount(text);
        }
    }

    Where where_ = Where::outside;
    Field field_ = Field::none;
    std::size_t depth_ = 0;
    std::string parts_;
    std::size_t skip_depth_ = 0;  // open containers below what we read
    std::uint32_t seen_ = 0;      // one bit per Field
    static_assert(static_cast<unsigned>(Field::attempt) < 32);
};

}  // namespace

ParsedEvent parse_event(std::string body, UtcTime received_at) {
    json::parse_options options;
    options.max_depth = event_depth_max + 1;  // ours is reached first
    json::basic_parser<EventReader> parser(options);
    EventReader& reader = parser.handler();
    error_code failed;
    const std::size_t used = parser.write_some(false, body.data(), body.size(), failed);
    if (failed || used != body.size()) {
        return reader.fault.value_or(EventFault::not_json);
    }
    if (!reader.saw_root) {
        return EventFault::not_object;
    }
    if (!reader.saw_data) {
        return reader.saw_root_event_type ? EventFault::version_one : EventFault::no_data;
    }
    CarrierEvent& event = reader.event;
    if (event.type_word.empty()) {
        return EventFault::no_event_type;
    }
    if (event.id.value().empty()) {
        return EventFault::no_id;
    }
    event.type = event_type_of(event.type_word);
    event.occurred_at =
        reader.occurred_at.value_or(reader.payload_occurred_at.value_or(received_at));
    event.raw = std::move(body);
    return std::move(event);
}

}  // namespace gw::telnyx
