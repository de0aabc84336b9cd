// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/simulator/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

using ::testing::ElementsAre;

TEST(World, RingsIsAnsweredAndHungUpByTheCaller) {
    Rig rig;
    const auto id = rig.ring(
        {{"steps", {{{"wait_ms", 100}}, {{"press", "1#"}, {"gap_ms", 50}}, {{"hangup", true}}}}});
    rig.pass(1000);
    EXPECT_THAT(rig.told(), ElementsAre("call.initiated"));
    EXPECT_EQ(rig.send("answer", id).status, 200U);
    rig.pass(1000);
    EXPECT_THAT(rig.told(), ElementsAre("call.initiated", "call.answered", "call.dtmf.received",
                                        "call.dtmf.received", "call.hangup"));
    const json& hangup = rig.last("call.hangup").payload;
    EXPECT_EQ(hangup["hangup_cause"], "normal_clearing");
    EXPECT_EQ(hangup["hangup_source"], "caller");
    EXPECT_EQ(rig.last("call.hangup").occurred_at - rig.last("call.answered").occurred_at,
              milliseconds{150});
    EXPECT_EQ(rig.world.live_legs(), 0U);
}

TEST(World, GivesUpWhileRinging) {
    Rig rig;
    const auto id = rig.ring({{"give_up_after_ms", 700}});
    rig.pass(699);
    EXPECT_EQ(rig.world.live_legs(), 1U);
    rig.pass(1);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "originator_cancel");
    EXPECT_EQ(code_of(rig.send("answer", id)), "90018");
}

TEST(World, RefusesByTheStateOfTheLeg) {
    Rig rig;
    EXPECT_EQ(code_of(rig.send("hangup", "v3:nobody")), "90015");
    const auto ringing = rig.ring();
    for (const CommandSpec& command : command_table()) {
        if (command.needs == Needs::answered) {
            const json body =
                command.name == "bridge"      ? json{{"call_control_id", ringing}}
                : command.name == "transfer"  ? json{{"to", "+31612340300"}}
                : command.name == "send_dtmf" ? json{{"digits", "1"}}
                : command.name == "playback_start" || command.name == "gather_using_audio"
                    ? json{{"media_name", "m"}}
                : command.name == "streaming_start" ? json{{"stream_url", "wss://x.example.com"}}
                : command.name.find("speak") != std::string_view::npos
                    ? json{{"payload", "hi"}, {"voice", "female"}}
                    : json::object();
            EXPECT_EQ(code_of(rig.send(std::string{command.name}, ringing, body)), "90034")
                << command.name;
        }
    }
    EXPECT_EQ(code_of(rig.send("record_start", ringing, {{"format", "wav"}, {"channels", "dual"}})),
              "90020");
    const auto out = rig.dial().body["data"]["call_control_id"].get<std::string>();
    EXPECT_EQ(code_of(rig.send("answer", out)), "90102");
}

