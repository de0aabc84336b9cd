#pragma once
// SPDX-License-Identifier: Apache-2.0
// Checks a value against a field of the command table: its type, its range, its form, its members.
// Pure.
#include "tests/simulator/api_error.hpp"
#include "tests/simulator/command_table.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::simulator {

// Adds what is wrong with the fields of `object`, which stands at `pointer`. A null counts as
// absent; members that are no fields are not looked at.
void check_fields(std::span<const Field> fields, const nlohmann::json& object,
                  const std::string& pointer, std::vector<ApiError>& errors);

// An http or https URL, without blanks.
bool is_webhook_url(std::string_view text);
ApiError unknown_member(const std::string& pointer, const std::string& name);
// There, and not null.
bool has(const nlohmann::json& object, std::string_view name);

}  // namespace gw::simulator
