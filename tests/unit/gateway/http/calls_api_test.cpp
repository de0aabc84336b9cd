// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/call_json.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace gw::http {
namespace {

using nlohmann::json;
using testing::Gateway;
using testing::header;
namespace keys = testing::keys;

json body_of(const net::HttpResponse& response) {
    return json::parse(response.body);
}

std::vector<std::string> ids_of(const json& page) {
    std::vector<std::string> ids;
    for (const auto& call : page.at("calls")) {
        ids.push_back(call.at("call_id").get<std::string>());
    }
    return ids;
}

Call call_at(std::int64_t id, std::string_view created_at) {
    Call call = testing::example_call();
    call.id = CallId(id);
    call.call_control_id = CallControlId("v3:" + std::to_string(id));
    call.created_at = *parse_rfc3339(created_at);
    return call;
}

using Ids = std::vector<std::string>;

TEST(CallsApi, ShowsTheWholeCallByEitherId) {
    Gateway gateway;
    gateway.add(testing::example_call());
    std::string expected;
    append_call(expected, testing::example_call(), testing::now_of_tests, CallDetail::full);
    for (const char* target : {"/v1/calls/call_00000001", "/v1/calls/1", "/v1/calls/1?verbose=1"}) {
        const auto response = gateway.get(target);
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, expected);
        EXPECT_EQ(header(response, "Content-Type"), "application/json");
        EXPECT_EQ(header(response, "Cache-Control"), "no-store");
        EXPECT_EQ(header(response, "X-Request-Id").size(), 32U);
    }
}

TEST(CallsApi, ListsNewestFirstInPagesThatStayRightWhileCallsAreAdded) {
    Gateway gateway;
    for (std::int64_t id = 1; id <= 5; ++id) {  // two share an instant
        gateway.add(call_at(
            id, id < 3 ? "2026-01-10T10:00:00Z" : "2026-01-11T10:00:0" + std::to_string(id) + "Z"));
    }
    auto page = body_of(gateway.get("/v1/calls?limit=2"));
    EXPECT_EQ(ids_of(page), (Ids{"call_00000005", "call_00000004"}));
    gateway.add(call_at(6, "2026-01-12T10:00:00Z"));
    page =
        body_of(gateway.get("/v1/calls?limit=2&after=" + page["next_cursor"].get<std::string>()));
    EXPECT_EQ(ids_of(page), (Ids{"call_00000003", "call_00000002"}));
    page =
        body_of(gateway.get("/v1/calls?limit=2&after=" + page["next_cursor"].get<std::string>()));
    EXPECT_EQ(ids_of(page), Ids{"call_00000001"});
    EXPECT_TRUE(page["next_cursor"].is_null());
}

TEST(CallsApi, APageHasFiftyUnlessAskedFor) {
    Gateway gateway;
    for (std::int64_t id = 1; id <= 120; ++id) {
        gateway.add(call_at(id, "2026-01-10T10:00:00Z"));
    }
    EXPECT_EQ(body_of(gateway.get("/v1/calls"))["calls"].size(), 50U);
    EXPECT_EQ(body_of(gateway.get("/v1/calls?limit=100"))["calls"].size(), 100U);
    EXPECT_EQ(body_of(gateway.get("/v1/calls?limit=1"))["calls"].size(), 1U);
}

