// SPDX-License-Identifier: Apache-2.0
// What strangers, and a carrier in a strange mood, send to the webhook door: each gets its code,
// and nothing in the gateway changes. A flood of it does not flood the log.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* door = "/telnyx/webhooks";

json initiated(const std::string& connection = "1234567890") {
    return {{"call_control_id", "v3:hand-made"},
            {"call_leg_id", "leg"},
            {"call_session_id", "session"},
            {"connection_id", connection},
            {"direction", "incoming"},
            {"from", "+31612340001"},
            {"to", number_of_agent},
            {"state", "parked"}};
}

// The statuses with which the webhooks of this event were answered.
std::vector<unsigned> answers_to(World& world, const json& event_id) {
    std::vector<unsigned> statuses;
    for (const json& entry : world.carrier("webhook")) {
        if (entry["event_id"] == event_id) {
            statuses.push_back(entry["status"].get<unsigned>());
        }
    }
    return statuses;
}

// The status with which a hand-made webhook was answered. Sent again while that is 503, as Telnyx
// does; the simulator's own redelivery would repeat the refusals, too.
unsigned answer_to(World& world, json event) {
    constexpr unsigned unavailable = 503;
    world.set_faults({{"redelivery", {{"timeout_ms", milliseconds{patience}.count()}}}});
    std::vector<unsigned> statuses;
    EXPECT_TRUE(eventually([&] {
        const std::size_t before = statuses.size();
        event["id"] = world.control("POST", "/events", event)["event_id"];
        EXPECT_TRUE(eventually([&] {
            statuses = answers_to(world, event["id"]);
            return statuses.size() > before;
        }));
        return !statuses.empty() && statuses.back() != unavailable;
    }));
    return statuses.empty() ? 0 : statuses.back();
}

struct BadEvent {
    const char* name;
    json event;  // as the simulator's POST /events takes it
    unsigned status;
};

void PrintTo(const BadEvent& row, std::ostream* out) {
    *out << row.name;
}

json with(json changes) {
    json event = {{"event_type", "call.initiated"}, {"payload", initiated()}};
    event.merge_patch(changes);
    return event;
}

json body_only(std::string body) {
    return {{"body", std::move(body)}};
}

std::string nested(std::size_t depth) {
    return R"({"data":{"event_type":"call.initiated","id":"x","payload":)" +
           std::string(depth, '[') + std::string(depth, ']') + "}}";
}

