#pragma once
// SPDX-License-Identifier: Apache-2.0
// Calls that place themselves: steady generated ones, so many, so many a second, each by one script
// with its own caller number, and the timed ones of a script; and the figures of how they went. The
// pace is the schedule's, so a slow receiver does not slow the callers. Only the next call of a
// load is ever on the schedule, so what is planned takes no memory.
#include "tests/simulator/outbox.hpp"
#include "tests/simulator/world.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gw::simulator {

inline constexpr std::uint64_t load_calls_max = 10'000'000;
inline constexpr double load_rate_min = 0.001;
inline constexpr double load_rate_max = 100'000;

struct LoadPlan {
    std::uint64_t calls = 0;
    double rate = 10;  // a second
    CallerScript script = {};
};

class Load {
public:
    Load(Schedule& schedule, World& world) : schedule_(schedule), world_(world) {}
    // A second start while one runs adds to it. Nothing is begun and false returned when that were
    // more than load_calls_max calls to come, or the rate is outside of its bounds.
    [[nodiscard]] bool start(const LoadPlan& plan);
    // The calls of a script, each at its time from now on.
    void start(const std::vector<TimedCall>& calls);
    // Every event passes here on its way out.
    void saw(const Event& event);
    // No call of a load or of a script is still to be placed.
    [[nodiscard]] bool placed_all() const { return to_place_ == 0; }
    [[nodiscard]] nlohmann::json summary(Outbox& outbox) const;
    void reset();

private:
    struct Run {
        LoadPlan plan;
        UtcTime begin{};
        std::uint64_t placed = 0;
    };
    void place_next(const std::shared_ptr<Run>& run);

    Schedule& schedule_;
    World& world_;
    std::uint64_t to_place_ = 0;
    std::uint64_t numbered_ = 0;  // callers given a number of their own
    std::unordered_map<std::string, std::uint64_t> causes_;
    std::vector<double> answer_ms_;  // from call.initiated to the answer command
};

}  // namespace gw::simulator
