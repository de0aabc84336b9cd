// SPDX-License-Identifier: Apache-2.0
// The process is killed at random instants while calls stream in, with webhooks repeated and out of
// order; then all comes to rest and the history must hold. The seed is printed; GW_SEED replays its
// choices (instants, ids and faults; what the kernel does in between is its own).
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <random>
#include <vector>

namespace gw::scenario {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

struct Plan {
    int kills = 0;
    std::size_t calls = 0;
    double calls_per_second = 0;
    int talk_ms = 0;
    microseconds life_max{0};  // of one process
    milliseconds quiet_within{0};
    std::vector<int> backoff_ms;  // the carrier's, between two tries of a webhook
};

std::uint64_t seed_of_this_run() {
    const char* given = std::getenv("GW_SEED");
    const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    std::cout << "GW_SEED=" << seed << std::endl;  // also when the run is cut short
    ::testing::Test::RecordProperty("seed", std::to_string(seed));
    return seed;
}

// The instant is the experiment itself, no waiting for something to have happened.
void let_live_for(microseconds time) {
    const timespec span{.tv_sec = time.count() / 1'000'000,
                        .tv_nsec = (time.count() % 1'000'000) * 1000};
    (void)::ppoll(nullptr, 0, &span, nullptr);
}

void run(const Plan& plan) {
    const std::uint64_t seed = seed_of_this_run();
    std::mt19937_64 chance(seed);
    WorldOptions options;
    options.seed = seed;
    // An event may come as late as the carrier's retries: what waits for another waits longer.
    options.config["telnyx"] = {{"settle_ms", 30'000}, {"park_seconds", 60}};
    World world(std::move(options));
    world.set_faults({{"webhooks",
                       {{"duplicate", 0.2},
                        {"duplicate_count", 2},
                        {"reorder", 0.15},
                        {"reorder_hold_ms", 100},
                        {"delay_max_ms", 30}}},
                      {"redelivery", {{"backoff_ms", plan.backoff_ms}}}});
    const json script = {
        {"to", number_of_agent},
        {"steps", {{{"wait_ms", plan.talk_ms}}, {{"press", "1"}}, {{"hangup", true}}}}};
    world.control("POST", "/load",
                  {{"calls", plan.calls}, {"rate", plan.calls_per_second}, {"script", script}});

    std::uniform_int_distribution<std::int64_t> life_us(0, plan.life_max.count());
    for (int kill = 0; kill < plan.kills; ++kill) {
        const microseconds life{life_us(chance)};
        let_live_for(life);
        ASSERT_TRUE(world.gateway().running()) << world.gateway().log();
        world.kill();
        world.spawn();          // the next one may be killed before it is ready, too
        (void)world.carrier();  // the simulator keeps only the latest entries
    }
    world.start();
    ASSERT_TRUE(world.quiesce(plan.quiet_within)) << world.control("GET", "/status");
    EXPECT_EQ(world.calls().size(), plan.calls);
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}), "");
}

TEST(RandomKills, LoseNothingAndDoNothingTwice) {
    run({.kills = 12,
         .calls = 200,
         .calls_per_second = 40,
         .talk_ms = 400,
         .life_max = microseconds{700'000},
         .quiet_within = seconds{60},
         .backoff_ms = {20, 50, 100}});
}

// Asks for something of the calls on the line, and places one; who dies meanwhile gives no answer.
void ask_for_something(World& world, std::mt19937_64& chance) {
    const auto post = [&world](const std::string& path, const json& body) {
        net::ClientRequest request = world.json_post(path, body);
        request.timeout = milliseconds{40};
        (void)world.door().send(std::move(request));
    };
    const json live = world.api("/v1/calls?status=in-progress&limit=5").json();
    if (live.is_object() && live.contains("calls")) {
        for (const json& call : live["calls"]) {
            const std::string path = "/v1/calls/" + call["call_id"].get<std::string>();
            if (chance() % 2 == 0) {
                post(path + "/transfer", {{"destination", "+31850099999"}});
            } else {
                post(path + "/gather", {{"prompt", "Your number?"}, {"timeout_seconds", 5}});
            }
        }
    }
    post("/v1/calls", {{"agent_id", 7}, {"to", "+31612345678"}});
}

TEST(RandomKills, InsideTransfersGathersAndDialsLeaveNoLegHanging) {
    std::mt19937_64 chance(seed_of_this_run());
    WorldOptions options;
    options.seed = chance();
    options.config["telnyx"] = {{"settle_ms", 5'000}, {"park_seconds", 60}};
    options.config["gather"] = {{"grace_seconds", 1}};
    options.config["reconcile"] = {{"idle_seconds", 5}, {"interval_seconds", 1}};
    World world(std::move(options));
    const json talks = {{"outcome", "answer"},
                        {"after_ms", 30},
                        {"steps", {{{"wait_ms", 200}}, {{"hangup", true}}}}};
    const json busy = {{"outcome", "busy"}, {"after_ms", 30}};
    const json script = {
        {"to", number_of_agent},
        {"steps", {{{"wait_ms", 700}}, {{"press", "1"}}, {{"wait_ms", 300}}, {{"hangup", true}}}}};
    world.control("POST", "/load", {{"calls", 60}, {"rate", 20}, {"script", script}});
    for (int kill = 0; kill < 8; ++kill) {
        world.control("PUT", "/scenario", {{"callees", {{"*", kill % 3 == 0 ? busy : talks}}}});
        ask_for_something(world, chance);
        let_live_for(microseconds{static_cast<std::int64_t>(chance() % 200'000)});
        world.kill();
        world.start();
    }
    ASSERT_TRUE(world.quiesce(std::chrono::minutes{2})) << world.control("GET", "/status");
    EXPECT_GE(world.calls().size(), 60U);
    EXPECT_GT(world.commands("dial"), 0U);
    EXPECT_GT(world.commands("transfer") + world.commands("gather_using_speak"), 0U);
    for (const json& call : world.calls()) {
        EXPECT_FALSE(call["ended_at"].is_null()) << call;
    }
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = false}), "");
}

// Runs with GW_LONG=1 only: 200 kills under 500 events a second with some 200 calls on the line.
TEST(LongRandomKills, LoseNothingAndDoNothingTwice) {
    run({.kills = 200,
         .calls = 12000,
         .calls_per_second = 100,
         .talk_ms = 2000,
         .life_max = microseconds{800'000},
         .quiet_within = std::chrono::minutes{10},
         // Longer waits, as Telnyx has them: some ten thousand impatient retries a second would be
         // a trial of the simulator.
         .backoff_ms = {200, 500, 1000, 2000, 4000}});
}

}  // namespace
}  // namespace gw::scenario
