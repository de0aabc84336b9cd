#pragma once
// SPDX-License-Identifier: Apache-2.0
// The list's cursor as clients see it: 32 characters of base64url, to be passed back unread. It
// holds a version, the last row's created_at and id, and a checksum that catches damage and
// guesses; it grants nothing, because the query it continues is scoped by the key. Pure; any
// thread.
#include "gateway/ports/call_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::http {

std::string to_text(const ports::CallCursor& cursor);
// Nothing for anything `to_text` did not make.
std::optional<ports::CallCursor> parse_cursor(std::string_view text);

}  // namespace gw::http
