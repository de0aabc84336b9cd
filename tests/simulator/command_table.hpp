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
    integer,  // min/max bound the value; words list allowed values
    boolean,
    object,        // any object; words, when given, list its allowed members
    headers,       // array of {name, value}
    sip_headers,   // the same, names only User-to-User
    phone,         // E.164
    destination,   // E.164 or SIP URI
    destinations,  // one destination or an array of them
    base64,
    url,         // http or https
    socket_url,  // ws or wss
    uuid,
    key_presses,    // 0-9 A-D * # w W
    loop,           // "infinity" or 1..100
    event_urls,     // event name -> URL or array of URLs
    retry_policies  // event name -> {"retries_ms": [...]}
};

struct Field {
    std::string_view name;
    FieldType type = FieldType::text;
    bool required = false;
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::string_view words = {};  // allowed values, separated by '|'
    std::string_view range_code =
        {};  // the code when out of range or not a word, if not the general one
};

struct Rule {
    enum class Kind : std::uint8_t {
        one_of,       // at least one of `fields` must be there
        at_most_one,  // no two of them
        needs,        // the first needs the second
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
// The event types that may stand as keys of webhook_urls.
bool is_call_event(std::string_view event_type);

}  // namespace gw::simulator