TEST(CallsApi, FiltersByEachParameter) {
    Gateway gateway;
    gateway.add(call_at(1, "2026-01-09T23:59:59.999999Z"));
    gateway.add(call_at(2, "2026-01-10T00:00:00Z"));
    gateway.add(call_at(3, "2026-01-10T23:59:59.999999Z"));
    Call failed = call_at(4, "2026-01-11T00:00:00Z");
    failed.status = CallStatus::no_answer;
    failed.disposition = Disposition::no_answer;
    gateway.add(failed);
    const auto ids = [&](const std::string& query) {
        return ids_of(body_of(gateway.get("/v1/calls?" + query)));
    };
    EXPECT_EQ(ids("from_date=2026-01-10&to_date=2026-01-10"),
              (Ids{"call_00000003", "call_00000002"}));
    EXPECT_EQ(ids("to_date=2026-01-09"), Ids{"call_00000001"});
    EXPECT_EQ(ids("from_date=2026-01-11"), Ids{"call_00000004"});
    EXPECT_EQ(ids("status=no-answer"), Ids{"call_00000004"});
    EXPECT_EQ(ids("disposition=no-answer&status=completed"), Ids{});
    EXPECT_EQ(ids("agent_id=agent_28c51f81").size(), 4U);
    EXPECT_EQ(ids("agent_id=7").size(), 4U);
    EXPECT_EQ(ids("unknown=1&unknown=2").size(), 4U);
    for (const char* agent : {"8", "agent_00000008", "9", "agent_00000009", "agent_nobody",
                              "123456", "99999999999999999999"}) {
        EXPECT_EQ(gateway.get("/v1/calls?agent_id=" + std::string(agent)).body,
                  R"({"calls":[],"next_cursor":null})")
            << agent;
    }
}

TEST(CallsApi, EveryWrongParameterIsNamed) {
    Gateway gateway;
    const std::pair<const char*, const char*> wrong[] = {
        {"limit=0", "limit"},
        {"limit=101", "limit"},
        {"limit=-1", "limit"},
        {"limit=", "limit"},
        {"limit=ten", "limit"},
        {"limit=5.0", "limit"},
        {"limit=%2050", "limit"},
        {"limit=1&limit=1", "limit"},
        {"limit=9223372036854775808", "limit"},
        {"status=", "status"},
        {"status=done", "status"},
        {"status=Completed", "status"},
        {"status=in_progress", "status"},
        {"disposition=caller-hangup", "disposition"},
        {"disposition=", "disposition"},
        {"from_date=2026-02-29", "from_date"},
        {"from_date=2026-1-01", "from_date"},
        {"from_date=today", "from_date"},
        {"to_date=2026-13-01", "to_date"},
        {"to_date=2026-01-01T00:00:00Z", "to_date"},
        {"to_date=", "to_date"},
        {"from_date=2026-01-02&to_date=2026-01-01", "from_date"},
        {"after=", "after"},
        {"after=abc", "after"},
        {"after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "after"},
        {"agent_id=", "agent_id"},
        {"agent_id=bob", "agent_id"},
        {"agent_id=agent_", "agent_id"},
        {"agent_id=-7", "agent_id"},
        {"agent_id=agent_%27%20or%201", "agent_id"},
        {"limit=abc", "limit"},
        {"limit=050", "limit"},
        {"limit=0x10", "limit"},
        {"limit=50%00", "limit"},
        {"status=completed%0d%0aX-Evil:%201", "status"},
        {"status=completed'--", "status"},
        {"status=completed,failed", "status"},
        {"status=completed&status=failed", "status"},
        {"disposition=answered%20", "disposition"},
        {"disposition=Answered", "disposition"},
        {"from_date=2026-02-30", "from_date"},
        {"from_date=2026-00-01", "from_date"},
        {"from_date=2026-01-00", "from_date"},
        {"from_date=0000-01-01", "from_date"},
        {"from_date=2026-01-01&from_date=2026-01-01", "from_date"},
        {"to_date=2026-04-31", "to_date"},
        {"to_date=2100-02-29", "to_date"},
        {"to_date=+2026-01-01", "to_date"},
        {"after=%00", "after"},
        {"after=1%20OR%201=1", "after"},
        {"limit=%zz", "query"},
        {"x=%", "query"},
    };
    for (const auto& [query, field] : wrong) {
        const auto response = gateway.get(std::string("/v1/calls?") + query);
        ASSERT_EQ(response.status, 400U) << query;
        const auto problem = body_of(response);
        EXPECT_EQ(problem["code"], "VALIDATION_ERROR") << query;
        ASSERT_EQ(problem["details"].size(), 1U) << query << response.body;
        EXPECT_TRUE(problem["details"].contains(field)) << query << response.body;
        EXPECT_EQ(problem["message"],
                  field + std::string(" ") + problem["details"][field].get<std::string>());
        EXPECT_EQ(problem["error"], problem["message"]);
    }
}

// A cursor is a place in time: it holds nothing of the filters, and goes on with any.
TEST(CallsApi, ACursorGoesOnUnderOtherFiltersAndGrantsNothing) {
    Gateway gateway;
    for (std::int64_t id = 1; id <= 6; ++id) {
        Call call = call_at(id, "2026-01-1" + std::to_string(id) + "T10:00:00Z");
        call.status = id % 2 == 0 ? CallStatus::completed : CallStatus::failed;
        gateway.add(call);
    }
    const auto first = body_of(gateway.get("/v1/calls?status=completed&limit=1"));
    EXPECT_EQ(ids_of(first), Ids{"call_00000006"});
    const std::string after = "&after=" + first["next_cursor"].get<std::string>();
    EXPECT_EQ(ids_of(body_of(gateway.get("/v1/calls?status=failed&limit=2" + after))),
              (Ids{"call_00000005", "call_00000003"}));
    EXPECT_EQ(ids_of(body_of(gateway.get("/v1/calls?to_date=2026-01-12" + after))),
              (Ids{"call_00000002", "call_00000001"}));
    EXPECT_EQ(ids_of(body_of(gateway.get("/v1/calls?from_date=2026-01-16" + after))), Ids{});
    EXPECT_EQ(ids_of(body_of(gateway.get("/v1/calls?limit=9" + after, keys::foreign))), Ids{});
}

TEST(CallsApi, ADamagedCursorIsAFaultWhereverItIsDamaged) {
    Gateway gateway;
    gateway.add(call_at(1, "2026-01-10T10:00:00Z"));
    gateway.add(call_at(2, "2026-01-11T10:00:00Z"));
    const auto page = body_of(gateway.get("/v1/calls?limit=1"));
    const auto good = page["next_cursor"].get<std::string>();
    EXPECT_EQ(gateway.get("/v1/calls?after=" + good).status, 200U);
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string damaged = good;
        damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
        EXPECT_EQ(gateway.get("/v1/calls?after=" + damaged).status, 400U) << damaged;
        EXPECT_EQ(gateway.get("/v1/calls?after=" + good.substr(0, at)).status, 400U) << at;
    }
    EXPECT_EQ(gateway.get("/v1/calls?after=" + good + "A").status, 400U);
}

