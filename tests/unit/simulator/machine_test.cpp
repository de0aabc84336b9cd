// SPDX-License-Identifier: Apache-2.0
// Machine detection: which event tells what, by the command's word and the callee's.
#include "tests/unit/simulator/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

using ::testing::ElementsAre;

// The last words of the machine events and their results, in order.
std::vector<std::string> heard(const std::string& detection, const json& callee) {
    Rig rig;
    rig.callee("*", callee);
    rig.dial({{"answering_machine_detection", detection}});
    rig.pass(10'000);
    std::vector<std::string> list;
    for (const Event& event : rig.events) {
        if (event.type.starts_with("call.machine.")) {
            list.push_back(event.type.substr(13) + " " +
                           event.payload["result"].get<std::string>());
        }
    }
    return list;
}

TEST(MachineDetection, UsesTheWordsOfItsKind) {
    EXPECT_THAT(heard("detect", json::object()), ElementsAre("detection.ended human"));
    EXPECT_THAT(heard("premium", json::object()),
                ElementsAre("premium.detection.ended human_residence"));
    EXPECT_THAT(heard("premium", {{"machine", "human_business"}}),
                ElementsAre("premium.detection.ended human_business"));
    EXPECT_THAT(heard("premium", {{"machine", "fax_detected"}}),
                ElementsAre("premium.detection.ended fax_detected"));
    EXPECT_THAT(heard("detect", {{"machine", "human_business"}}),
                ElementsAre("detection.ended human"));
    EXPECT_THAT(heard("detect", {{"machine", "silence"}}), ElementsAre("detection.ended not_sure"));
    EXPECT_THAT(heard("disabled", {{"machine", "machine"}}), ElementsAre());
}

TEST(MachineDetection, TellsTheGreetingsEndWhenAskedTo) {
    const json silent = {{"machine", "machine"}};
    const json beeping = {{"machine", "machine"}, {"greeting", "beep_detected"}};
    EXPECT_THAT(heard("detect", beeping), ElementsAre("detection.ended machine"));
    EXPECT_THAT(heard("detect_beep", silent), ElementsAre("detection.ended machine"));
    EXPECT_THAT(heard("detect_beep", beeping),
                ElementsAre("detection.ended machine", "greeting.ended beep_detected"));
    EXPECT_THAT(heard("greeting_end", silent),
                ElementsAre("detection.ended machine", "greeting.ended ended"));
    EXPECT_THAT(heard("detect_words", beeping),
                ElementsAre("detection.ended machine", "greeting.ended beep_detected"));
    EXPECT_THAT(heard("premium", silent), ElementsAre("premium.detection.ended machine",
                                                      "premium.greeting.ended no_beep_detected"));
    EXPECT_THAT(heard("premium", beeping), ElementsAre("premium.detection.ended machine",
                                                       "premium.greeting.ended beep_detected"));
    EXPECT_THAT(heard("greeting_end", json::object()), ElementsAre("detection.ended human"));
}

}  // namespace
}  // namespace gw::simulator