TEST(World, IgnoresACommandIdForSixtySecondsOfItsClock) {
    Rig rig;
    const auto id = rig.talk();
    const json body = {{"payload", "hello"}, {"voice", "female"}, {"command_id", "c1"}};
    EXPECT_TRUE(rig.send("speak", id, body).executed);
    rig.pass(59'999);
    const Answer again = rig.send("speak", id, body);
    EXPECT_EQ(again.status, 200U);
    EXPECT_FALSE(again.executed);
    EXPECT_TRUE(again.duplicate);
    const auto other = rig.talk();
    EXPECT_TRUE(rig.send("speak", other, body).executed) << "the scope is one call";
    rig.pass(1);
    EXPECT_TRUE(rig.send("speak", id, body).executed);
}

TEST(World, AnswersARepeatedHangupWithOkByItsCommandIdAndWith90018Without) {
    Rig rig;
    const auto id = rig.talk();
    EXPECT_TRUE(rig.send("hangup", id, {{"command_id", "h"}}).executed);
    EXPECT_TRUE(rig.send("hangup", id, {{"command_id", "h"}}).duplicate);
    EXPECT_EQ(code_of(rig.send("hangup", id)), "90018");
}

TEST(World, DialsOnceForOneCommandIdAndTellsTheSameIds) {
    Rig rig;
    const Answer first = rig.dial({{"command_id", "d"}});
    const Answer second = rig.dial({{"command_id", "d"}});
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(rig.world.totals().dials, 1U);
}

TEST(World, PacesDialsToTheLimitOfFiveSeconds) {
    Rig rig;
    for (int i = 0; i < 150; ++i) {
        ASSERT_EQ(rig.dial().status, 200U);
    }
    EXPECT_EQ(code_of(rig.dial()), "90103");
    EXPECT_EQ(rig.dial().status, 429U);
    rig.pass(5000);
    EXPECT_EQ(rig.dial().status, 200U);
}

TEST(World, EndsDialsByTheCalleesScript) {
    const std::tuple<json, const char*, const char*> cases[] = {
        {{{"outcome", "busy"}}, "user_busy", "486"},
        {{{"outcome", "reject"}}, "call_rejected", "603"},
        {{{"outcome", "no_answer"}}, "no_answer", "480"},
        {{{"outcome", "not_found"}}, "not_found", "404"},
        {{{"outcome", "ring"}}, "timeout", "487"},
    };
    for (const auto& [script, cause, sip] : cases) {
        Rig rig;
        rig.callee("*", script);
        rig.dial({{"timeout_secs", 10}});
        rig.pass(10'000);
        EXPECT_THAT(rig.told(), ElementsAre("call.initiated", "call.hangup"));
        EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], cause);
        EXPECT_EQ(rig.last("call.hangup").payload["sip_hangup_cause"], sip);
    }
}

TEST(World, EndsATalkAtItsTimeLimitAndARingWithoutRetryAsNoAnswer) {
    Rig rig;
    rig.dial({{"time_limit_secs", 30}});
    rig.pass(1000 + 30'000);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "time_limit");
    rig.callee("*", {{"outcome", "ring"}});
    rig.dial({{"timeout_secs", 5}, {"retry_on_timeout", false}});
    rig.pass(5000);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "no_answer");
}

TEST(World, TransfersInTheDocumentedOrder) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}, {"target_leg_client_state", "Qg=="}});
    rig.pass(1000);
    const auto b = rig.last("call.answered").control_id;
    EXPECT_NE(a, b);
    EXPECT_THAT(rig.told(b), ElementsAre("call.initiated", "call.bridged", "call.answered"));
    EXPECT_EQ(rig.world.find(a)->session_id, rig.world.find(b)->session_id);
    EXPECT_EQ(rig.last("call.answered").payload["client_state"], "Qg==");
    rig.send("hangup", a);
    rig.pass(100);
    EXPECT_EQ(rig.told().back(), "call.hangup");
    EXPECT_EQ(rig.events.back().control_id, b);
    EXPECT_EQ(rig.world.live_legs(), 0U);
}

TEST(World, CanTellTheOtherLegsHangupFirst) {
    Rig rig;
    rig.callee("*", {{"hangup_of_other_first", true}});
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}});
    rig.pass(1000);
    rig.send("hangup", a);
    EXPECT_NE(rig.last("call.hangup").control_id, a);
    EXPECT_EQ(code_of(rig.send("hangup", a)), "90018") << "it is as good as over";
    const UtcTime first = rig.last("call.hangup").occurred_at;
    rig.pass(100);
    EXPECT_EQ(rig.events.back().control_id, a);
    EXPECT_EQ(rig.events.back().occurred_at - first, milliseconds{20});
    EXPECT_EQ(rig.world.live_legs(), 0U);
}

TEST(World, CancelsEveryTargetOfRepeatedTransfersWhenTheCallerLeaves) {
    Rig rig;
    rig.callee("*", {{"outcome", "ring"}});
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}});
    rig.send("transfer", a, {{"to", "+31612340201"}});
    EXPECT_EQ(rig.world.live_legs(), 3U);
    rig.send("hangup", a);
    EXPECT_EQ(rig.world.live_legs(), 0U);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "originator_cancel");
}

