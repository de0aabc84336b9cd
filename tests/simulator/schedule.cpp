// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/schedule.hpp"

#include <algorithm>

namespace gw::simulator {

void Schedule::at(UtcTime when, Action action) {
    actions_.emplace(std::pair{std::max(when, now_), added_++}, std::move(action));
}

void Schedule::advance_to(UtcTime to, std::size_t actions_max) {
    for (; !actions_.empty() && actions_.begin()->first.first <= to; --actions_max) {
        if (actions_max == 0) {
            return;
        }
        auto next = actions_.extract(actions_.begin());
        now_ = next.key().first;
        next.mapped()();
    }
    now_ = std::max(now_, to);
}

std::optional<UtcTime> Schedule::next() const {
    if (actions_.empty()) {
        return std::nullopt;
    }
    return actions_.begin()->first.first;
}

}  // namespace gw::simulator
