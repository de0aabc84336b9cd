// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/history.hpp"

#include <stdexcept>
#include <utility>

namespace gw::simulator {

using nlohmann::json;

History::History(const std::string& record_path, std::size_t entries_max)
    : entries_max_(entries_max) {
    if (!record_path.empty()) {
        file_.open(record_path, std::ios::app);
        if (!file_) {
            throw std::runtime_error("cannot open the record file '" + record_path + "'");
        }
    }
}

void History::add(std::string_view type, UtcTime at, json entry) {
    entry["n"] = ++added_;
    entry["at"] = to_rfc3339_micros(at);
    entry["type"] = type;
    std::string text = entry.dump(-1, ' ', false, json::error_handler_t::replace);
    if (file_.is_open()) {
        file_ << text << '\n' << std::flush;
    }
    entries_.push_back({.number = added_, .type = std::string{type}, .text = std::move(text)});
    if (entries_.size() > entries_max_) {
        entries_.pop_front();
    }
}

json History::read(std::uint64_t after, const std::string& type, std::size_t limit) const {
    json list = json::array();
    for (const Entry& entry : entries_) {
        if (list.size() >= limit) {
            break;
        }
        if (entry.number > after && (type.empty() || entry.type == type)) {
            list.push_back(json::parse(entry.text));
        }
    }
    return list;
}

}  // namespace gw::simulator
