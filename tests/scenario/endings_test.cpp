// SPDX-License-Identifier: Apache-2.0
// Calls that end before, or without, a conversation: callers who give up, and calls we refuse.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace gw::scenario {
namespace {

using nlohmann::json;

constexpr const char* reject = "reject";

json stays_on_the_line() {
    return {{"steps", json::array()}};
}

json last_command(World& world, std::string_view kind) {
    json found;
    for (const json& entry : world.carrier("command")) {
        if (entry["command"] == kind) {
            found = entry;
        }
    }
    return found;
}

TEST(CallerGivesUp, BeforeTheAnswerIsCanceledAndToldAsFailed) {
    World world;
    // The answer never takes effect while it rings; then the caller has had enough.
    world.set_faults({{"commands", {{"server_error", 1.0}}}});
    world.place_call({{"give_up_after_ms", 300}});
    ASSERT_TRUE(world.quiesce());

    const json call = world.only_call();
    EXPECT_EQ(call["status"], "canceled");
    EXPECT_EQ(call["disposition"], "no-answer");
    EXPECT_EQ(call["ended_reason"], "caller-hangup");
    EXPECT_EQ(call["started_at"], nullptr);
    EXPECT_EQ(call["duration_seconds"], 0);
    EXPECT_EQ(call["total_cost"], 0);
    EXPECT_EQ(world.received().back()["event"], "call.failed");
    EXPECT_EQ(world.verdict(), "");
}

TEST(Refused, ANumberNobodyHasIsRejectedAndShownInTheOnlyProject) {
    World world;
    const std::string leg = world.place_call({{"to", "+31850099999"}});
    ASSERT_TRUE(eventually([&] { return world.leg(leg)["state"] == "ended"; }));
    ASSERT_TRUE(world.quiesce());

    EXPECT_EQ(last_command(world, reject)["body"]["cause"], "CALL_REJECTED");
    EXPECT_EQ(world.commands(reject), 1U);
    EXPECT_EQ(world.commands("answer", false), 0U);
    const json call = world.only_call();
    EXPECT_EQ(call["status"], "rejected");
    EXPECT_EQ(call["disposition"], "rejected");
    EXPECT_EQ(call["agent_id"], nullptr);
    const std::string path = "/v1/calls/" + call["call_id"].get<std::string>() + "/events";
    const json effects = world.api(path).json()["events"][0]["effects"];
    EXPECT_EQ(effects[1]["refused"], "no-agent");
    EXPECT_EQ(effects[2]["cause"], "CALL_REJECTED");
    EXPECT_TRUE(world.received().empty());
}

TEST(Refused, ANumberNobodyHasIsShownToNoneOfSeveralProjects) {
    WorldOptions options;
    options.config["projects"] = {
        {{"id", 1}, {"public_id", "proj_00000001"}, {"org_id", 42}, {"name", "Main"}},
        {{"id", 2}, {"public_id", "proj_00000002"}, {"org_id", 42}, {"name", "Other"}}};
    World world(std::move(options));
    const std::string leg = world.place_call({{"to", "+31850099999"}});
    ASSERT_TRUE(eventually([&] { return world.leg(leg)["state"] == "ended"; }));
    EXPECT_EQ(world.commands(reject), 1U);
    ASSERT_TRUE(world.quiesce());
    EXPECT_TRUE(world.calls().empty());
    EXPECT_EQ(world.api("/v1/calls/1").status, 404U);
}

TEST(Refused, TheEleventhCallOfASmallOrgIsBusyAndTheFirstTenGoOn) {
    WorldOptions options;
    options.config["orgs"] = {{{"id", 42}, {"name", "Acme"}, {"tier", "payg"}}};
    World world(std::move(options));
    constexpr std::size_t concurrent_max = 10;  // tier payg, API contract
    std::vector<std::string> legs;
    for (std::size_t i = 0; i < concurrent_max; ++i) {
        legs.push_back(world.place_call(stays_on_the_line()));
    }
    ASSERT_TRUE(eventually([&] { return world.commands("answer") == concurrent_max; }));

    const std::string refused = world.place_call(stays_on_the_line());
    ASSERT_TRUE(eventually([&] { return world.leg(refused)["state"] == "ended"; }));
    EXPECT_EQ(last_command(world, reject)["body"]["cause"], "USER_BUSY");
    ASSERT_TRUE(eventually(
        [&] { return world.api("/v1/calls?status=rejected").json()["calls"].size() == 1; }));
    const json busy = world.call_of(refused);
    EXPECT_EQ(busy["disposition"], "rejected");
    const std::string path = "/v1/calls/" + busy["call_id"].get<std::string>() + "/events";
    EXPECT_EQ(world.api(path).json()["events"][0]["effects"][1]["refused"], "over-capacity");
    EXPECT_EQ(world.metric("gateway_live_calls"), static_cast<double>(concurrent_max));

    // A place becomes free: the next caller is answered.
    world.control("POST", "/calls/" + legs.back() + "/actions", {{"hangup", true}});
    ASSERT_TRUE(eventually([&] { return world.metric("gateway_live_calls") < concurrent_max; }));
    legs.back() = world.place_call(stays_on_the_line());
    ASSERT_TRUE(eventually([&] { return world.commands("answer") == concurrent_max + 1; }));
    for (const std::string& leg : legs) {
        world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    }
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.verdict(), "");
}

