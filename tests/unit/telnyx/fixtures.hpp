#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reading tests/wire/telnyx.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gw::telnyx::fixtures {

inline std::filesystem::path folder() {
    return std::filesystem::path(GW_SOURCE_DIR) / "tests/wire/telnyx";
}

inline std::string read(std::string_view name) {
    std::ifstream file(folder() / name, std::ios::binary);
    if (!file) {
        throw std::runtime_error("no fixture " + std::string(name));
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> names_in(std::string_view sub_folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / sub_folder)) {
        names.push_back(std::string(sub_folder) + "/" + entry.path().filename().string());
    }
    return names;
}

}  // namespace gw::telnyx::fixtures