TEST(World, ReleasesTheFormerPeerOfALegThatIsBridgedAnew) {
    Rig rig;
    const auto a = rig.talk();
    const auto b = rig.talk();
    const auto c = rig.talk();
    rig.send("bridge", a, {{"call_control_id", b}});
    rig.send("bridge", a, {{"call_control_id", c}});
    rig.pass(20);
    EXPECT_EQ(rig.world.find(b)->state, LegState::ended);
    EXPECT_EQ(rig.world.find(a)->bridged_with, c);
    rig.send("bridge", a, {{"call_control_id", c}});
    rig.pass(20);
    EXPECT_EQ(rig.world.live_legs(), 2U) << "bridging the same two again releases nobody";
    const auto d = rig.talk();
    rig.send("bridge", c, {{"call_control_id", a}, {"park_after_unbridge", "self"}});
    rig.send("bridge", a, {{"call_control_id", d}});
    rig.pass(20);
    EXPECT_EQ(rig.world.find(c)->state, LegState::answered) << "parked";
    rig.send("hangup", c);
    rig.pass(100);
    EXPECT_EQ(rig.world.find(a)->state, LegState::answered) << "they have nothing in common now";
}

TEST(World, KeepsTheClientStateOfACommandItRefuses) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("client_state_update", a, {{"client_state", "b2xk"}});
    const json refused = {{"call_control_id", "v3:nobody"}, {"client_state", "bmV3"}};
    EXPECT_EQ(code_of(rig.send("bridge", a, refused)), "90015");
    EXPECT_EQ(rig.world.find(a)->client_state, "b2xk");
    rig.send("speak", a, {{"payload", "x"}, {"voice", "female"}, {"client_state", "bmV3"}});
    EXPECT_EQ(rig.last("call.speak.started").payload["client_state"], "bmV3");
}

TEST(World, SendsTheEventsOfTheDocumentsExampleNamesToTheirUrl) {
    Rig rig;
    const auto a = rig.ring();
    rig.send("answer", a, {{"webhook_urls", {{"call.bridge", "https://example.com/bridge"}}}});
    rig.send("bridge", a, {{"call_control_id", rig.talk()}});
    const auto bridged = std::ranges::find_if(rig.events, [&](const Event& event) {
        return event.type == "call.bridged" && event.control_id == a;
    });
    ASSERT_NE(bridged, rig.events.end());
    EXPECT_EQ(bridged->urls, std::vector<std::string>{"https://example.com/bridge"});
}

TEST(World, LeavesTheCallerOnTheLineWhenATransferFails) {
    Rig rig;
    rig.callee("*", {{"outcome", "busy"}});
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}});
    rig.pass(5000);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "user_busy");
    EXPECT_EQ(rig.world.find(a)->state, LegState::answered);
    EXPECT_EQ(rig.send("speak", a, {{"payload", "sorry"}, {"voice", "female"}}).status, 200U);
}

TEST(World, CancelsTheTargetWhenTheCallerLeavesDuringTheTransfer) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}});
    rig.send("hangup", a);
    EXPECT_EQ(rig.last("call.hangup").payload["hangup_cause"], "originator_cancel");
    EXPECT_EQ(rig.world.live_legs(), 0U);
}

TEST(World, ParksTheCallerWhenAskedToAndTheTargetLeaves) {
    Rig rig;
    rig.callee("*", {{"steps", {{{"wait_ms", 10}}, {{"hangup", true}}}}});
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}, {"park_after_unbridge", "self"}});
    rig.pass(5000);
    EXPECT_EQ(rig.world.find(a)->state, LegState::answered);
    EXPECT_EQ(rig.world.live_legs(), 1U);
}

