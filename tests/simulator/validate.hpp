#pragma once
// SPDX-License-Identifier: Apache-2.0
// Checks a command's body against the command table and says what is wrong in Telnyx's words: all
// faults at once, in the order of the table. Pure.
#include "tests/simulator/api_error.hpp"
#include "tests/simulator/command_table.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>
#include <vector>

namespace gw::simulator {

// Empty when the body is good. A JSON null counts as an absent field, as it does for Telnyx's SDKs.
std::vector<ApiError> validate(const CommandSpec& command, const nlohmann::json& body);

bool is_e164(std::string_view text);
// E.164 (also with ";secure=..." or ",digits" after it) or a SIP URI.
bool is_destination(std::string_view text);
// The parts of "a|b|c".
std::vector<std::string_view> split_words(std::string_view words, char separator = '|');
// Code points of a UTF-8 text: what the document's lengths count.
std::size_t count_characters(std::string_view text);

}  // namespace gw::simulator
