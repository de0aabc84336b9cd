#include "gateway/webhooks/event_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace gw::webhooks {
namespace {

using nlohmann::json;

UtcTime at(const char* text) {
    return parse_rfc3339(text).value();
}

Call ended_call() {
    Call call;
    call.id = CallId(1);
    call.agent_public_id = "agent_28c51f81";
    call.org_id = OrgId(42);
    call.project_id = ProjectId(1);
    call.from = "+31612345678";
    call.to = "+31850012345";
    call.language = "en-US";
    call.status = CallStatus::completed;
    call.disposition = Disposition::answered;
    call.ended_reason = EndedReason::caller_hangup;
    call.started_at = at("2026-01-15T10:00:00.6Z");
    call.ended_at = at("2026-01-15T10:02:07.4Z");
    call.duration_seconds = 127;
    call.minutes_used = CentiMinutes{212};
    call.costs.call_cost = MicroMoney{466'400};
    call.costs.total_cost = MicroMoney{530'000};
    call.costs.llm_discount = MicroMoney{-100};
    call.rates.rate = MicroMoney{250'000};
    call.turn_count = 6;
    call.tool_call_count = 2;
    call.tools_called = {"get_policy", "create \"ticket\""};
    call.metadata_json = R"({"amount":1.10,"id":12345678901234567890123})";
    return call;
}

PublicEvent event_of(PublicEventType type) {
    PublicEvent event;
    event.id = WebhookEventId("whe_00000000-0000-8000-8000-000000000001");
    event.type = type;
    event.sequence = 3;
    event.at = at("2026-01-15T10:02:07.999999Z");
    return event;
}

std::string encode(const Call& call, const PublicEvent& event) {
    return JsonEventEncoder().encode(call, event);
}

const std::string envelope_before_event =
    R"({"id":"whe_00000000-0000-8000-8000-000000000001","event":")";
const std::string envelope_after_event =
    R"(","timestamp":"2026-01-15T10:02:07Z","api_version":"2026-05-20","org_id":42,"project_id":1,)"
    R"("agent_id":"agent_28c51f81","call_id":"call_00000001","sequence":3,"data":)";

std::string envelope(const std::string& event, const std::string& data) {
    return envelope_before_event + event + envelope_after_event + data + "}";
}

const std::string parties =
    R"("call_id":"call_00000001","agent_id":"agent_28c51f81","from":"+31612345678","to":"+31850012345")";

TEST(EventJson, ringing_and_started_name_the_parties) {
    EXPECT_EQ(encode(ended_call(), event_of(PublicEventType::call_ringing)),
              envelope("call.ringing", "{" + parties + "}"));
    EXPECT_EQ(encode(ended_call(), event_of(PublicEventType::call_started)),
              envelope("call.started", "{" + parties + "}"));
}

TEST(EventJson, a_key_press_is_told) {
    PublicEvent event = event_of(PublicEventType::call_dtmf_received);
    event.digit = "#";
    EXPECT_EQ(encode(ended_call(), event),
              envelope("call.dtmf.received",
                       R"({"call_id":"call_00000001","agent_id":"agent_28c51f81","digit":"#"})"));
}

TEST(EventJson, a_gather_is_told_at_the_top_and_in_the_data) {
    PublicEvent event = event_of(PublicEventType::call_gather_completed);
    event.input = "12345678";
    const auto told = [](const std::string& result) {
        std::string text =
            envelope("call.gather.completed",
                     R"({"call_id":"call_00000001","agent_id":"agent_28c51f81",)" + result + "}");
        return text.insert(text.find(R"("data":)"), result + ",");
    };
    EXPECT_EQ(encode(ended_call(), event), told(R"("status":"completed","input":"12345678")"));
    event.input = "";  // a lone terminator: the carrier says valid, and there is no digit
    EXPECT_EQ(encode(ended_call(), event), told(R"("status":"completed","input":"")"));
    event.input.reset();
    EXPECT_EQ(encode(ended_call(), event), told(R"("status":"timeout","input":null)"));
}

TEST(EventJson, a_transfer_is_told_with_its_destination_and_why_it_failed) {
    const std::string head = R"({"call_id":"call_00000001","agent_id":"agent_28c51f81",)"
                             R"("destination":"+31850099999")";
    for (const auto& [type, name] : {std::pair(PublicEventType::transfer_initiated, "initiated"),
                                     std::pair(PublicEventType::transfer_completed, "completed"),
                                     std::pair(PublicEventType::transfer_failed, "failed")}) {
        PublicEvent event = event_of(type);
        event.destination = "+31850099999";
        const bool failed = type == PublicEventType::transfer_failed;
        event.reason = failed ? "user_busy" : "";
        EXPECT_EQ(encode(ended_call(), event),
                  envelope(std::string("transfer.") + name,
                           head + (failed ? R"(,"reason":"user_busy"})" : "}")));
    }
}

TEST(EventJson, the_end_of_a_call_is_told_with_every_member_in_order) {
    EXPECT_EQ(
        encode(ended_call(), event_of(PublicEventType::call_ended)),
        envelope(
            "call.ended",
            "{" + parties +
                R"(,"started_at":"2026-01-15T10:00:00Z","ended_at":"2026-01-15T10:02:07Z",)"
                R"("duration_seconds":127,"minutes_used":2.12,"call_cost":0.4664,)"
                R"("recording_cost":0,"transfer_cost":0,"llm_discount":-0.0001,"total_cost":0.53,)"
                R"("rate_per_minute":0.25,"disposition":"answered","ended_reason":"caller-hangup",)"
                R"("ws_unavailable":false,"transferred_to":null,)"
                R"("metadata":{"amount":1.10,"id":12345678901234567890123},"language":"en-US",)"
                R"("turn_count":6,"tool_call_count":2,)"
                R"("tools_called":["get_policy","create \"ticket\""],"extracted_data":{},)"
                R"("transcript":[]})"));
}

TEST(EventJson, a_call_that_failed_says_how) {
    Call call = ended_call();
    call.status = CallStatus::no_answer;
    call.disposition = Disposition::no_answer;
    EXPECT_EQ(
        encode(call, event_of(PublicEventType::call_failed)),
        envelope(
            "call.failed",
            "{" + parties +
                R"(,"status":"no-answer","disposition":"no-answer","ended_reason":"caller-hangup"})"));
}

TEST(EventJson, the_unknown_is_null_and_never_absent) {
    Call call;
    call.id = CallId(123'456'789);
    call.status = CallStatus::rejected;
    const json failed = json::parse(encode(call, event_of(PublicEventType::call_failed)));
    for (const char* name : {"org_id", "project_id", "agent_id"}) {
        EXPECT_TRUE(failed.at(name).is_null()) << name;
    }
    for (const char* name : {"agent_id", "from", "to", "disposition", "ended_reason"}) {
        EXPECT_TRUE(failed.at("data").at(name).is_null()) << name;
    }
    EXPECT_EQ(failed.at("call_id"), "call_123456789");
    const json ended = json::parse(encode(call, event_of(PublicEventType::call_ended)));
    for (const char* name : {"started_at", "ended_at", "transferred_to", "language"}) {
        EXPECT_TRUE(ended.at("data").at(name).is_null()) << name;
    }
    EXPECT_EQ(ended.at("data").at("tools_called"), json::array());
}

TEST(EventJson, stored_text_of_any_kind_gives_valid_json) {
    Call call = ended_call();
    call.from = "\"\\\n\x01\xff+31";
    for (const char* text : {"", "x", "[]", "null", "{", "{\"a\":\"\xff\"}"}) {
        call.metadata_json = text;
        const json event = json::parse(encode(call, event_of(PublicEventType::call_ended)));
        EXPECT_EQ(event.at("data").at("metadata"), json::object()) << text;
    }
    call.metadata_json = " {\"a\": [1]} ";
    const json event = json::parse(encode(call, event_of(PublicEventType::call_ended)));
    EXPECT_EQ(event.at("data").at("metadata").at("a").at(0), 1);
    EXPECT_EQ(event.at("data").at("from"), "\"\\\n\x01\xEF\xBF\xBD+31");
}

TEST(Decimal, is_exact_and_short) {
    EXPECT_EQ(to_decimal(MicroMoney{0}), "0");
    EXPECT_EQ(to_decimal(MicroMoney{530'000}), "0.53");
    EXPECT_EQ(to_decimal(MicroMoney{466'400}), "0.4664");
    EXPECT_EQ(to_decimal(MicroMoney{1}), "0.000001");
    EXPECT_EQ(to_decimal(MicroMoney{10'000'000}), "10");
    EXPECT_EQ(to_decimal(MicroMoney{-1'500'000}), "-1.5");
    EXPECT_EQ(to_decimal(MicroMoney{9'223'372'036'854'775'807}), "9223372036854.775807");
    EXPECT_EQ(to_decimal(MicroMoney{-9'223'372'036'854'775'807 - 1}), "-9223372036854.775808");
    EXPECT_EQ(to_decimal(CentiMinutes{212}), "2.12");
    EXPECT_EQ(to_decimal(CentiMinutes{256'040}), "2560.4");
    EXPECT_EQ(to_decimal(CentiMinutes{5}), "0.05");
}

}  // namespace
}  // namespace gw::webhooks
