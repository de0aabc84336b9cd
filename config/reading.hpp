#pragma once
// SPDX-License-Identifier: Apache-2.0
// The state of one loading, shared by the loader's steps: where faults are collected, and which
// paths have one, so that a later check does not complain again about a value that was never read.
// One thread.
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::config {

class Faults {
public:
    explicit Faults(std::string_view file) : file_(file) {}

    // `path` as "$.agents[0].id".
    void add(const std::string& path, std::string_view what) {
        paths_.insert(path);
        add_line(path + ": " + std::string(what));
    }
    // A fault without a path of its own, or one that the parser placed: "3:14: not JSON: …".
    void add_line(std::string_view line) {
        ++count_;
        if (lines_.size() < lines_max) {
            lines_.push_back(file_ + ": " + std::string(line));
        }
    }
    // Whether the value at `path`, one below it or an object around it has a fault.
    [[nodiscard]] bool touches(const std::string& path) const {
        for (std::string around = path; around.size() > 1;
             around.resize(around.find_last_of(".["))) {
            if (paths_.contains(around)) {
                return true;
            }
        }
        return has_prefix(path + ".") || has_prefix(path + "[");
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    std::vector<std::string> take() {
        if (count_ > lines_.size()) {
            lines_.push_back(file_ + ": and " + std::to_string(count_ - lines_.size()) + " more");
        }
        return std::move(lines_);
    }

private:
    [[nodiscard]] bool has_prefix(const std::string& prefix) const {
        const auto next = paths_.lower_bound(prefix);
        return next != paths_.end() && next->starts_with(prefix);
    }

    static constexpr std::size_t lines_max = 200;
    std::string file_;
    std::vector<std::string> lines_;
    std::set<std::string> paths_;
    std::size_t count_ = 0;
};

}  // namespace gw::config
