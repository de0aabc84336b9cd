// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

struct Case {
    const char* name;
    json body;
    json steps;
    const char* status;
    const char* digits;
    std::int64_t after_ms;  // from the command to call.gather.ended
};

const std::vector<Case>& cases() {
    static const json gap = 100;
    static const std::vector<Case> list = {
        {"ends at the terminating key",
         json::object(),
         {{{"press", "12#"}, {"gap_ms", gap}}},
         "valid",
         "12",
         200},
        {"ends at the last digit wanted",
         {{"maximum_digits", 2}},
         {{{"press", "123"}, {"gap_ms", gap}}},
         "valid",
         "12",
         100},
        {"ends when no further key comes",
         {{"inter_digit_timeout_millis", 700}},
         {{{"press", "5"}}},
         "valid",
         "5",
         700},
        {"times out without a key",
         {{"initial_timeout_millis", 900}},
         json::array(),
         "timeout",
         "",
         900},
        {"times out with too few digits",
         {{"minimum_digits", 3}, {"inter_digit_timeout_millis", 400}},
         {{{"press", "12"}, {"gap_ms", gap}}},
         "timeout",
         "12",
         500},
        {"times out as a whole",
         {{"timeout_millis", 250}},
         {{{"press", "1234"}, {"gap_ms", gap}}},
         "timeout",
         "123",
         250},
        {"is invalid when ended too early",
         {{"minimum_digits", 3}},
         {{{"press", "1#"}, {"gap_ms", gap}}},
         "invalid",
         "1",
         100},
        {"is invalid with a key not allowed",
         {{"valid_digits", "12"}},
         {{{"press", "19"}, {"gap_ms", gap}}},
         "invalid",
         "19",
         100},
        {"is told when the caller leaves",
         json::object(),
         {{{"press", "7"}}, {{"wait_ms", 50}}, {{"hangup", true}}},
         "call_hangup",
         "7",
         50},
    };
    return list;
}

TEST(Gather, EndsAsItsCaseSays) {
    for (const Case& item : cases()) {
        Rig rig;
        json steps = json::array({{{"await", "gather"}}});
        steps.insert(steps.end(), item.steps.begin(), item.steps.end());
        const auto id = rig.talk({{"steps", steps}});
        rig.pass(1000);
        const UtcTime begun = rig.schedule.now();
        rig.send("gather", id, item.body);
        rig.pass(100'000);
        const Event& ended = rig.last("call.gather.ended");
        EXPECT_EQ(ended.payload["status"], item.status) << item.name;
        EXPECT_EQ(ended.payload["digits"], item.digits) << item.name;
        EXPECT_EQ(ended.occurred_at - begun, milliseconds{item.after_ms}) << item.name;
        EXPECT_EQ(std::ranges::count(rig.told(), "call.gather.ended"), 1) << item.name;
    }
}

TEST(Gather, IsCancelledByItsStop) {
    Rig rig;
    const auto id = rig.talk();
    rig.send("gather", id, {{"gather_id", "g1"}});
    rig.send("gather_stop", id);
    EXPECT_EQ(rig.last("call.gather.ended").payload["status"], "cancelled");
    EXPECT_EQ(rig.last("call.gather.ended").payload["gather_id"], "g1");
    rig.pass(100'000);
    EXPECT_EQ(std::ranges::count(rig.told(), "call.gather.ended"), 1);
}

TEST(Gather, WithAPromptAsksAgainUntilItsTriesAreUsed) {
    Rig rig;
    rig.world.scenario().speak_time = milliseconds{1000};
    const auto id = rig.talk();
    const UtcTime begun = rig.schedule.now();
    rig.send("gather_using_speak", id,
             {{"payload", "Your code"},
              {"voice", "female"},
              {"maximum_tries", 2},
              {"timeout_millis", 4000}});
    rig.pass(100'000);
    EXPECT_EQ(rig.last("call.gather.ended").payload["status"], "timeout");
    EXPECT_EQ(rig.last("call.gather.ended").occurred_at - begun, milliseconds{2 * (1000 + 4000)});
}

TEST(Gather, OldTimersDoNotTouchANewGather) {
    Rig rig;
    const auto id = rig.talk();
    rig.send("gather", id, {{"timeout_millis", 3000}});
    rig.pass(2000);
    rig.send("gather", id, {{"initial_timeout_millis", 5000}});
    EXPECT_EQ(rig.last("call.gather.ended").payload["status"], "cancelled");
    rig.pass(4999);
    EXPECT_EQ(std::ranges::count(rig.told(), "call.gather.ended"), 1);
    rig.pass(1);
    EXPECT_EQ(std::ranges::count(rig.told(), "call.gather.ended"), 2);
}

}  // namespace
}  // namespace gw::simulator
