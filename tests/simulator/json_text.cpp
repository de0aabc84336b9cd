// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/json_text.hpp"

#include <algorithm>

namespace gw::simulator {

using nlohmann::json;

std::size_t json_depth(std::string_view text) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;  // an escaped quote does not end the string
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            depth -= depth > 0 ? 1 : 0;
        }
    }
    return deepest;
}

std::optional<json> parse_json(std::string_view text) {
    if (json_depth(text) > json_depth_max) {
        return std::nullopt;
    }
    json value = json::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional{std::move(value)};
}

std::string json_fault(std::string_view text) {
    return json_depth(text) > json_depth_max
               ? "is JSON deeper than " + std::to_string(json_depth_max) + " levels"
               : "is not JSON";
}

}  // namespace gw::simulator
