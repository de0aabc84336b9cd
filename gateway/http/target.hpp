#pragma once
// SPDX-License-Identifier: Apache-2.0
// A request target taken apart: path, query, percent-encoding. Decoding is strict: a '%' without
// two hexadecimal digits is an error, never passed through. '+' stays '+'. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::http {

struct TargetParts {
    std::string_view path;   // not decoded
    std::string_view query;  // after '?', not decoded; empty when there is none
};
TargetParts split_target(std::string_view target);

std::optional<std::string> percent_decode(std::string_view text);

// Parameters in order of arrival, decoded; a name may stand more than once.
using Query = std::vector<std::pair<std::string, std::string>>;
// Nothing when a name or value is wrongly encoded or there are more than query_parameters_max.
std::optional<Query> parse_query(std::string_view query);
inline constexpr std::size_t query_parameters_max = 64;

}  // namespace gw::http
