#pragma once
// SPDX-License-Identifier: Apache-2.0
// Telnyx's error bodies: a catalogue of the codes the simulator answers with, and the JSON they
// take.
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gw::simulator {

struct ApiError {
    unsigned status = 422;
    std::string code;
    std::string title;
    std::string detail;
    std::string pointer;         // "/to", of the body; or empty
    std::string parameter = {};  // "page[after]", of the query; or empty
};

// The catalogue's entry; `detail` replaces its text. An unknown code is a bug of ours and throws.
ApiError make_error(std::string_view code, std::string pointer = {}, std::string detail = {});
nlohmann::json body_of(const std::vector<ApiError>& errors);

}  // namespace gw::simulator
