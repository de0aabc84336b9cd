#pragma once
// SPDX-License-Identifier: Apache-2.0
// Base64 of RFC 4648 section 4, strictly: the standard alphabet, full padding, no white space, and
// zero in the bits that the padding leaves over, so that every value has exactly one spelling.
// Pure.
#include <optional>
#include <string>
#include <string_view>

namespace gw {

std::string to_base64(std::string_view bytes);
// Nothing for any text that to_base64 would not have written.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gw
