// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/simulator/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

Step press(const std::string& keys, std::int64_t gap_ms = 200) {
    return {.kind = Step::Kind::press, .time = milliseconds{gap_ms}, .text = keys};
}

std::string keys_of_all(const Rig& rig) {
    std::string keys;
    for (const Event& event : rig.events) {
        if (event.type == "call.dtmf.received") {
            keys += event.payload["digit"].get<std::string>();
        }
    }
    return keys;
}

TEST(People, DoNewStepsWithoutTheTimersOfTheOldOnes) {
    Rig rig;
    const auto id =
        rig.talk({{"steps", {{{"wait_ms", 500}}, {{"press", "1"}}, {{"hangup", true}}}}});
    rig.pass(100);
    rig.world.act(id, steps_from({{{"wait_ms", 1000}}, {{"press", "2"}}}));
    rig.pass(999);
    EXPECT_EQ(keys_of_all(rig), "");
    rig.pass(1);
    EXPECT_EQ(keys_of_all(rig), "2");
    rig.pass(100'000);
    EXPECT_EQ(rig.world.live_legs(), 1U) << "the old hangup is forgotten";
}

TEST(People, ForgetTheKeysOfStepsThatWereReplaced) {
    Rig rig;
    const auto id = rig.talk({{"steps", {{{"press", "1234"}, {"gap_ms", 100}}}}});
    rig.pass(100);
    rig.world.act(id, steps_from({{{"press", "#"}}}));
    rig.pass(10'000);
    EXPECT_EQ(keys_of_all(rig), "12#");
}

TEST(People, LoseNoKeyOfASecondPress) {
    Rig rig;
    const auto id = rig.talk();
    rig.world.act_now(id, press("123", 100));
    rig.pass(100);
    rig.world.act_now(id, press("456", 50));
    rig.pass(100 + 3 * 50 - 1);
    EXPECT_EQ(keys_of_all(rig), "12345");
    rig.pass(1);
    EXPECT_EQ(keys_of_all(rig), "123456");
    rig.world.act_now(id, press("7"));
    EXPECT_EQ(keys_of_all(rig), "1234567") << "with nothing before it, at once";
}

TEST(People, PressBesidesWhatTheirScriptSays) {
    Rig rig;
    const auto id =
        rig.talk({{"steps", {{{"wait_ms", 300}}, {{"press", "9"}}, {{"hangup", true}}}}});
    rig.world.act_now(id, press("12", 1000));
    rig.pass(999);
    EXPECT_EQ(keys_of_all(rig), "1") << "the script comes after the keys";
    rig.pass(1);
    EXPECT_EQ(keys_of_all(rig), "129");
    EXPECT_EQ(rig.told().back(), "call.hangup");
}

TEST(People, WaitBeforeTheRestOfTheirScriptWhenTold) {
    Rig rig;
    const auto id = rig.talk({{"steps", {{{"await", "gather"}}, {{"hangup", true}}}}});
    rig.world.act_now(id, {.kind = Step::Kind::wait, .time = milliseconds{700}, .text = {}});
    rig.send("gather", id);
    rig.pass(699);
    EXPECT_EQ(rig.world.live_legs(), 1U);
    rig.pass(1);
    EXPECT_EQ(rig.world.live_legs(), 0U);
}

TEST(People, OnlyHangUpWhileItRings) {
    Rig rig;
    const auto id = rig.ring();
    EXPECT_TRUE(rig.world.act_now(id, press("1")));
    EXPECT_TRUE(rig.world.act(id, steps_from({{{"press", "1"}}})));
    EXPECT_FALSE(rig.world.act_now(id, {.kind = Step::Kind::hangup, .time = {}, .text = {}}));
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "originator_cancel");
}

}  // namespace
}  // namespace gw::simulator