TEST(Drain, LetsLiveCallsEndRefusesNewOnesAndExitsWithZero) {
    World world;
    const json script = {{"steps", json::array()}};
    const std::string first = world.place_call(script);
    const std::string second = world.place_call(script);
    const auto live = [&] {
        return world.api("/v1/calls?status=in-progress").json()["calls"].size();
    };
    ASSERT_TRUE(eventually([&] { return live() == 2; }));

    world.gateway().send(SIGTERM);
    ASSERT_TRUE(eventually([&] { return world.admin("/readyz").status == 503; }));
    EXPECT_EQ(world.admin("/healthz").status, 200);
    const std::string late = world.place_call(script);
    ASSERT_TRUE(eventually([&] { return world.leg(late)["state"] == "ended"; }));
    EXPECT_EQ(last_command(world, reject)["body"]["cause"], "USER_BUSY");
    EXPECT_EQ(live(), 2U);
    EXPECT_TRUE(world.gateway().running());

    // One leaves of itself, one is asked to through the API, which still answers.
    world.control("POST", "/calls/" + first + "/actions", {{"hangup", true}});
    ASSERT_TRUE(eventually([&] { return live() == 1; }));
    const auto id = world.call_of(second)["call_id"].get<std::string>();
    EXPECT_EQ(world.api("/v1/calls/" + id + "/end", "POST").status, 200);
    const auto ending = world.gateway().wait();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->exit_code, 0) << world.gateway().log();

    // Every event was told before the process went; nothing is left for the next one.
    std::size_t ended = 0;
    for (const json& event : world.received()) {
        ended += event["event"] == "call.ended" || event["event"] == "call.failed" ? 1 : 0;
    }
    EXPECT_EQ(ended, 3U);
    world.start();
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.verdict(), "");
}

// Both ways of not waiting for the last caller: the time given is over, or a second signal came.
// The call stays on the line and the next process goes on with it.
TEST(Drain, EndsInTheMiddleOfACallWhenItsTimeIsOverOrASecondSignalComes) {
    for (const bool by_signal : {false, true}) {
        WorldOptions options;
        options.config["drain_timeout_seconds"] = by_signal ? 600 : 1;
        World world(std::move(options));
        const std::string leg = world.place_call(stays_on_the_line());
        ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
        world.gateway().send(SIGTERM);
        ASSERT_TRUE(eventually([&] { return world.admin("/readyz").status != 200; }));
        if (by_signal) {
            world.gateway().send(SIGTERM);
        }
        const auto ending = world.gateway().wait();
        ASSERT_TRUE(ending);
        EXPECT_EQ(ending->exit_code, 0);
        EXPECT_EQ(world.leg(leg)["state"], "answered");

        world.start();
        EXPECT_EQ(world.only_call()["status"], "in-progress");
        world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
        ASSERT_TRUE(world.quiesce());
        EXPECT_EQ(world.verdict(), "");
    }
}

TEST(Drain, GivesDueWebhooksAnAttemptAndKeepsTheRestForTheNextStart) {
    World world;
    world.control("PUT", "/receiver", {{"status", 503}, {"times", 1000}});
    world.place_call({{"steps", {{{"hangup", true}}}}});
    ASSERT_TRUE(eventually([&] { return world.carrier("received").size() >= 3; }));
    world.gateway().send(SIGTERM);
    const auto ending = world.gateway().wait();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->exit_code, 0);

    world.control("PUT", "/receiver", {{"status", 200}, {"times", 0}});
    world.start();
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.verdict(), "");
}

TEST(EndByApi, FiftyAtOnceMakeOneHangup) {
    World world;
    world.place_call(stays_on_the_line());
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));

    const std::vector<std::string> same(50, "/v1/calls/call_00000001/end");
    std::size_t accepted = 0;
    for (const Answer& answer : world.api_all(same, "POST")) {
        if (answer.status == 200) {
            EXPECT_EQ(answer.json(), json({{"success", true}}));
            ++accepted;
        } else {
            EXPECT_EQ(answer.status, 409U);
            EXPECT_EQ(answer.json()["code"], "CALL_NOT_IN_PROGRESS");
            EXPECT_EQ(answer.json()["error"], "Call is not in progress");
        }
    }
    EXPECT_GE(accepted, 1U);
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.commands("hangup", false), 1U);
    EXPECT_EQ(world.only_call()["ended_reason"], "api");
    EXPECT_EQ(world.api("/v1/calls/1/end", "POST").status, 409U);
    EXPECT_EQ(world.verdict(), "");
}

}  // namespace
}  // namespace gw::scenario