TEST(CallsApi, AllWrongParametersAreNamedTogether) {
    Gateway gateway;
    const json problem = body_of(gateway.get(
        "/v1/calls?agent_id=x&status=x&disposition=x&from_date=x&to_date=x&after=x&limit=x"));
    std::set<std::string> names;
    for (const auto& [name, reason] : problem["details"].items()) {
        names.insert(name);
    }
    EXPECT_EQ(names, (std::set<std::string>{"agent_id", "status", "disposition", "from_date",
                                            "to_date", "after", "limit"}));
}

TEST(CallsApi, ALiveCallsStatusNeedsNoStore) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    gateway.get("/");  // the gateway has started and knows its live calls
    gateway.store.is_away = true;
    const auto response = gateway.get("/v1/calls/call_00000005/status");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body,
              R"({"call_id":"call_00000005","status":"in-progress","duration_seconds":42,)"
              R"("started_at":"2026-01-15T10:59:18Z","ended_at":null})");
}

TEST(CallsApi, ARecordingThatIsNotThereSaysWhy) {
    Gateway gateway;
    Call call = testing::example_call();
    gateway.add(call);
    const auto unwanted = gateway.get("/v1/calls/1/recording?expires_in=7200");
    EXPECT_EQ(unwanted.status, 404U);
    EXPECT_EQ(body_of(unwanted)["code"], "RECORDING_NOT_ENABLED");
    EXPECT_EQ(body_of(unwanted)["message"], "Recording was not enabled for this call");
    call.id = CallId(2);
    call.recording_enabled = true;
    gateway.add(call);
    const auto awaited = gateway.get("/v1/calls/2/recording");
    EXPECT_EQ(awaited.status, 404U);
    EXPECT_EQ(body_of(awaited)["code"], "RECORDING_NOT_AVAILABLE");
    EXPECT_EQ(body_of(awaited)["message"], "Recording not yet available");
    for (const char* wrong : {"59", "86401", "abc", "", "-60", "60.5"}) {
        const auto refused = gateway.get("/v1/calls/1/recording?expires_in=" + std::string(wrong));
        EXPECT_EQ(refused.status, 400U) << wrong;
        EXPECT_EQ(body_of(refused)["details"].size(), 1U) << wrong;
    }
    EXPECT_EQ(gateway.get("/v1/calls/9/recording").status, 404U);
    EXPECT_EQ(body_of(gateway.get("/v1/calls/9/recording"))["code"], "NOT_FOUND");
}

