// SPDX-License-Identifier: Apache-2.0
// One inbound call through the whole gateway: every field of the record, every webhook in order
// with both signatures recomputed, the timeline and the delivery log.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

json answered_call_with_digits() {
    return {{"from", "+31612340001"},
            {"steps",
             {{{"wait_ms", 1700}}, {{"press", "1#"}}, {{"wait_ms", 100}}, {{"hangup", true}}}}};
}

std::vector<std::string> names_of(const std::vector<json>& events) {
    std::vector<std::string> names;
    for (const json& event : events) {
        names.push_back(event["event"].get<std::string>());
    }
    return names;
}

// Fields that do not hang on the moment.
json expected_record() {
    return json::parse(R"({"call_id": "call_00000001", "agent_id": "agent_28c51f81",
        "from_number": "+31612340001", "to_number": "+31850012345", "status": "completed",
        "disposition": "answered", "ended_reason": "caller-hangup", "duration_seconds": 2,
        "minutes_used": 0.03, "rate_per_minute": 0.25, "total_cost": 0.0075,
        "has_recording": false, "turn_count": 0, "tool_call_count": 0, "tools_called": [],
        "metadata": {}, "ws_unavailable": false, "transcript": [], "latency_data": {"turns": []},
        "call_cost": 0.0066, "recording_cost": 0, "llm_discount": 0,
        "transfer_duration_seconds": 0, "transfer_cost": 0, "transferred_to": null,
        "recording_enabled": false, "extracted_data": {}, "direction": "inbound",
        "language": "en-US"})");
}

TEST(FirstCall, IsRecordedToldAndBilledFromRingingToHangup) {
    World world;
    const std::string leg = world.place_call(answered_call_with_digits());
    ASSERT_TRUE(world.quiesce());

    // The record: the carrier's times to the second, everything else as expected, nothing more.
    json call = world.only_call();
    const json carrier = world.leg(leg);
    const auto second = [](const json& time) {
        return time.get<std::string>().substr(0, 19) + "Z";
    };
    EXPECT_EQ(call["created_at"], second(carrier["start_time"]));
    EXPECT_EQ(call["started_at"], second(carrier["answer_time"]));
    EXPECT_EQ(call["ended_at"], second(carrier["end_time"]));
    for (const char* time : {"created_at", "started_at", "ended_at"}) {
        call.erase(time);
    }
    EXPECT_EQ(call, expected_record());

    const auto told = world.received();
    EXPECT_THAT(names_of(told), ElementsAre("call.ringing", "call.started", "call.dtmf.received",
                                            "call.dtmf.received", "call.ended"));
    EXPECT_EQ(told[2]["data"]["digit"], "1");
    EXPECT_EQ(told[3]["data"]["digit"], "#");
    EXPECT_EQ(told[4]["data"]["total_cost"], 0.0075);
    EXPECT_EQ(world.commands("answer"), 1U);
    EXPECT_EQ(world.verdict(), "");
}

TEST(FirstCall, ShowsTheSameInListStatusTimelineAndDeliveryLog) {
    World world;
    world.place_call({{"steps", {{{"wait_ms", 50}}, {{"hangup", true}}}}});
    ASSERT_TRUE(world.quiesce());

    const json call = world.only_call();
    const json status = world.api("/v1/calls/1/status").json();
    for (const char* field : {"call_id", "status", "duration_seconds", "started_at", "ended_at"}) {
        EXPECT_EQ(status[field], call[field]) << field;
    }
    json listed = world.calls().front();
    json without_detail = call;
    without_detail.erase("transcript");
    without_detail.erase("latency_data");
    EXPECT_EQ(listed, without_detail);

    std::vector<std::string> kinds;
    for (const json& row : world.events("call_00000001")) {
        EXPECT_EQ(row["seq"], kinds.size() + 1);
        kinds.push_back(row["kind"].get<std::string>());
    }
    EXPECT_THAT(kinds, ::testing::UnorderedElementsAre("call.initiated", "call.answered",
                                                       "command.answer", "call.hangup"));
    const json log = world.deliveries("call_00000001");
    ASSERT_EQ(log.size(), 3U);
    for (const json& attempt : log) {
        EXPECT_EQ(attempt["status_code"], 200);
        EXPECT_EQ(attempt["success"], true);
        EXPECT_EQ(attempt["error"], nullptr);
        EXPECT_EQ(attempt["attempt"], 1);
    }
}

}  // namespace
}  // namespace gw::scenario
