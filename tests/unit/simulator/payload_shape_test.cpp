// SPDX-License-Identifier: Apache-2.0
// The field names of every webhook, as they stand in Telnyx's recorded bodies (anonymised
// recordings of 2025-11-23 and 2026-09-09: initiated, answered, speak, hangup, recording.saved)
// and, where nothing was recorded, in bodies made from its OpenAPI document of 2026-07-16. No more
// and no fewer.
#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace gw::simulator {
namespace {

std::set<std::string> words(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

const std::string ids = "call_control_id call_leg_id call_session_id client_state connection_id ";
const std::string numbers = ids + "from to ";
const std::string ended =
    numbers + "start_time end_time hangup_cause hangup_source sip_hangup_cause ";

std::set<std::string> last_keys(const Rig& rig, const std::string& type) {
    return keys_of(rig.last(type).payload);
}

TEST(PayloadShape, OfARecordedInboundCallEndedByTheCaller) {
    Rig rig;
    const auto a = rig.talk({{"steps", {{{"wait_ms", 1000}}, {{"hangup", true}}}}});
    EXPECT_EQ(last_keys(rig, "call.initiated"),
              words(numbers +
                    "caller_id_name calling_party_type connection_codecs direction from_sip_uri "
                    "offered_codecs start_time state to_sip_uri"));
    EXPECT_EQ(last_keys(rig, "call.answered"),
              words(numbers + "calling_party_type codec sampling_rate start_time"));
    rig.pass(1000);
    EXPECT_EQ(last_keys(rig, "call.hangup"),
              words(ended + "call_quality_stats calling_party_type"));
    const json& stats = rig.last("call.hangup").payload["call_quality_stats"];
    EXPECT_EQ(keys_of(stats["inbound"]),
              words("jitter_max_variance jitter_packet_count mos packet_count skip_packet_count"));
    EXPECT_EQ(keys_of(stats["outbound"]), words("packet_count skip_packet_count"));
    for (const json& count : stats["outbound"]) {
        EXPECT_TRUE(count.is_string()) << "the statistics are numbers in strings";
    }
    EXPECT_TRUE(rig.last("call.initiated").payload["client_state"].is_null())
        << "never set: null, not absent";
    EXPECT_EQ(rig.last("call.initiated").payload["state"], "parked");
    EXPECT_EQ(rig.last("call.initiated").payload["direction"], "incoming");
    EXPECT_EQ(rig.world.find(a)->state, LegState::ended);
}

TEST(PayloadShape, OfARecordedMobileCallEndedByUs) {
    Rig rig;
    const auto a = rig.talk({{"mobile", true}, {"steps", json::array()}});
    EXPECT_EQ(last_keys(rig, "call.initiated"),
              words(numbers +
                    "caller_id_name calling_party_type connection_codecs custom_headers direction "
                    "flow_destination from_sip_uri offered_codecs start_time state to_sip_uri"));
    EXPECT_EQ(
        last_keys(rig, "call.answered"),
        words(numbers +
              "calling_party_type codec custom_headers flow_destination sampling_rate start_time"));
    rig.send("record_start", a, {{"format", "wav"}, {"channels", "dual"}});
    rig.send("hangup", a);
    EXPECT_EQ(
        last_keys(rig, "call.hangup"),
        words(
            ended +
            "call_quality_stats calling_party_type custom_headers flow_destination telnyx_error"));
    rig.pass(1500);
    EXPECT_EQ(
        last_keys(rig, "call.recording.saved"),
        words(ids +
              "calling_party_type channels end_time flow_destination format public_recording_urls "
              "recording_ended_at recording_id recording_started_at recording_urls start_time"));
}

TEST(PayloadShape, OfARecordedCallerWhoGaveUp) {
    Rig rig;
    rig.ring({{"give_up_after_ms", 5}});
    rig.pass(5);
    EXPECT_EQ(
        last_keys(rig, "call.hangup"),
        words(
            "call_control_id call_leg_id call_session_id connection_id end_time from hangup_cause "
            "hangup_source sip_hangup_cause start_time telnyx_error to"));
    EXPECT_TRUE(rig.last("call.hangup").payload["telnyx_error"].is_null());
}

TEST(PayloadShape, OfARejectedCall) {
    Rig rig;
    rig.send("reject", rig.ring(), {{"cause", "CALL_REJECTED"}});
    EXPECT_EQ(last_keys(rig, "call.hangup"), words(ended + "telnyx_error"));
}

TEST(PayloadShape, OfDialledCalls) {
    Rig rig;
    rig.dial({{"answering_machine_detection", "detect"}});
    EXPECT_EQ(last_keys(rig, "call.initiated"), words(numbers + "direction state"));
    EXPECT_EQ(rig.last("call.initiated").payload["state"], "bridging");
    rig.pass(2000);
    EXPECT_EQ(last_keys(rig, "call.answered"), words(numbers + "start_time"));
    EXPECT_EQ(last_keys(rig, "call.machine.detection.ended"), words(numbers + "result"));
    rig.dial({{"answering_machine_detection", "premium"}, {"time_limit_secs", 30}});
    rig.pass(32'000);
    EXPECT_EQ(last_keys(rig, "call.machine.premium.detection.ended"), words(numbers + "result"));
    EXPECT_EQ(last_keys(rig, "call.hangup"), words(ended + "call_quality_stats telnyx_error"));
    rig.callee("*", {{"outcome", "busy"}});
    rig.dial();
    rig.pass(2000);
    EXPECT_EQ(last_keys(rig, "call.hangup"), words(ended + "telnyx_error"));
}

TEST(PayloadShape, OfATransfer) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("transfer", a, {{"to", "+31612340200"}});
    EXPECT_EQ(last_keys(rig, "call.initiated"), words(numbers + "direction state"));
    rig.pass(1000);
    EXPECT_EQ(last_keys(rig, "call.bridged"), words(numbers + "start_time"));
    EXPECT_EQ(last_keys(rig, "call.answered"), words(numbers + "start_time"));
}

TEST(PayloadShape, OfKeysAndGathers) {
    Rig rig;
    const auto a = rig.talk({{"steps", {{{"await", "gather"}}, {{"press", "1#"}}}}});
    rig.send("gather", a);
    rig.pass(1000);
    EXPECT_EQ(last_keys(rig, "call.dtmf.received"), words(numbers + "digit"));
    EXPECT_EQ(last_keys(rig, "call.gather.ended"), words(numbers + "digits status"));
}

TEST(PayloadShape, OfSpeechFilesAndStreams) {
    Rig rig;
    rig.world.scenario().media["gone"] = {.length = milliseconds{5}, .status = "file_not_found"};
    const auto a = rig.talk();
    rig.send("speak", a, {{"payload", "hi"}, {"voice", "female"}});
    rig.pass(1000);
    EXPECT_EQ(last_keys(rig, "call.speak.started"), words(ids + "calling_party_type speak_id"));
    EXPECT_EQ(last_keys(rig, "call.speak.ended"),
              words(ids + "calling_party_type speak_id status"));
    rig.send("playback_start", a, {{"audio_url", "https://media.example.com/greeting.wav"}});
    rig.pass(3000);
    EXPECT_EQ(last_keys(rig, "call.playback.started"), words(ids + "media_url overlay"));
    EXPECT_EQ(last_keys(rig, "call.playback.ended"), words(ids + "media_url overlay status"));
    rig.send("playback_start", a, {{"media_name", "gone"}});
    EXPECT_EQ(last_keys(rig, "call.playback.started"), words(ids + "media_name overlay"));
    rig.pass(5);
    EXPECT_EQ(last_keys(rig, "call.playback.ended"),
              words(ids + "media_name overlay status status_detail"));
    rig.send("streaming_start", a, {{"stream_url", "wss://gateway.example.com/media"}});
    rig.send("streaming_stop", a);
    EXPECT_EQ(last_keys(rig, "streaming.started"), words(ids + "stream_url"));
    EXPECT_EQ(last_keys(rig, "streaming.stopped"), words(ids + "stream_url"));
}

TEST(PayloadShape, OfTheAnswersOfGet) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("client_state_update", a, {{"client_state", "aGk="}});
    const std::string call =
        "record_type call_control_id call_leg_id call_session_id client_state call_duration ";
    EXPECT_EQ(keys_of(rig.world.get_call(a).body["data"]), words(call + "is_alive start_time"));
    const json active = rig.world.active_calls("2811212257810187001", {}).body;
    EXPECT_EQ(keys_of(active["data"][0]), words(call));
    EXPECT_EQ(
        keys_of(active["meta"]),
        words("cursors next page_number page_size previous total_items total_pages total_results"));
    rig.send("hangup", a);
    EXPECT_EQ(keys_of(rig.world.get_call(a).body["data"]),
              words(call + "is_alive start_time end_time"));
    EXPECT_EQ(
        keys_of(rig.dial({{"client_state", "aGk="}}).body["data"]),
        words("record_type call_control_id call_leg_id call_session_id client_state is_alive"));
}

}  // namespace
}  // namespace gw::simulator
