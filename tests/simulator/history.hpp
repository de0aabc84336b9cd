#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything the simulator saw and said, in order: events made, webhook attempts, commands. Kept in
// memory up to a bound (the oldest go first) and appended to a file as JSON lines, for checkers to
// read.
#include "gateway/domain/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>

namespace gw::simulator {

class History {
public:
    // An empty path writes no file. Throws std::runtime_error when the file cannot be opened.
    explicit History(const std::string& record_path = {}, std::size_t entries_max = 100'000);
    // Adds "n" (1, 2, 3 ...), "at" and "type" to the entry. A line is in the file when this
    // returns.
    void add(std::string_view type, UtcTime at, nlohmann::json entry);
    // Entries numbered above `after`, of `type` unless it is empty, at most `limit`.
    [[nodiscard]] nlohmann::json read(std::uint64_t after, const std::string& type,
                                      std::size_t limit) const;
    void clear() { entries_.clear(); }

private:
    std::size_t entries_max_;
    std::uint64_t added_ = 0;
    struct Entry {
        std::uint64_t number;
        std::string type;
        std::string text;  // JSON: a tenth of the memory of the parsed value
    };
    std::deque<Entry> entries_;
    std::ofstream file_;
};

}  // namespace gw::simulator
