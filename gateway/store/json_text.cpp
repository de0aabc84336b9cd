// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace gw::store {

void append_json_string(std::string& out, std::string_view text) {
    const bool plain = std::ranges::all_of(
        text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
    if (plain) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace gw::store
