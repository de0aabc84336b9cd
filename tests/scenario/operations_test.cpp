// SPDX-License-Identifier: Apache-2.0
// What an operator sees and does: configuration checks, health, metrics, restarts, two processes on
// one database.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::pair<Ending, std::string> run_gateway(World& world, const std::string& command) {
    return run_to_end(
        {.arguments = {gateway_program(), command, "--config", world.config_file().string()},
         .environment = {},
         .log = world.folder() / (command + ".log"),
         .folder = world.folder()});
}

TEST(Configuration, WithFaultsNamesEachOfThemAndStartsNothing) {
    WorldOptions options;
    options.start = false;
    World world(std::move(options));
    json bad = world.config();
    bad["http"]["listen"] = "nowhere";
    bad["telnyx"]["api_key"] = "env:GW_NO_SUCH_VARIABLE";
    bad["webhooks"]["jitter"] = 2;
    bad["agents"][0]["project_id"] = 99;
    bad["surprise"] = true;
    std::ofstream(world.config_file()) << bad;

    for (const char* command : {"check-config", "serve"}) {
        const auto [ending, said] = run_gateway(world, command);
        EXPECT_EQ(ending.exit_code, 2) << command;
        for (const char* path : {"http.listen", "telnyx.api_key", "webhooks.jitter",
                                 "agents[0].project_id", "surprise"}) {
            EXPECT_THAT(said, HasSubstr(path)) << command;
        }
        EXPECT_THAT(said, HasSubstr("gateway.json")) << command;
    }
    EXPECT_FALSE(std::filesystem::exists(world.folder() / "gateway.db"));
}

TEST(Configuration, OfAGoodFileIsSaidToBeGood) {
    World world;
    const auto [ending, said] = run_gateway(world, "check-config");
    EXPECT_EQ(ending.exit_code, 0) << said;
}

TEST(Health, TellsReadinessAndTheFiguresOfACall) {
    World world;
    EXPECT_EQ(world.admin("/healthz").status, 200U);
    EXPECT_EQ(world.admin("/readyz").json()["status"], "ready");
    EXPECT_EQ(world.metric("gateway_live_calls"), 0.0);
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    EXPECT_EQ(world.metric("gateway_live_calls"), 1.0);
    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.metric("gateway_live_calls"), 0.0);
    EXPECT_EQ(world.metric("gateway_calls_opened_total"), 1.0);
    EXPECT_EQ(world.metric("gateway_calls_closed_total{closed_by=\"webhook\"}"), 1.0);
    EXPECT_EQ(world.metric("gateway_webhook_attempts_total{outcome=\"success\"}"), 3.0);
    EXPECT_EQ(world.metric("telnyx_commands_total{kind=\"answer\",outcome=\"accepted\"}"), 1.0);
    // The public door has none of it.
    for (const char* path : {"/metrics", "/healthz", "/readyz", "/drain"}) {
        EXPECT_EQ(world.api(path).status, 404U) << path;
    }
}

TEST(Health, DrainsWhenThePrivateDoorAsks) {
    World world;
    EXPECT_LT(world.admin("/drain", "POST").status, 300U);
    const auto ending = world.gateway().wait();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->exit_code, 0);
}

TEST(Owner, IsOneProcessAndTheSecondSaysWhy) {
    World world;
    // Other ports, same database: only the database can be what is refused.
    WorldOptions options;
    options.start = false;
    options.config["store"] = world.config()["store"];
    World second(std::move(options));
    const auto [ending, said] = run_gateway(second, "serve");
    EXPECT_EQ(ending.exit_code, 1);
    EXPECT_THAT(said, HasSubstr("gateway.db"));
    EXPECT_TRUE(world.is_ready());

    world.kill();  // its claim dies with it
    second.start();
    EXPECT_TRUE(second.is_ready());
}

TEST(Restart, GoesOnWithALiveCall) {
    World world;
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    const json before = world.only_call();

    world.kill();
    world.control("POST", "/calls/" + leg + "/actions", {{"press", "5"}});  // nobody hears it yet
    world.start();
    const json after = world.only_call();
    EXPECT_EQ(after["status"], "in-progress");
    EXPECT_EQ(after["started_at"], before["started_at"]);
    EXPECT_EQ(world.metric("gateway_live_calls"), 1.0);
    ASSERT_TRUE(eventually([&] {
        const auto told = world.received();
        return !told.empty() && told.back()["event"] == "call.dtmf.received";
    }));
    EXPECT_EQ(world.api("/v1/calls/1/end", "POST").status, 200U);
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.only_call()["ended_reason"], "api");
    EXPECT_EQ(world.commands("answer", false), 1U);
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}), "");
}

TEST(Restart, AnswersACallThatRangMeanwhileOnce) {
    World world;
    // The first tries are refused, so that the gateway dies between two of them.
    world.set_faults(
        {{"targets", {{{"command", "answer"}, {"count", 3}, {"fault", "server_error"}}}}});
    world.place_call({{"steps", {{{"wait_ms", 100}}, {{"hangup", true}}}}});
    ASSERT_TRUE(eventually([&] { return world.commands("answer", false) >= 1; }, patience,
                           milliseconds{1}));
    EXPECT_EQ(world.commands("answer"), 0U);
    world.kill();
    world.start();
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.commands("answer"), 1U);
    EXPECT_EQ(world.only_call()["status"], "completed");
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}), "");
}

TEST(Restart, FindsOutThatACallEndedMeanwhile) {
    WorldOptions options;
    options.config["reconcile"] = {{"idle_seconds", 1}, {"interval_seconds", 1}};
    World world(std::move(options));
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    world.kill();
    world.set_faults({{"targets", {{{"event", "call.hangup"}, {"fault", "lose"}}}}});
    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    world.start();
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.metric("gateway_calls_closed_total{closed_by=\"reconciler\"}"), 1.0);
    EXPECT_EQ(world.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}), "");
}

}  // namespace
}  // namespace gw::scenario
