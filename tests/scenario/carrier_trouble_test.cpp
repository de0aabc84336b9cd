// SPDX-License-Identifier: Apache-2.0
// What goes wrong on the carrier's side: webhooks twice, out of order, lost; commands that fail,
// are not answered, or come too late.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gw::scenario {
namespace {

using nlohmann::json;

json short_call() {
    return {{"steps",
             {{{"wait_ms", 150}},
              {{"press", "12"}, {"gap_ms", 40}},
              {{"wait_ms", 100}},
              {{"hangup", true}}}}};
}

TEST(CarrierWebhooks, TwiceAndOutOfOrderMakeTheSameRecords) {
    World world;
    world.set_faults({{"webhooks",
                       {{"duplicate", 0.5},
                        {"duplicate_count", 3},
                        {"reorder", 0.4},
                        {"reorder_hold_ms", 300},
                        {"delay_max_ms", 60}}}});
    constexpr std::size_t calls = 30;
    world.control("POST", "/load",
                  {{"calls", calls},
                   {"rate", 40},
                   {"script", {{"to", number_of_agent}, {"steps", short_call()["steps"]}}}});
    ASSERT_TRUE(world.quiesce()) << world.verdict();

    EXPECT_EQ(world.calls().size(), calls);
    for (const json& call : world.calls()) {
        EXPECT_EQ(call["status"], "completed") << call;
        EXPECT_EQ(call["ended_reason"], "caller-hangup") << call;
    }
    EXPECT_GT(world.metric("gateway_carrier_events_total{result=\"duplicate\"}"), 0.0);
    EXPECT_EQ(world.verdict(), "");
}

TEST(CarrierWebhooks, ALostHangupIsFoundOutByAsking) {
    WorldOptions options;
    options.config["reconcile"] = {{"idle_seconds", 1}, {"interval_seconds", 1}};
    World world(std::move(options));
    world.set_faults({{"targets", {{{"event", "call.hangup"}, {"fault", "lose"}}}}});
    const std::string leg = world.place_call(short_call());
    ASSERT_TRUE(world.quiesce());

    const json call = world.only_call();
    EXPECT_EQ(call["status"], "failed") << call;  // the cause is unknown
    EXPECT_EQ(call["ended_reason"], "error") << call;
    EXPECT_EQ(world.metric("gateway_calls_closed_total{closed_by=\"reconciler\"}"), 1.0);
    EXPECT_EQ(world.received().back()["event"], "call.ended");
    EXPECT_EQ(world.verdict(), "");
}

TEST(CarrierWebhooks, EventsWhoseBeginningIsLostStillMakeARecord) {
    World world;
    world.set_faults({{"targets", {{{"event", "call.initiated"}, {"fault", "lose"}}}}});
    world.place_call({{"give_up_after_ms", 200}});
    // The hangup waits for its call's beginning as long as park_seconds says; then it is one.
    ASSERT_TRUE(eventually([&] { return world.only_call().is_object(); }));
    ASSERT_TRUE(world.quiesce());
    const json call = world.only_call();
    EXPECT_EQ(call["status"], "canceled") << call;
    EXPECT_EQ(world.verdict(), "");
}

TEST(CarrierWebhooks, AFifthOfThemLostLeavesNoGhost) {
    WorldOptions options;
    options.config["reconcile"] = {{"idle_seconds", 1}, {"interval_seconds", 1}};
    World world(std::move(options));
    world.set_faults({{"webhooks", {{"loss", 0.2}}}});
    json script = short_call();
    script["to"] = number_of_agent;
    script["give_up_after_ms"] = 800;  // of those whose call.initiated is lost
    world.control("POST", "/load", {{"calls", 40}, {"rate", 60}, {"script", script}});
    ASSERT_TRUE(world.quiesce()) << world.verdict();
    // What waits without its beginning becomes a call after park_seconds, so all of it comes to
    // rest.
    const auto parked = [&] {
        return world.metric("gateway_call_actors") > static_cast<double>(world.calls().size());
    };
    ASSERT_TRUE(eventually([&] { return !parked() && world.quiesce(milliseconds{200}); }));
    EXPECT_GT(world.metric("gateway_calls_closed_total{closed_by=\"reconciler\"}"), 0.0);
    EXPECT_EQ(world.verdict({.receiver_saw_order = true, .times_are_the_carriers = false}), "");
}

// An attempt that Telnyx leaves without an answer is waited out: not for long where that is the
// subject, and longer than a machine stalls where it is not.
constexpr int hasty_timeout_ms = 400;
constexpr int patient_timeout_ms = 10'000;

struct Trouble {
    const char* name;
    json faults;  // for the answer command
    int timeout_ms;
    std::size_t answers_min;
    std::optional<std::size_t> answers_max;  // none: what times out is repeated, however often
};

void PrintTo(const Trouble& row, std::ostream* out) {
    *out << row.name;
}

// Requests to Telnyx that lasted long enough for a hasty timeout.
double slow_requests(World& world) {
    return world.metric("telnyx_request_seconds_count") -
           world.metric("telnyx_request_seconds_bucket{le=\"0.25\"}");
}

class CarrierCommand : public ::testing::TestWithParam<Trouble> {};

TEST_P(CarrierCommand, IsCarriedOutOnceWhateverBecomesOfTheFirstTry) {
    WorldOptions options;
    options.config["telnyx"]["command_timeout_ms"] = GetParam().timeout_ms;
    World world(std::move(options));
    world.set_faults(GetParam().faults);
    const std::string leg = world.place_call(short_call());
    ASSERT_TRUE(world.quiesce());

    EXPECT_EQ(world.commands("answer"), 1U);
    EXPECT_GE(world.commands("answer", false), GetParam().answers_min);
    if (GetParam().answers_max) {
        EXPECT_LE(world.commands("answer", false), *GetParam().answers_max);
    } else {
        EXPECT_LE(world.metric("telnyx_request_repeats_total"), slow_requests(world));
    }
    EXPECT_EQ(world.only_call()["status"], "completed");
    EXPECT_EQ(world.verdict(), "");
}

const Trouble troubles[] = {
    {"ServerErrorTwice",
     {{"targets", {{{"command", "answer"}, {"count", 2}, {"fault", "server_error"}}}}},
     patient_timeout_ms,
     3,
     3},
    {"ReplyLost",
     {{"commands", {{"stall_ms", 5000}}},
      {"targets", {{{"command", "answer"}, {"fault", "reply_lost"}}}}},
     hasty_timeout_ms,
     1,
     std::nullopt},
    {"Stalled",
     {{"commands", {{"stall_ms", 3000}}},
      {"targets", {{{"command", "answer"}, {"fault", "stall"}}}}},
     hasty_timeout_ms,
     2,
     std::nullopt},
    {"PacedOnce",
     {{"commands", {{"rate_limit_reset_s", 1}}},
      {"targets", {{{"command", "answer"}, {"fault", "rate_limited"}}}}},
     patient_timeout_ms,
     2,
     2},
};

INSTANTIATE_TEST_SUITE_P(Trouble, CarrierCommand, ::testing::ValuesIn(troubles),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(CarrierCommands, AHangupThatComesTooLateIsDone) {
    WorldOptions options;
    options.config["telnyx"]["command_timeout_ms"] = patient_timeout_ms;
    World world(std::move(options));
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    world.set_faults({{"targets", {{{"command", "hangup"}, {"count", 100}, {"fault", "ended"}}}}});
    EXPECT_EQ(world.api("/v1/calls/1/end", "POST").status, 200U);
    // Only then: a call that is over by its event needs no hangup any more.
    ASSERT_TRUE(eventually([&] { return world.commands("hangup", false) >= 1; }));
    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.commands("hangup", false), 1U);  // 90018 is an answer, not a reason to repeat
    EXPECT_EQ(world.only_call()["ended_reason"], "api");
    EXPECT_EQ(world.verdict(), "");
}

TEST(CarrierCommands, AHangupWhoseReplyIsLostIsCarriedOutOnce) {
    WorldOptions options;
    options.config["telnyx"]["command_timeout_ms"] = hasty_timeout_ms;
    World world(std::move(options));
    world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    world.set_faults({{"commands", {{"stall_ms", 3000}}},
                      {"targets", {{{"command", "hangup"}, {"fault", "reply_lost"}}}}});
    (void)world.api("/v1/calls/1/end", "POST");
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.commands("hangup"), 1U);
    EXPECT_EQ(world.only_call()["ended_reason"], "api");
    EXPECT_EQ(world.verdict(), "");
}

}  // namespace
}  // namespace gw::scenario
