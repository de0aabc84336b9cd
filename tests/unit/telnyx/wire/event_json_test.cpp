#include "telnyx/wire/event_json.hpp"

#include "gateway/domain/time.hpp"
#include "gateway/domain/words.hpp"
#include "telnyx/wire/words.hpp"
#include "tests/unit/telnyx/fixtures.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace gw::telnyx {
namespace {

const UtcTime received_at = utc_from_micros(1'800'000'000'000'000);

ParsedEvent parse(std::string body) {
    return parse_event(std::move(body), received_at);
}

// A body with these members in data and in payload.
std::string body_of(const std::string& data, const std::string& payload) {
    return R"({"data":{)" + data + (data.empty() ? "" : ",") + R"("payload":{)" + payload +
           R"(}},"meta":{"attempt":1}})";
}
std::string event_with(const std::string& payload) {
    return body_of(R"("event_type":"call.hangup","id":"e1","occurred_at":"2025-11-23T03:30:30Z")",
                   payload);
}

EventFault fault_of(std::string body) {
    const ParsedEvent event = parse(std::move(body));
    EXPECT_TRUE(event.has_error());
    return event.has_error() ? event.error() : EventFault{};
}

std::string time_text(const std::optional<UtcTime>& at) {
    return at ? to_rfc3339_micros(*at) : std::string();
}

std::string type_text(CarrierEventType type) {
    switch (type) {
        case CarrierEventType::initiated:
            return "initiated";
        case CarrierEventType::answered:
            return "answered";
        case CarrierEventType::hangup:
            return "hangup";
        case CarrierEventType::dtmf:
            return "dtmf";
        case CarrierEventType::cost:
            return "cost";
        case CarrierEventType::gather_ended:
            return "gather_ended";
        case CarrierEventType::machine_detected:
            return "machine_detected";
        case CarrierEventType::other:
            return "other";
    }
    return "?";
}

// The event as a line of expected.tsv.
std::string line_of(const std::string& file, const CarrierEvent& event) {
    const std::vector<std::string> columns = {
        file,
        type_text(event.type),
        event.type_word,
        event.id.value(),
        to_rfc3339_micros(event.occurred_at),
        event.call_control_id.value(),
        event.call_leg_id.value(),
        event.call_session_id.value(),
        event.connection_id,
        event.client_state,
        event.from,
        event.to,
        event.direction ? std::string(word_of(*event.direction)) : "",
        time_text(event.start_time),
        time_text(event.end_time),
        std::string(word_of(event.hangup_cause)),
        std::string(word_of(event.hangup_source)),
        event.digit,
        event.carrier_cost ? std::to_string(event.carrier_cost->micros) : "",
        std::to_string(event.delivery_attempt)};
    std::string line;
    for (const std::string& column : columns) {
        line += (line.empty() ? "" : "\t") + column;
    }
    return line;
}

TEST(EventJson, every_recorded_body_gives_the_expected_event) {
    std::istringstream table(fixtures::read("expected.tsv"));
    std::string line;
    std::getline(table, line);  // the names of the columns
    std::set<std::string> checked;
    while (std::getline(table, line)) {
        const std::string file = line.substr(0, line.find('\t'));
        SCOPED_TRACE(file);
        const std::string body = fixtures::read(file);
        const ParsedEvent event = parse(body);
        ASSERT_TRUE(event) << word_of(event.error());
        EXPECT_EQ(line_of(file, *event), line);
        EXPECT_EQ(event->raw, body);
        checked.insert(file);
    }
    for (const char* folder : {"events", "transfer", "unknown"}) {
        for (const std::string& file : fixtures::names_in(folder)) {
            EXPECT_TRUE(checked.contains(file) || file == "unknown/v1.call_initiated.json")
                << file << " has no line in expected.tsv";
        }
    }
    EXPECT_GE(checked.size(), 90U);
}

TEST(EventJson, version_one_is_refused_and_says_what_to_set) {
    const EventFault fault = fault_of(fixtures::read("unknown/v1.call_initiated.json"));
    EXPECT_EQ(fault, EventFault::version_one);
    EXPECT_NE(text_of(fault).find("webhook_api_version"), std::string_view::npos);
}

TEST(EventJson, each_fault_has_its_own_cause) {
    EXPECT_EQ(fault_of(""), EventFault::not_json);
    EXPECT_EQ(fault_of("{"), EventFault::not_json);
    EXPECT_EQ(fault_of("{} x"), EventFault::not_json);
    EXPECT_EQ(fault_of("\xEF\xBB"), EventFault::not_json);
    EXPECT_EQ(fault_of(event_with("\"from\":\"\xff\"")), EventFault::not_json);
    EXPECT_EQ(fault_of(event_with("\"from\":\"\xed\xa0\x80\"")), EventFault::not_json);
    EXPECT_EQ(fault_of(event_with("\"x\":1e999")), EventFault::not_json);
    EXPECT_EQ(fault_of("[]"), EventFault::not_object);
    EXPECT_EQ(fault_of("\"data\""), EventFault::not_object);
    EXPECT_EQ(fault_of("12"), EventFault::not_object);
    EXPECT_EQ(fault_of("null"), EventFault::not_object);
    EXPECT_EQ(fault_of("{}"), EventFault::no_data);
    EXPECT_EQ(fault_of(R"({"data":"x"})"), EventFault::no_data);
    EXPECT_EQ(fault_of(R"({"data":[{"event_type":"call.hangup","id":"1"}]})"), EventFault::no_data);
    EXPECT_EQ(fault_of(body_of(R"("id":"1")", "")), EventFault::no_event_type);
    EXPECT_EQ(fault_of(body_of(R"("event_type":null,"id":"1")", "")), EventFault::no_event_type);
    EXPECT_EQ(fault_of(body_of(R"("event_type":"call.hangup")", "")), EventFault::no_id);
    EXPECT_EQ(fault_of(body_of(R"("event_type":"call.hangup","id":"")", "")), EventFault::no_id);
}

TEST(EventJson, nesting_is_bounded) {
    const auto nested = [](std::size_t depth) {
        return event_with("\"x\":" + std::string(depth, '[') + std::string(depth, ']'));
    };
    EXPECT_TRUE(parse(nested(event_depth_max - 3)));  // below root, data and payload
    EXPECT_EQ(fault_of(nested(event_depth_max - 2)), EventFault::too_deep);
    EXPECT_EQ(fault_of(std::string(1'000'000, '[')), EventFault::too_deep);
}

TEST(EventJson, a_member_that_stands_twice_is_refused_where_we_read_it) {
    EXPECT_EQ(fault_of(event_with(R"("from":"+1","from":"+2")")), EventFault::duplicate_key);
    EXPECT_EQ(fault_of(R"({"data":{"event_type":"a","id":"1"},"data":{}})"),
              EventFault::duplicate_key);
    EXPECT_TRUE(parse(event_with(R"("unread":1,"unread":2)")));
}

TEST(EventJson, names_count_only_at_their_place) {
    const ParsedEvent event = parse(
        R"({"call_control_id":"root","data":{"call_control_id":"data","event_type":"call.answered",)"
        R"("id":"e1","payload":{"custom_headers":[{"name":"from","from":"list"}],)"
        R"("other":{"from":"nested","payload":{"from":"deeper"}},"to":"+31","from":{"from":"object"}}},)"
        R"("meta":{"from":"meta","id":"meta","attempt":3}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->id.value(), "e1");
    EXPECT_EQ(event->call_control_id.value(), "");
    EXPECT_EQ(event->from, "");
    EXPECT_EQ(event->to, "+31");
    EXPECT_EQ(event->delivery_attempt, 3U);
}

TEST(EventJson, optional_members_may_be_null_absent_or_of_another_type) {
    const ParsedEvent event = parse(event_with(
        R"("call_control_id":null,"from":true,"to":-5,"direction":[],"start_time":"soon",)"
        R"("end_time":{},"hangup_cause":null,"hangup_source":7,"client_state":"not base64",)"
        R"("connection_id":2811212257810187001,"total_cost":null,"digit":5)"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->call_control_id, CallControlId());
    EXPECT_EQ(event->from, "");
    EXPECT_EQ(event->to, "");
    EXPECT_FALSE(event->direction);
    EXPECT_FALSE(event->start_time);
    EXPECT_FALSE(event->end_time);
    EXPECT_EQ(event->hangup_cause, HangupCause::other);
    EXPECT_EQ(event->hangup_source, HangupSource::unknown);
    EXPECT_EQ(event->client_state, "");
    EXPECT_EQ(event->connection_id, "2811212257810187001");
    EXPECT_FALSE(event->carrier_cost);
    EXPECT_EQ(event->digit, "5");
}

TEST(EventJson, the_word_of_an_unknown_cause_is_kept_when_it_is_one) {
    const auto cause = [](const std::string& json) {
        const ParsedEvent event = parse(event_with(R"("hangup_cause":)" + json));
        return event ? event->other_cause : std::string("unreadable");
    };
    EXPECT_EQ(cause(R"("destination_out_of_order")"), "destination_out_of_order");
    EXPECT_EQ(cause(R"("user_busy")"), "");
    for (const char* no_word :
         {R"("")", R"("two words")", R"("<b>")", R"("\u0000")", "null", "[]"}) {
        EXPECT_EQ(cause(no_word), "") << no_word;
    }
    EXPECT_EQ(cause('"' + std::string(64, 'a') + '"'), std::string(64, 'a'));
    EXPECT_EQ(cause('"' + std::string(65, 'a') + '"'), "");
}

TEST(EventJson, the_time_is_the_events_then_the_payloads_then_our_own) {
    const std::string both =
        body_of(R"("event_type":"a","id":"1","occurred_at":"2025-01-01T00:00:01Z")",
                R"("occurred_at":"2025-01-01T00:00:02Z")");
    const std::string payload_only = body_of(R"("event_type":"a","id":"1","occurred_at":null)",
                                             R"("occurred_at":"2025-01-01T00:00:02.500Z")");
    const std::string none = body_of(R"("event_type":"a","id":"1","occurred_at":"yesterday")", "");
    EXPECT_EQ(to_rfc3339(parse(both)->occurred_at), "2025-01-01T00:00:01Z");
    EXPECT_EQ(to_rfc3339_micros(parse(payload_only)->occurred_at), "2025-01-01T00:00:02.500000Z");
    EXPECT_EQ(parse(none)->occurred_at, received_at);
}

TEST(EventJson, the_carriers_cost_is_read_exactly) {
    const auto cost = [](const std::string& json) {
        const ParsedEvent event = parse(event_with("\"total_cost\":" + json));
        return event && event->carrier_cost ? event->carrier_cost->micros : -1;
    };
    EXPECT_EQ(cost("\"0.0068\""), 6'800);
    EXPECT_EQ(cost("\"12\""), 12'000'000);
    EXPECT_EQ(cost("\"0.00000199\""), 1);
    EXPECT_EQ(cost("0.0068"), 6'800);
    EXPECT_EQ(cost("3"), 3'000'000);
    EXPECT_EQ(cost("\"1000000001\""), -1);
    EXPECT_EQ(cost("\"99999999999999999999999\""), -1);
    EXPECT_EQ(cost("\"-1\""), -1);
    EXPECT_EQ(cost("\"1.\""), -1);
    EXPECT_EQ(cost("\".5\""), -1);
    EXPECT_EQ(cost("\"\""), -1);
    EXPECT_EQ(cost("1e-3"), -1);
}

TEST(EventJson, the_attempt_is_bounded) {
    EXPECT_EQ(
        parse(R"({"data":{"event_type":"a","id":"1"},"meta":{"attempt":18446744073709551615}})")
            ->delivery_attempt,
        4'294'967'295U);
    EXPECT_EQ(
        parse(R"({"data":{"event_type":"a","id":"1"},"meta":{"attempt":"2"}})")->delivery_attempt,
        1U);
    EXPECT_EQ(parse(R"({"data":{"event_type":"a","id":"1"}})")->delivery_attempt, 1U);
}

TEST(EventJson, escapes_are_decoded) {
    EXPECT_EQ(parse(event_with(R"("from":"sip:\u00e9\u2603\ud83d\ude00\"@x")"))->from,
              "sip:\u00e9\u2603\U0001F600\"@x");
}

TEST(Words, the_label_set_of_event_types_is_closed) {
    EXPECT_EQ(known_event_types().size(), 55U);
    for (std::size_t i = 0; i < known_event_types().size(); ++i) {
        EXPECT_EQ(index_of_event_type(known_event_types()[i]), i);
    }
    EXPECT_FALSE(index_of_event_type("call.something.new"));
    EXPECT_FALSE(index_of_event_type(""));
    EXPECT_FALSE(index_of_event_type("zzz"));
}

TEST(Words, every_cause_of_the_domain_but_other_is_a_word_of_telnyx) {
    for (int i = 0; i < static_cast<int>(HangupCause::other); ++i) {
        const auto cause = static_cast<HangupCause>(i);
        EXPECT_EQ(hangup_cause_of(word_of(cause)), cause);
    }
    EXPECT_EQ(hangup_cause_of("other"), HangupCause::other);
}

}  // namespace
}  // namespace gw::telnyx