TEST(CallsApi, AFinalCallsStatusComesFromTheStore) {
    Gateway gateway;
    gateway.add(testing::example_call());
    EXPECT_EQ(gateway.get("/v1/calls/1/status").body,
              R"({"call_id":"call_00000001","status":"completed","duration_seconds":127,)"
              R"("started_at":"2026-01-15T10:00:00Z","ended_at":"2026-01-15T10:02:07Z"})");
}

TEST(CallsApi, AnAbsentStoreIs503AndOneLogLineWithTheCause) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.get("/");
    gateway.store.is_away = true;
    for (const char* target : {"/v1/calls", "/v1/calls/1", "/v1/calls/1/status",
                               "/v1/calls/1/webhooks", "/v1/calls/1/events"}) {
        gateway.log.lines.clear();
        const auto response = gateway.get(target);
        EXPECT_EQ(response.status, 503U) << target;
        EXPECT_EQ(body_of(response)["code"], "UNAVAILABLE") << target;
        EXPECT_EQ(header(response, "Retry-After"),
                  std::to_string(body_of(response)["retryAfter"].get<int>()));
        EXPECT_EQ(response.body.find("secret path"), std::string::npos);
        ASSERT_EQ(gateway.log.lines.size(), 1U) << target;
        EXPECT_NE(gateway.log.lines[0].find("unavailable: the disk is gone"), std::string::npos);
        EXPECT_NE(gateway.log.lines[0].find(header(response, "X-Request-Id")), std::string::npos);
    }
}

TEST(CallsApi, EndingALiveCallOrdersTheHangup) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    const auto response = gateway.post("/v1/calls/5/end");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, R"({"success":true})");
    ASSERT_EQ(gateway.store.commands.size(), 1U);
    EXPECT_EQ(gateway.store.commands[0].kind, CommandKind::hangup);
    EXPECT_EQ(gateway.store.commands[0].call_control_id, CallControlId("v3:leg-5"));
    EXPECT_EQ(gateway.post("/v1/calls/call_00000005/end").body, R"({"success":true})");
    EXPECT_EQ(gateway.store.commands.size(), 1U);
}

TEST(CallsApi, ABodyOnEndIsNotRead) {
    for (const char* body : {"", "{}", "{broken", "\xFF"}) {
        Gateway gateway;
        gateway.add(testing::live_call(5));
        const auto response =
            gateway.send("POST", "/v1/calls/5/end",
                         {{"X-Api-Key", keys::full}, {"Content-Type", "application/json"}}, body);
        EXPECT_EQ(response.status, 200U) << body;
    }
}