const BadEvent bad_events[] = {
    {"Forged", with({{"signature", "wrong"}}), 401},
    {"Unsigned", with({{"signature", "missing"}}), 401},
    {"MalformedSignature", with({{"signature", "malformed"}}), 401},
    {"Stale", with({{"timestamp_offset_s", -400}}), 401},
    {"FromTheFuture", with({{"timestamp_offset_s", 400}}), 401},
    {"NotJson", body_only("{\"data\": "), 200},
    {"Empty", body_only(""), 200},
    {"AnArray", body_only("[]"), 200},
    {"DeeplyNested", body_only(nested(200'000)), 200},
    {"NoId", body_only(R"({"data":{"event_type":"call.initiated","payload":{}}})"), 200},
    {"ApiVersionOne", body_only(R"({"event_type":"call_initiated","payload":{}})"), 400},
    {"NulsAndBadUtf8", body_only(std::string("{\"data\":{\"id\":\"\0\\ud800\"}}", 24)), 200},
    {"OfAnotherConnection", {{"event_type", "call.initiated"}, {"payload", initiated("999")}}, 200},
    {"WithoutALeg", {{"event_type", "call.initiated"}, {"payload", {{"to", "+31850012345"}}}}, 200},
    {"TooLarge", body_only(std::string(1024 * 1024 + 1, ' ')), 413},
};

class BadWebhook : public ::testing::TestWithParam<BadEvent> {};

TEST_P(BadWebhook, GetsItsCodeAndChangesNothing) {
    World world;
    EXPECT_EQ(answer_to(world, GetParam().event), GetParam().status);
    EXPECT_TRUE(world.calls().empty());
    EXPECT_EQ(world.metric("gateway_calls_opened_total"), 0.0);
    EXPECT_EQ(world.metric("gateway_call_actors"), 0.0);
    EXPECT_TRUE(world.carrier("command").empty());
    EXPECT_TRUE(world.received().empty());
    EXPECT_TRUE(world.is_ready());
}

INSTANTIATE_TEST_SUITE_P(Door, BadWebhook, ::testing::ValuesIn(bad_events),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(WebhookDoor, KeepsAnUnknownEventOfACallOnItsTimelineWithoutEffect) {
    World world;
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    json payload = initiated();
    payload["call_control_id"] = leg;
    EXPECT_EQ(answer_to(world, {{"event_type", "call.something.new"}, {"payload", payload}}), 200U);
    EXPECT_EQ(
        answer_to(world,
                  {{"event_type", "call.hangup"}, {"payload", payload}, {"signature", "wrong"}}),
        401U);
    EXPECT_EQ(world.only_call()["status"], "in-progress");

    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    ASSERT_TRUE(world.quiesce());
    std::size_t unknown = 0;
    for (const json& row : world.events("call_00000001")) {
        if (row["kind"] == "call.something.new") {
            EXPECT_EQ(row["effects"], json::array());
            ++unknown;
        }
    }
    EXPECT_EQ(unknown, 1U);
    EXPECT_EQ(world.verdict(), "");
}

TEST(WebhookDoor, TakesTheSameEventManyTimesAtOnceOnce) {
    World world;
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    json payload = initiated();
    payload["call_control_id"] = leg;
    payload["digit"] = "7";
    world.control("POST", "/events",
                  {{"event_type", "call.dtmf.received"},
                   {"id", "11111111-2222-4333-8444-555555555555"},
                   {"payload", payload},
                   {"copies", 20},
                   {"redeliver", true}});  // those answered 503
    const auto digits = [&] {
        const auto all = world.received();
        return std::ranges::count_if(
            all, [](const json& event) { return event["event"] == "call.dtmf.received"; });
    };
    ASSERT_TRUE(eventually([&] {
        return digits() >= 1 &&
               world.metric("gateway_carrier_events_total{result=\"duplicate\"}") >= 19.0;
    }));
    EXPECT_EQ(digits(), 1);
    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.verdict(), "");
}

TEST(WebhookDoor, AnswersWhatIsNoWebhookAtAll) {
    World world;
    EXPECT_EQ(world.api(door, "GET").status, 405U);
    const auto raw = [&](const std::string& bytes) {
        return exchange_raw({.port = world.http_port(), .bytes = bytes});
    };
    const std::string head = "POST " + std::string(door) + " HTTP/1.1\r\nHost: x\r\n";
    EXPECT_THAT(raw(head + "Connection: close\r\nContent-Length: 2\r\n\r\n{}"),
                StartsWith("HTTP/1.1 415"));
    EXPECT_THAT(raw(head + "Connection: close\r\nContent-Type: application/json\r\n"
                           "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
                StartsWith("HTTP/1.1 415"));
    EXPECT_THAT(raw("\x16\x03\x01 this is no HTTP\r\n\r\n"), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(raw(head + "X-Long: " + std::string(64 * 1024, 'a') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(raw(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 400"));
    EXPECT_TRUE(world.is_ready());
    EXPECT_TRUE(world.calls().empty());
}

TEST(WebhookDoor, GivesASlowSenderUp) {
    WorldOptions options;
    options.config["http"]["limits"] = {{"header_timeout_seconds", 1}, {"body_timeout_seconds", 1}};
    World world(std::move(options));
    const std::string head =
        "POST " + std::string(door) + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    const RawSend slow_body{.port = world.http_port(),
                            .bytes = head + "Content-Length: 4000\r\n\r\n" + std::string(4000, ' '),
                            .chunk = 110,
                            .pause = milliseconds{100}};
    EXPECT_THAT(exchange_raw(slow_body), HasSubstr(" 408 "));
    // A header that never ends gets no answer, or the same one; but it does get an end.
    const auto begin = std::chrono::steady_clock::now();
    (void)exchange_raw({.port = world.http_port(),
                        .bytes = head + "X-Slow: " + std::string(4000, 'a'),
                        .chunk = 1,
                        .pause = milliseconds{50}});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{15});
    EXPECT_TRUE(world.is_ready());
}

TEST(WebhookDoor, DoesNotLetAFloodOfForgeriesFloodTheLog) {
    World world;
    const json forged = with({{"signature", "wrong"}, {"copies", 400}});
    const auto begin = std::chrono::steady_clock::now();
    world.control("POST", "/events", forged);
    ASSERT_TRUE(eventually([&] { return world.carrier("webhook").size() == 400; }));
    const auto lasted = std::chrono::ceil<seconds>(std::chrono::steady_clock::now() - begin);

    const std::string log = world.gateway().log();
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = log.find("telnyx_webhook_refused", at)) != std::string::npos;
         ++at) {
        ++lines;
    }
    EXPECT_GE(lines, 1U);
    // log.lines_per_event_per_second is 50; a run may touch one more second than it lasts.
    EXPECT_LE(lines, 51U * static_cast<std::size_t>(lasted.count() + 1));
    // The real carrier is still heard.
    world.place_call({{"steps", {{{"hangup", true}}}}});
    ASSERT_TRUE(eventually([&] { return world.only_call().is_object(); }));
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.verdict(), "");
}

}  // namespace
}  // namespace gw::scenario