TEST(World, BridgesALinkedDialByItselfWhenItIsAnswered) {
    Rig rig;
    const auto a = rig.talk();
    const Answer dialled = rig.dial({{"link_to", a}, {"bridge_on_answer", true}});
    EXPECT_EQ(dialled.body["data"]["call_session_id"], rig.world.find(a)->session_id);
    rig.pass(1000);
    EXPECT_THAT(rig.told(a), ElementsAre("call.initiated", "call.answered", "call.bridged"));
}

TEST(World, TellsSpeechInOrderAndCutsItOffAtTheHangup) {
    Rig rig;
    const auto a = rig.talk();
    rig.world.scenario().speak_time = milliseconds{100};
    rig.send("speak", a, {{"payload", "one"}, {"voice", "female"}});
    rig.send("speak", a, {{"payload", "two"}, {"voice", "female"}});
    rig.pass(150);
    rig.send("hangup", a);
    EXPECT_THAT(rig.told(), ElementsAre("call.initiated", "call.answered", "call.speak.started",
                                        "call.speak.ended", "call.speak.started",
                                        "call.speak.ended", "call.hangup"));
    EXPECT_EQ(rig.last("call.speak.ended").payload["status"], "call_hangup");
}

TEST(World, PlaysFilesAsTheScenarioSays) {
    Rig rig;
    rig.world.scenario().media["https://m.example.com/x.mp3"] = {.length = milliseconds{5},
                                                                 .status = "file_not_found"};
    const auto a = rig.talk();
    rig.send("playback_start", a, {{"audio_url", "https://m.example.com/x.mp3"}});
    rig.pass(5);
    EXPECT_EQ(rig.last("call.playback.ended").payload["status"], "file_not_found");
    rig.send("playback_start", a, {{"media_name", "long"}, {"loop", "infinity"}});
    rig.pass(3'600'000);
    rig.send("playback_stop", a);
    EXPECT_EQ(rig.last("call.playback.ended").payload["status"], "cancelled");
}

TEST(World, AllowsOneStreamAndTellsItsEnd) {
    Rig rig;
    const auto a = rig.talk();
    const json stream = {{"stream_url", "wss://gateway.example.com/media"}};
    EXPECT_EQ(code_of(rig.send("streaming_stop", a)), "90048");
    EXPECT_EQ(rig.send("streaming_start", a, stream).status, 200U);
    EXPECT_EQ(code_of(rig.send("streaming_start", a, stream)), "90045");
    rig.send("hangup", a);
    EXPECT_THAT(rig.told(), ElementsAre("call.initiated", "call.answered", "streaming.started",
                                        "streaming.stopped", "call.hangup"));
}

TEST(World, ReadsACallUntilTenMinutesAfterItsEnd) {
    Rig rig;
    const auto a = rig.talk();
    EXPECT_EQ(rig.world.get_call(a).body["data"]["is_alive"], true);
    EXPECT_EQ(rig.world.active_calls("2811212257810187001", {}).body["data"].size(), 1U);
    rig.pass(12'000);
    rig.send("hangup", a);
    const json ended = rig.world.get_call(a).body["data"];
    EXPECT_EQ(ended["is_alive"], false);
    EXPECT_EQ(ended["call_duration"], 12);
    EXPECT_EQ(rig.world.active_calls("2811212257810187001", {}).body["data"].size(), 0U);
    rig.pass(600'000);
    EXPECT_EQ(code_of(rig.world.get_call(a)), "90015");
}

TEST(World, RepeatsItselfBySeed) {
    const auto run = [](std::uint64_t seed) {
        Rig rig{seed};
        const auto a = rig.talk({{"steps", {{{"press", "12"}}, {{"hangup", true}}}}});
        rig.send("transfer", a, {{"to", "+31612340200"}});
        rig.pass(10'000);
        json told = json::array();
        for (const Event& event : rig.events) {
            told.push_back(
                {event.id, event.type, to_rfc3339_micros(event.occurred_at), event.payload});
        }
        return told;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace gw::simulator