TEST(CallsApi, ACallNotInProgressCannotBeEnded) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.add(testing::ringing_call(2));
    for (const char* target : {"/v1/calls/1/end", "/v1/calls/2/end"}) {
        const auto response = gateway.post(target);
        EXPECT_EQ(response.status, 409U) << target;
        EXPECT_EQ(
            response.body,
            R"({"error":"Call is not in progress","code":"CALL_NOT_IN_PROGRESS","message":"Call is not in progress"})");
    }
    EXPECT_TRUE(gateway.store.commands.empty());
}

ports::AttemptRecord attempt(std::int64_t id, std::string event, bool success) {
    ports::AttemptRecord record;
    record.id = AttemptId(id);
    record.event = std::move(event);
    record.success = success;
    return record;
}

TEST(CallsApi, TheDeliveryLogIsFiltered) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.outbox.attempts[CallId(1)] = {attempt(1, "call.started", true),
                                          attempt(2, "call.ended", false),
                                          attempt(3, "call.ended", true)};
    const auto ids = [&](const std::string& query) {
        std::vector<int> found;
        const json log = body_of(gateway.get("/v1/calls/1/webhooks" + query));
        for (const auto& row : log.at("deliveries")) {
            found.push_back(row["id"].get<int>());
        }
        return found;
    };
    EXPECT_EQ(ids(""), (std::vector{1, 2, 3}));
    EXPECT_EQ(ids("?event=call.ended"), (std::vector{2, 3}));
    EXPECT_EQ(ids("?success=false"), (std::vector{2}));
    EXPECT_EQ(ids("?after_id=1&success=true"), (std::vector{3}));
    EXPECT_EQ(ids("?event=call.failed"), std::vector<int>{});
    for (const char* query : {"?event=", "?event=DROP%20TABLE", "?success=1", "?success=",
                              "?after_id=-1", "?after_id=x", "?success=true&success=true"}) {
        EXPECT_EQ(gateway.get("/v1/calls/1/webhooks" + std::string(query)).status, 400U) << query;
    }
}

TEST(CallsApi, TheDeliveryLogEndsAtFiveHundred) {
    Gateway gateway;
    gateway.add(testing::example_call());
    for (std::int64_t id = 1; id <= 501; ++id) {
        gateway.outbox.attempts[CallId(1)].push_back(attempt(id, "call.ended", false));
    }
    EXPECT_EQ(body_of(gateway.get("/v1/calls/1/webhooks"))["deliveries"].size(), 500U);
}

TEST(CallsApi, TheTimelineComesInPages) {
    Gateway gateway;
    gateway.add(testing::example_call());
    for (std::uint32_t seq = 1; seq <= 3; ++seq) {
        ports::TimelineRow row{.seq = seq,
                               .at = testing::now_of_tests,
                               .kind = "call.answered",
                               .verdict = "applied",
                               .repeats = seq - 1,
                               .data_json = R"({"a":1})",
                               .effects_json = ""};
        gateway.store.rows[CallId(1)].push_back(row);
    }
    EXPECT_EQ(
        gateway.get("/v1/calls/1/events?limit=1").body,
        R"({"call_id":"call_00000001","events":[{"seq":1,"at":"2026-01-15T11:00:00.000000Z",)"
        R"("kind":"call.answered","verdict":"applied","repeats":0,"data":{"a":1},"effects":[]}],)"
        R"("next_after_seq":1})");
    const auto last = body_of(gateway.get("/v1/calls/1/events?after_seq=1&limit=2"));
    EXPECT_EQ(last["events"].size(), 2U);
    EXPECT_EQ(last["events"][1]["repeats"], 2);
    EXPECT_TRUE(last["next_after_seq"].is_null());
    for (const char* query :
         {"?limit=0", "?limit=501", "?after_seq=-1", "?after_seq=4294967296", "?limit=a"}) {
        EXPECT_EQ(gateway.get("/v1/calls/1/events" + std::string(query)).status, 400U) << query;
    }
}

}  // namespace
}  // namespace gw::http
