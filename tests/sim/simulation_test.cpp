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
    for (const std::uint64_t seed : {7ULL, 8ULL, 9ULL}) {
        Simulation first({.seed = seed, .sabotage = Sabotage::lose_event});
        Simulation second({.seed = seed, .sabotage = Sabotage::lose_event});
        EXPECT_EQ(first.run(), second.run());
        EXPECT_EQ(first.history(), second.history());
        EXPECT_FALSE(first.history().empty());
    }
}

struct Plant {
    const char* name;
    Sabotage sabotage;
    const char* found;  // what the checker says of it
};

void PrintTo(const Plant& plant, std::ostream* out) {
    *out << plant.name;
}

class PlantedFault : public testing::TestWithParam<Plant> {};

// The checker is only worth something if it shouts: each planted fault must be seen within a few
// seeds, and be called by its name.
TEST_P(PlantedFault, IsNoticed) {
    std::string last;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        last = told(Simulation({.seed = seed, .sabotage = GetParam().sabotage}).run());
        if (last.find(GetParam().found) != std::string::npos) {
            return;
        }
    }
    FAIL() << "the fault went unnoticed; of the last run it was said:" << last;
}

constexpr Plant plants[] = {
    {"LoseEvent", Sabotage::lose_event, "is on no timeline"},
    {"NewCommandIds", Sabotage::new_command_ids, "was carried out twice"},
    {"ChangeBody", Sabotage::change_body, "changed between attempts"},
    {"DropWebhook", Sabotage::drop_webhook, "has a gap in its sequence"},
    {"NeverEnd", Sabotage::never_end, "was left alive"},
    {"DialAgain", Sabotage::dial_again, "was dialled anew"},
    {"ChangeCommand", Sabotage::change_command, "changed between requests"},
    {"LeaveTarget", Sabotage::leave_target, "was left alive"},
    {"AcceptWithoutDoing", Sabotage::accept_without_doing, "accepted and never carried out"},
    {"GatherToldTwice", Sabotage::gather_told_twice, "gathers of"},
    {"InventDigits", Sabotage::invent_digits, "digits that nobody pressed"},
    {"PraiseTransfer", Sabotage::praise_transfer, "record differ about the transfer"},
    {"Overcharge", Sabotage::overcharge, "tells another cost than it has"},
    {"ForgetRequest", Sabotage::forget_request, "got no answer"},
};

INSTANTIATE_TEST_SUITE_P(Each, PlantedFault, testing::ValuesIn(plants),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace gw::sim
