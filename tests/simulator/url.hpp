#pragma once
// SPDX-License-Identifier: Apache-2.0
// A request target taken apart: path segments and query members, percent-decoded.
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::simulator {

struct RequestTarget {
    std::vector<std::string> segments;
    std::map<std::string, std::string> query;
};

RequestTarget parse_target(std::string_view target);

}  // namespace gw::simulator
