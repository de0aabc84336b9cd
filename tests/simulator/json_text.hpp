#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one door for JSON from outside: request bodies, files and values of the command line. What
// passes is at most so deep that copying, printing and freeing it, which recurse, cannot use up the
// stack. Pure.
#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gw::simulator {

// The deepest body a command or a script really has is 6 deep.
inline constexpr std::size_t json_depth_max = 64;

// Arrays and objects within one another, brackets in strings not counted; also of text that is no
// JSON. `[]` is 1 deep, a number 0.
std::size_t json_depth(std::string_view text);
// Nothing when the text is not JSON, or deeper than json_depth_max.
std::optional<nlohmann::json> parse_json(std::string_view text);
// What to tell about a text that parse_json() refused: "is not JSON", or how deep it may be.
std::string json_fault(std::string_view text);

}  // namespace gw::simulator
