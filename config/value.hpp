#pragma once
// SPDX-License-Identifier: Apache-2.0
// One checked value on its way from the document into Settings, and the kinds of value there are. A
// kind knows what it accepts and how to say so. Pure functions.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw::config {

enum class Kind : std::uint8_t {
    object,   // keys below
    feature,  // an object; left out, what it configures is off
    objects,  // array of objects
    boolean,
    integer,
    seconds,         // whole seconds
    milliseconds,    // whole milliseconds
    fraction,        // any number in the range
    money,           // decimal with up to 6 places, exact
    choice,          // one of the row's words
    text,            // UTF-8 without control characters
    token,           // printable ASCII without spaces
    identifier,      // letters, digits, '.', '_', '-'
    listen,          // host:port
    network,         // IP address, or address/prefix
    http_url,        // http:// or https://
    base_url,        // the same without query; a trailing slash is dropped
    ws_url,          // ws:// or wss://
    store_url,       // sqlite:PATH or postgres://…
    redis_url,       // redis://…
    phone,           // E.164
    language,        // BCP-47
    project_id,      // proj_…
    agent_id,        // agent_…
    sha256,          // 64 hex digits
    public_key,      // Ed25519, base64
    webhook_secret,  // whsec_ + base64 of 24 to 64 bytes
};

// For a choice: the index of its word. For money: millionths. Lists of the same hold their items.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>,
                           std::vector<std::int64_t>>;

// What a string of this kind must be, for faults and for the reference: "an E.164 number such as
// +31850012345".
std::string_view meaning_of(Kind kind);
// Whether `text` is one; may normalise it (lower case, no trailing slash). Only for the kinds that
// are strings.
bool accept_text(Kind kind, std::string& text);
// Whether faults may show the value: it can hold no secret and helps to find the fault.
bool is_showable(Kind kind);

// Millionths of a JSON number as written, exactly; nothing when it has more than 6 places or leaves
// 0..10^9.
std::optional<std::int64_t> micros_of_decimal(std::string_view number);

}  // namespace gw::config
