#pragma once
// SPDX-License-Identifier: Apache-2.0
// Makes bytes from outside safe to print. Pure.
#include <string>
#include <string_view>

namespace gw::obs {

// Appends `text` with every ill-formed UTF-8 sequence (RFC 3629) replaced by U+FFFD, one per
// offending byte.
void append_valid_utf8(std::string& out, std::string_view text);

}  // namespace gw::obs
