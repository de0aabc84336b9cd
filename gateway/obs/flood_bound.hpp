#pragma once
// SPDX-License-Identifier: Apache-2.0
// At most so many lines per event name and second, so that bad input cannot fill a disk. Counts
// what it holds back and hands the number out with the event's next admitted line. Bounded: past
// 256 names all others share one window. Not thread-safe; the log holds its lock.
#include "gateway/domain/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::obs {

class FloodBound {
public:
    struct Verdict {
        bool admitted = false;
        std::uint64_t suppressed =
            0;  // of the seconds that ended since the last summary; to be told once
    };
    struct Summary {
        std::string event;
        std::uint64_t suppressed;
    };

    explicit FloodBound(std::size_t lines_per_second) : lines_per_second_(lines_per_second) {}

    Verdict admit(std::string_view event, MonoTime now) {
        auto& window = window_of(event);
        Verdict verdict;
        if (!window.started || now - window.start >= std::chrono::seconds(1)) {
            verdict.suppressed = window.suppressed;
            window = {.started = true, .start = now, .lines = 0, .suppressed = 0};
        }
        verdict.admitted = window.lines < lines_per_second_;
        ++(verdict.admitted ? window.lines : window.suppressed);
        return verdict;
    }

    // What was held back in seconds that have ended, of events that were not heard of since.
    std::vector<Summary> take_overdue(MonoTime now) { return take(now - std::chrono::seconds(1)); }
    // All that was held back, at the end.
    std::vector<Summary> take_all() { return take(MonoTime::max()); }

private:
    struct Window {
        bool started = false;
        MonoTime start{};
        std::uint64_t lines = 0;
        std::uint64_t suppressed = 0;
    };
    static constexpr std::size_t names_max = 256;

    Window& window_of(std::string_view event) {
        const auto found = windows_.find(event);
        if (found != windows_.end()) {
            return found->second;
        }
        return windows_.size() < names_max ? windows_[std::string(event)]
                                           : windows_["(other events)"];
    }

    std::vector<Summary> take(MonoTime started_until) {
        std::vector<Summary> summaries;
        for (auto& [event, window] : windows_) {
            if (window.suppressed > 0 && window.start <= started_until) {
                summaries.push_back({event, window.suppressed});
                window.suppressed = 0;
            }
        }
        return summaries;
    }

    std::size_t lines_per_second_;
    std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace gw::obs
