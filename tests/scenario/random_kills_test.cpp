// SPDX-License-Identifier: Apache-2.0
// The process is killed at random instants while calls stream in, with webhooks repeated and out of
// order, and in the midst of transfers, gathers and calls of ours; then all comes to rest and the
// history must hold. The seed is printed; GW_SEED replays its choices (instants, ids and faults;
// what the kernel does in between is its own).
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <poll.h>
#include <random>
#include <set>
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
    bool asks = false;            // for transfers, gathers and calls of ours, before every kill
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

// What the carrier is at because we asked for it. Counted when the gateway has just been killed: by
// the carrier's history it was under way then.
class Interrupted {
public:
    explicit Interrupted(World& world) : world_(world) {}

    void count() {
        const std::vector<json>& history = world_.carrier();
        for (; read_ < history.size(); ++read_) {
            const json& entry = history[read_];
            if (entry["type"] == "command" && entry["command"] == "gather_using_speak" &&
                entry.value("executed", false)) {
                under_way_["gather"].insert(entry["call_control_id"].get<std::string>());
            } else if (entry["type"] == "event" && entry.contains("event")) {
                follow(entry["event"]);
            }
        }
        for (const auto& [what, legs] : under_way_) {
            times_[what] += legs.size();
        }
    }
    [[nodiscard]] std::size_t times(const std::string& what) const {
        const auto found = times_.find(what);
        return found == times_.end() ? 0 : found->second;
    }
    [[nodiscard]] bool each() const {
        return times("transfer") > 0 && times("gather") > 0 && times("dial") > 0;
    }

private:
    void follow(const json& event) {
        const json& payload = event["payload"];
        const std::string leg = payload.value("call_control_id", "");
        const std::string session = payload.value("call_session_id", "");
        if (event["event_type"] == "call.initiated") {
            if (payload.value("direction", "") == "incoming") {
                rang_here_.insert(session);
            } else {  // the leg that a transfer makes is of its caller's session
                under_way_[rang_here_.contains(session) ? "transfer" : "dial"].insert(leg);
            }
        } else if (event["event_type"] == "call.gather.ended") {
            under_way_["gather"].erase(leg);
        } else if (event["event_type"] == "call.hangup") {
            for (auto& [what, legs] : under_way_) {
                legs.erase(leg);
            }
        }
    }

    World& world_;
    std::size_t read_ = 0;
    std::set<std::string> rang_here_;                         // sessions of calls that came in
    std::map<std::string, std::set<std::string>> under_way_;  // transfer, gather, dial: legs
    std::map<std::string, std::size_t> times_;
};

void expect_each_was_interrupted(const Interrupted& interrupted) {
    for (const char* what : {"transfer", "gather", "dial"}) {
        EXPECT_GT(interrupted.times(what), 0U) << "no " << what << " was under way at any kill";
    }
}

json callee_talks() {
    return {{"outcome", "answer"},
            {"after_ms", 30},
            {"steps", {{{"wait_ms", 200}}, {{"hangup", true}}}}};
}
json callee_is_busy() {
    return {{"outcome", "busy"}, {"after_ms", 30}};
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

    Interrupted interrupted(world);
    std::uniform_int_distribution<std::int64_t> life_us(0, plan.life_max.count());
    for (int kill = 0; kill < plan.kills; ++kill) {
        const microseconds life{life_us(chance)};
        let_live_for(life);
        if (plan.asks) {
            const json callee = kill % 3 == 0 ? callee_is_busy() : callee_talks();
            world.control("PUT", "/scenario", {{"callees", {{"*", callee}}}});
            ask_for_something(world, chance);
            let_live_for(microseconds{static_cast<std::int64_t>(chance() % 100'000)});
        }
        ASSERT_TRUE(world.gateway().running()) << world.gateway().log();
        world.kill();
        world.spawn();        // the next one may be killed before it is ready, too
        interrupted.count();  // at each kill: the simulator keeps only the latest entries
    }
    world.start();
    ASSERT_TRUE(world.quiesce(plan.quiet_within)) << world.control("GET", "/status");
    const auto all = world.calls();
    const auto came_in = [](const json& call) { return call["direction"] == "inbound"; };
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(all, came_in)), plan.calls);
    if (plan.asks) {
        expect_each_was_interrupted(interrupted);
        EXPECT_EQ(world.control("GET", "/legs?state=live")["legs"], json::array());
    } else {
        EXPECT_EQ(all.size(), plan.calls);
    }
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

TEST(RandomKills, InsideTransfersGathersAndDialsLeaveNoLegHanging) {
    std::mt19937_64 chance(seed_of_this_run());
    WorldOptions options;
    options.seed = chance();
    options.config["telnyx"] = {{"settle_ms", 5'000}, {"park_seconds", 60}};
    options.config["gather"] = {{"grace_seconds", 1}};
    options.config["reconcile"] = {{"idle_seconds", 5}, {"interval_seconds", 1}};
    World world(std::move(options));
    const json script = {
        {"to", number_of_agent},
        {"steps", {{{"wait_ms", 700}}, {{"press", "1"}}, {{"wait_ms", 300}}, {{"hangup", true}}}}};
    world.control("POST", "/load", {{"calls", 60}, {"rate", 20}, {"script", script}});
    Interrupted interrupted(world);
    // Some more kills where chance has left one of the three alone.
    for (int kill = 0; kill < 8 || (kill < 40 && !interrupted.each()); ++kill) {
        if (kill >= 8) {
            world.place_call(script);  // the load may be over
        }
        const json callee = kill % 3 == 0 ? callee_is_busy() : callee_talks();
        world.control("PUT", "/scenario", {{"callees", {{"*", callee}}}});
        ask_for_something(world, chance);
        let_live_for(microseconds{static_cast<std::int64_t>(chance() % 200'000)});
        world.kill();
        interrupted.count();
        world.start();
    }
    ASSERT_TRUE(world.quiesce(std::chrono::minutes{2})) << world.control("GET", "/status");
    EXPECT_GE(world.calls().size(), 60U);
    expect_each_was_interrupted(interrupted);
    EXPECT_EQ(world.control("GET", "/legs?state=live")["legs"], json::array());
    for (const json& call : world.calls()) {
        EXPECT_FALSE(call["ended_at"].is_null()) << call;
    }
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = false}), "");
}

// Runs with GW_LONG=1 only: 200 kills under 500 events a second with some 200 calls on the line, in
// the midst of transfers, gathers and calls of ours.
TEST(LongRandomKills, LoseNothingAndDoNothingTwice) {
    run({.kills = 200,
         .calls = 12000,
         .calls_per_second = 100,
         .talk_ms = 2000,
         .life_max = microseconds{800'000},
         .quiet_within = std::chrono::minutes{10},
         // Longer waits, as Telnyx has them: some ten thousand impatient retries a second would be
         // a trial of the simulator.
         .backoff_ms = {200, 500, 1000, 2000, 4000},
         .asks = true});
}

}  // namespace
}  // namespace gw::scenario
