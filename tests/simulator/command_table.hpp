#pragma once
// SPDX-License-Identifier: Apache-2.0
// What every command may carry, as data: fields with type, range and allowed words, groups shared
// by several commands, and rules between fields. Copied by hand from Telnyx's call control OpenAPI
// document (openapi-call-control, revision of 2026-07-16) and Node SDK 7.24.0 where that is newer;
// read 2026-11.
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace gw::simulator {

enum class FieldType : std::uint8_t {
    text,     // min/max count characters
    integer,  // of 32 bits; min/max bound the value; words list allowed values
    number,   // min/max bound the value
    boolean,
    object,        // any object; members, when given, are the only ones
    display_name,  // letters, digits, space and -_~!.+
    comma_list,    // words, separated by commas
    headers,       // array of {name, value}
    sip_headers,   // the same, names only User-to-User
    phone,         // E.164
    destination,   // E.164 or SIP URI
    destinations,  // one destination or an array of them
    base64,
    url,         // http or https
    socket_url,  // ws or wss
    uuid,
    digits,         // 0-9 A-D * #
    key_presses,    // the same, and w W to wait
    loop,           // "infinity" or 1..100
    event_urls,     // event name -> URL or array of URLs
    retry_policies  // event name -> {"retries_ms": [...]}
};

struct Members;

struct Field {
    std::string_view name;
    FieldType type = FieldType::text;
    bool required = false;
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::string_view words = {};  // allowed values, separated by '|'
    std::string_view range_code =
        {};  // the code when out of range or not a word, if not the general one
    const Members* members = nullptr;
};

// The members of an object.
struct Members {
    std::span<const Field> fields;
};

struct Rule {
    enum class Kind : std::uint8_t {
        one_of,           // at least one of `fields` must be there
        at_most_one,      // no two of them
        needs,            // the first needs the second
        not_above,        // the first number is not above the second
        no_srtp_to_pstn,  // the first is not SRTP when the second is, or has, a phone number
    };
    Kind kind;
    std::string_view fields;  // separated by '|'
};

// What state the leg must be in for the command.
enum class Needs : std::uint8_t { nothing, live, answered };

struct CommandSpec {
    std::string_view name;    // "dial", or the last word of the path
    std::string_view method;  // POST or PUT
    Needs needs;
    std::span<const std::span<const Field>> groups;
    std::span<const Rule> rules;
};

// Every command, "dial" first.
std::span<const CommandSpec> command_table();
const CommandSpec* find_command(std::string_view name);
bool is_call_event(std::string_view event_type);
// What may stand as a key of webhook_urls: an event type, or the name the document's example has
// for call.bridged.
bool is_webhook_key(std::string_view name);

}  // namespace gw::simulator
