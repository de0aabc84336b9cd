// SPDX-License-Identifier: Apache-2.0
// The call object against the specification's example, byte for byte.
#include "gateway/http/call_json.hpp"

#include "gateway/http/cursor.hpp"
#include "gateway/http/json_text.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace gw::http {
namespace {

using testing::example_call;
using testing::live_call;
using testing::now_of_tests;

std::string json_of(const Call& call, CallDetail detail) {
    std::string out;
    append_call(out, call, now_of_tests, detail);
    return out;
}

constexpr std::string_view head =
    R"({"call_id":"call_00000001","agent_id":"agent_28c51f81","from_number":"+31612345678",)"
    R"("to_number":"+31850012345","status":"completed","disposition":"answered",)"
    R"("ended_reason":"caller-hangup","duration_seconds":127,"minutes_used":2.12,"rate_per_minute":0.25,)"
    R"("total_cost":0.53,"has_recording":false,"turn_count":6,"tool_call_count":2,)"
    R"("tools_called":["get_policy","create_ticket"],"metadata":{},"ws_unavailable":false,)";
constexpr std::string_view detail = R"("transcript":[],"latency_data":{"turns":[]},)";
constexpr std::string_view tail =
    R"("call_cost":0.4664,"recording_cost":0.0,"llm_discount":0.0,"transfer_duration_seconds":0,)"
    R"("transfer_cost":0.0,"transferred_to":null,"recording_enabled":false,"extracted_data":{},)"
    R"("started_at":"2026-01-15T10:00:00Z","ended_at":"2026-01-15T10:02:07Z",)"
    R"("created_at":"2026-01-15T09:59:57Z","direction":"inbound","language":"en-US"})";

TEST(CallJson, TheSpecificationsExampleInItsOrder) {
    EXPECT_EQ(json_of(example_call(), CallDetail::full),
              std::string(head) + std::string(detail) + std::string(tail));
    EXPECT_EQ(json_of(example_call(), CallDetail::summary), std::string(head) + std::string(tail));
}

TEST(CallJson, WhatIsUnknownIsNullAndNeverAbsent) {
    Call call;
    call.id = CallId(123'456'789);
    const auto json = nlohmann::json::parse(json_of(call, CallDetail::full));
    for (const char* name : {"agent_id", "from_number", "to_number", "disposition", "ended_reason",
                             "transferred_to", "started_at", "ended_at", "language"}) {
        ASSERT_TRUE(json.contains(name)) << name;
        EXPECT_TRUE(json[name].is_null()) << name;
    }
    EXPECT_EQ(json["call_id"], "call_123456789");
    EXPECT_EQ(json["status"], "ringing");
    EXPECT_EQ(json.size(), 32U);
}

TEST(CallJson, EmptyStoredJsonIsAnEmptyObject) {
    Call call = example_call();
    call.metadata_json.clear();
    call.extracted_data_json = R"({"a":[1]})";
    const auto json = nlohmann::json::parse(json_of(call, CallDetail::summary));
    EXPECT_EQ(json["metadata"], nlohmann::json::object());
    EXPECT_EQ(json["extracted_data"]["a"][0], 1);
}

TEST(CallJson, ALiveCallHasARunningDurationAndWhatItCostsSoFar) {
    const auto json = nlohmann::json::parse(json_of(live_call(5), CallDetail::full));
    EXPECT_EQ(json["duration_seconds"], 42);
    EXPECT_EQ(json["minutes_used"].dump(), "0.7");
    EXPECT_EQ(json["total_cost"], 0.175);
    EXPECT_EQ(json["call_cost"], 0.154);
    EXPECT_EQ(json["rate_per_minute"], 0.25);
    EXPECT_TRUE(json["ended_at"].is_null());
}

TEST(CallJson, TextsOfStrangersStayText) {
    Call call = example_call();
    call.from = "anonymous\"}\n\x01";
    call.to = "sip:\xC3\xA9@\xFF";
    const auto json = nlohmann::json::parse(json_of(call, CallDetail::summary));
    EXPECT_EQ(json["from_number"], "anonymous\"}\n\x01");
    EXPECT_EQ(json["to_number"], "sip:\xC3\xA9@\xEF\xBF\xBD");
}

TEST(CallJson, StatusIsTheSpecificationsExample) {
    app::StatusView status;
    status.id = CallId(1);
    status.status = CallStatus::in_progress;
    status.duration_seconds = 42;
    status.started_at = parse_rfc3339("2026-01-15T10:00:00Z");
    EXPECT_EQ(to_json(status),
              R"({"call_id":"call_00000001","status":"in-progress","duration_seconds":42,)"
              R"("started_at":"2026-01-15T10:00:00Z","ended_at":null})");
}

TEST(CallJson, DeliveriesAreTheSpecificationsExample) {
    ports::AttemptRecord sent;
    sent.id = AttemptId(1);
    sent.event = "call.started";
    sent.event_id = WebhookEventId("a1b2c3d4");
    sent.url = "https://your-server.example.com/webhook";
    sent.status_code = 200;
    sent.success = true;
    sent.created_at = *parse_rfc3339("2026-01-15T10:00:01Z");
    ports::AttemptRecord refused = sent;
    refused.id = AttemptId(2);
    refused.event = "call.ended";
    refused.event_id = WebhookEventId("e5f6a7b8");
    refused.status_code = 503;
    refused.success = false;
    refused.error = "HTTP 503";
    refused.created_at = *parse_rfc3339("2026-01-15T10:02:09Z");
    ports::AttemptRecord unanswered = refused;
    unanswered.id = AttemptId(3);
    unanswered.number = 2;
    unanswered.status_code.reset();
    unanswered.error = "timeout";
    EXPECT_EQ(
        to_json(CallId(1), std::vector{sent, refused, unanswered}),
        R"({"call_id":"call_00000001","deliveries":[{"id":1,"event":"call.started","event_id":"a1b2c3d4",)"
        R"("url":"https://your-server.example.com/webhook","attempt":1,"status_code":200,"success":true,)"
        R"("error":null,"created_at":"2026-01-15T10:00:01Z"},{"id":2,"event":"call.ended",)"
        R"("event_id":"e5f6a7b8","url":"https://your-server.example.com/webhook","attempt":1,)"
        R"("status_code":503,"success":false,"error":"HTTP 503","created_at":"2026-01-15T10:02:09Z"},)"
        R"({"id":3,"event":"call.ended",)"
        R"("event_id":"e5f6a7b8","url":"https://your-server.example.com/webhook","attempt":2,)"
        R"("status_code":null,"success":false,"error":"timeout","created_at":"2026-01-15T10:02:09Z"}]})");
}

TEST(CallJson, APageEndsInItsCursorOrNull) {
    EXPECT_EQ(to_json(ports::CallPage{}, now_of_tests), R"({"calls":[],"next_cursor":null})");
    ports::CallPage page;
    page.calls = {example_call()};
    page.next = ports::CallCursor{page.calls[0].created_at, CallId(1)};
    const auto json = nlohmann::json::parse(to_json(page, now_of_tests));
    EXPECT_EQ(json["next_cursor"], to_text(*page.next));
    EXPECT_FALSE(json["calls"][0].contains("transcript"));
}

std::string decimal(std::int64_t value, unsigned places) {
    std::string out;
    append_decimal(out, value, places);
    return out;
}

TEST(JsonText, DecimalsAreExact) {
    EXPECT_EQ(decimal(0, 6), "0.0");
    EXPECT_EQ(decimal(1, 6), "0.000001");
    EXPECT_EQ(decimal(530'000, 6), "0.53");
    EXPECT_EQ(decimal(12'000'000, 6), "12.0");
    EXPECT_EQ(decimal(-50'000, 6), "-0.05");
    EXPECT_EQ(decimal(7, 0), "7.0");
    EXPECT_EQ(decimal(212, 2), "2.12");
    EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max(), 6), "9223372036854.775807");
    EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min(), 6), "-9223372036854.775808");
}

TEST(JsonText, EveryByteSequenceBecomesValidJson) {
    for (const std::string& bytes :
         {std::string("\0", 1), std::string("\x7F"), std::string("\xC0\x80"),
          std::string("\xED\xA0\x80"), std::string("\xF4\x90\x80\x80"), std::string("\xE2\x82"),
          std::string("a\xF0\x9F\x98\x80z"), std::string("\xE0\x9F\xBF"),
          std::string("\xF0\x8F\xBF\xBF"), std::string("\\\"/\b\f\r\t")}) {
        std::string out;
        append_string(out, bytes);
        EXPECT_TRUE(nlohmann::json::accept(out)) << out;
    }
    std::string out;
    append_string(out, "\xF0\x9F\x98\x80\xE0\xA0\x80\xED\x9F\xBF");
    EXPECT_EQ(out, "\"\xF0\x9F\x98\x80\xE0\xA0\x80\xED\x9F\xBF\"");
}

}  // namespace
}  // namespace gw::http
