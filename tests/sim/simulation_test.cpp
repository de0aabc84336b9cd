// Thousands of seeded runs of the whole application over fakes: duplicates, reordering, delay,
// loss, commands that fail or lose their answer, a store that fails or is unsure, and crashes.
// GW_SIM_SEEDS sets how many, GW_SIM_SEED runs one.
#include "tests/sim/simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace gw::sim {
namespace {

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string told(const std::vector<std::string>& faults) {
    std::string out;
    for (const std::string& fault : faults) {
        out += "\n  " + fault;
    }
    return out;
}

void expect_kept(std::uint64_t seed) {
    const auto faults = Simulation({.seed = seed}).run();
    ASSERT_TRUE(faults.empty()) << "GW_SIM_SEED=" << seed << told(faults);
}

TEST(Simulation, EverySeedKeepsEveryPromise) {
    if (const std::uint64_t one = number_of("GW_SIM_SEED", 0)) {
        expect_kept(one);
        return;
    }
    const std::uint64_t seeds = number_of("GW_SIM_SEEDS", 2'000);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        expect_kept(seed);
        if (HasFatalFailure()) {
            return;
        }
    }
}

TEST(Simulation, SeedsThatOnceFailedHold) {
    std::ifstream seeds(std::string(GW_SOURCE_DIR) + "/tests/sim/seeds.txt");
    ASSERT_TRUE(seeds) << "tests/sim/seeds.txt is missing";
    std::string line;
    while (std::getline(seeds, line)) {
        if (!line.empty() && line.front() != '#') {
            expect_kept(std::strtoull(line.c_str(), nullptr, 10));
        }
    }
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
    EXPECT_EQ(Simulation({.seed = 7, .sabotage = Sabotage::lose_event}).run(),
              Simulation({.seed = 7, .sabotage = Sabotage::lose_event}).run());
}

class PlantedFault : public testing::TestWithParam<Sabotage> {};

// The checker is only worth something if it shouts: each planted fault must be seen within a few
// seeds.
TEST_P(PlantedFault, IsNoticed) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        if (!Simulation({.seed = seed, .sabotage = GetParam()}).run().empty()) {
            return;
        }
    }
    FAIL() << "the fault went unnoticed";
}

std::string name_of(const testing::TestParamInfo<Sabotage>& info) {
    constexpr std::array<const char*, 6> names{"None",       "LoseEvent",   "NewCommandIds",
                                               "ChangeBody", "DropWebhook", "NeverEnd"};
    return names[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedFault,
                         testing::Values(Sabotage::lose_event, Sabotage::new_command_ids,
                                         Sabotage::change_body, Sabotage::drop_webhook,
                                         Sabotage::never_end),
                         name_of);

}  // namespace
}  // namespace gw::sim
