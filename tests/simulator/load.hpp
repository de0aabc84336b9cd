#pragma once
// SPDX-License-Identifier: Apache-2.0
// Steady generated calls: so many, so many a second, each by one script with its own caller number;
// and the figures of how they went. The pace is the schedule's, so a slow receiver does not slow
// the callers.
#include "tests/simulator/outbox.hpp"
#include "tests/simulator/world.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <unordered_map>
#include <vector>

namespace gw::simulator {

struct LoadPlan {
    std::uint64_t calls = 0;
    double rate = 10;  // a second
    CallerScript script = {};
};

class Load {
public:
    Load(Schedule& schedule, World& world) : schedule_(schedule), world_(world) {}
    // A second start while one runs adds to it.
    void start(const LoadPlan& plan);
    // Every event passes here on its way out.
    void saw(const Event& event);
    // No call of a load is still to be placed.
    [[nodiscard]] bool placed_all() const { return to_place_ == 0; }
    [[nodiscard]] nlohmann::json summary(Outbox& outbox) const;
    void reset();

private:
    Schedule& schedule_;
    World& world_;
    std::uint64_t to_place_ = 0;
    std::uint64_t placed_ = 0;
    std::unordered_map<std::string, std::uint64_t> causes_;
    std::vector<double> answer_ms_;  // from call.initiated to the answer command
};

}  // namespace gw::simulator
