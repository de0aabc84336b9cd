#pragma once
// SPDX-License-Identifier: Apache-2.0
// The simulator's clock and its list of things to come. Time moves only by advance_to(), so tests
// turn it by hand and the program turns it by the wall clock. One thread.
#include "gateway/domain/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace gw::simulator {

using std::chrono::milliseconds;

class Schedule {
public:
    using Action = std::function<void()>;

    explicit Schedule(UtcTime start) : now_(start) {}
    [[nodiscard]] UtcTime now() const { return now_; }
    // Runs `action` at `when` (at once if that is past, on the next advance). Actions of one
    // instant run in the order they were added.
    void at(UtcTime when, Action action);
    void after(milliseconds delay, Action action) { at(now_ + delay, std::move(action)); }
    // Runs everything due up to `to`, each with now() at its own time, also what those actions add.
    // A `to` before now() (the wall clock was set back) runs nothing. After `actions_max` actions
    // it stops where it is: the rest is due at the next call.
    void advance_to(UtcTime to, std::size_t actions_max = std::numeric_limits<std::size_t>::max());
    [[nodiscard]] std::optional<UtcTime> next() const;
    [[nodiscard]] std::size_t size() const { return actions_.size(); }
    void clear() { actions_.clear(); }

private:
    UtcTime now_;
    std::uint64_t added_ = 0;
    std::map<std::pair<UtcTime, std::uint64_t>, Action> actions_;
};

}  // namespace gw::simulator
