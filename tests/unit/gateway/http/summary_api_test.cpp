// SPDX-License-Identifier: Apache-2.0
// GET /v1/calls/summary: the specification's fields, what is echoed, and every wrong parameter.
#include "gateway/http/call_json.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace gw::http {
namespace {

using nlohmann::json;
using testing::Gateway;
namespace keys = testing::keys;

json body_of(const net::HttpResponse& response) {
    return json::parse(response.body);
}

// Specification "GET /v1/calls/summary", the example.
TEST(SummaryApi, HasTheSpecificationsFieldsInItsOrder) {
    ports::CallSummary summary{.total_calls = 1240,
                               .completed_calls = 1198,
                               .failed_calls = 12,
                               .answered_calls = 1195,
                               .no_answer_calls = 30,
                               .total_duration_seconds = 153'624,
                               .total_minutes_used = {256'040},
                               .total_cost = {563'290'000}};
    SummaryFilterTexts given;
    given.from_date = "2026-01-01";
    given.to_date = "2026-01-31";
    EXPECT_EQ(to_json(summary, given),
              R"({"total_calls":1240,"completed_calls":1198,"failed_calls":12,)"
              R"("answered_calls":1195,"no_answer_calls":30,"total_duration_seconds":153624,)"
              R"("total_minutes_used":2560.4,"total_cost":563.29,"total_recording_cost":0.0,)"
              R"("total_llm_discount":0.0,)"
              R"("filters":{"from_date":"2026-01-01","to_date":"2026-01-31"}})");
}

TEST(SummaryApi, MoneyIsRoundedHalfUpOnce) {
    const auto cost = [](std::int64_t micros) {
        ports::CallSummary summary;
        summary.total_cost = {micros};
        return body_of({200, {}, to_json(summary, {})})["total_cost"].dump();
    };
    EXPECT_EQ(cost(49), "0.0");
    EXPECT_EQ(cost(50), "0.0001");
    EXPECT_EQ(cost(1'234'549), "1.2345");
    EXPECT_EQ(cost(1'234'550), "1.2346");
    EXPECT_EQ(cost(-50), "0.0");
    EXPECT_EQ(cost(-51), "-0.0001");
}

TEST(SummaryApi, IsNotTakenForACall) {
    Gateway gateway;
    gateway.add(testing::example_call());
    const auto response = gateway.get("/v1/calls/summary");
    EXPECT_EQ(response.status, 200U);
    const json summary = body_of(response);
    EXPECT_EQ(summary["total_calls"], 1);
    EXPECT_EQ(summary["total_duration_seconds"], 127);
    EXPECT_EQ(summary["total_minutes_used"], 2.12);
    EXPECT_EQ(summary["total_cost"], 0.53);
    EXPECT_EQ(summary["filters"], json::object());
    for (const char* method : {"POST", "DELETE", "PUT"}) {
        const auto other = gateway.send(method, "/v1/calls/summary", {{"X-Api-Key", keys::full}});
        EXPECT_EQ(other.status, 405U) << method;
        EXPECT_EQ(testing::header(other, "Allow"), "GET, HEAD") << method;
    }
}

TEST(SummaryApi, AsksForWholeUtcDaysAndEchoesWhatWasGiven) {
    using std::chrono::sys_days;
    using std::chrono::year;
    Gateway gateway;
    const auto filters = [&](const std::string& query) {
        return body_of(gateway.get("/v1/calls/summary?" + query))["filters"];
    };
    EXPECT_EQ(filters("from_date=2026-02-28"), json({{"from_date", "2026-02-28"}}));
    EXPECT_EQ(gateway.store.summaries.back().from_day, sys_days(year(2026) / 2 / 28));
    EXPECT_EQ(gateway.store.summaries.back().to_day, std::nullopt);
    EXPECT_EQ(filters("to_date=2024-02-29&agent_id=7&unknown=1"),
              json({{"to_date", "2024-02-29"}, {"agent_id", "7"}}));
    EXPECT_EQ(gateway.store.summaries.back().to_day, sys_days(year(2024) / 2 / 29));
    EXPECT_EQ(gateway.store.summaries.back().agent_id, AgentId(7));
    EXPECT_EQ(filters("from_date=2026-01-01&to_date=2026-01-01").size(), 2U);
    EXPECT_EQ(filters("status=no-answer&disposition=voicemail"),
              json({{"status", "no-answer"}, {"disposition", "voicemail"}}));
    EXPECT_EQ(gateway.store.summaries.back().status, CallStatus::no_answer);
    EXPECT_EQ(gateway.store.summaries.back().disposition, Disposition::voicemail);
}

TEST(SummaryApi, AnAgentThatCannotExistHasNoCalls) {
    Gateway gateway;
    gateway.add(testing::example_call());
    const json summary = body_of(gateway.get("/v1/calls/summary?agent_id=99999999999999999999"));
    EXPECT_EQ(summary["total_calls"], 0);
    EXPECT_EQ(summary["filters"], json({{"agent_id", "99999999999999999999"}}));
    EXPECT_TRUE(gateway.store.summaries.empty());
    EXPECT_EQ(body_of(gateway.get("/v1/calls/summary?agent_id=8"))["total_calls"], 0);
}

TEST(SummaryApi, EveryWrongParameterIsNamed) {
    Gateway gateway;
    const std::pair<const char*, const char*> wrong[] = {
        {"agent_id=agent_28c51f81", "agent_id"},
        {"agent_id=agent_", "agent_id"},
        {"agent_id=", "agent_id"},
        {"agent_id=-1", "agent_id"},
        {"agent_id=7.0", "agent_id"},
        {"agent_id=%207", "agent_id"},
        {"agent_id=0x7", "agent_id"},
        {"agent_id=7&agent_id=7", "agent_id"},
        {"agent_id=1%20OR%201=1", "agent_id"},
        {"status=done", "status"},
        {"status=", "status"},
        {"disposition=Answered", "disposition"},
        {"from_date=2026-02-30", "from_date"},
        {"from_date=2026-02-29", "from_date"},
        {"from_date=2026-00-10", "from_date"},
        {"from_date=26-01-01", "from_date"},
        {"from_date=", "from_date"},
        {"to_date=2026-04-31", "to_date"},
        {"to_date=2026-01-32", "to_date"},
        {"to_date=2026-01-01T00:00:00Z", "to_date"},
        {"to_date=tomorrow", "to_date"},
        {"from_date=2026-01-02&to_date=2026-01-01", "from_date"},
        {"x=%zz", "query"},
    };
    for (const auto& [query, field] : wrong) {
        const auto response = gateway.get(std::string("/v1/calls/summary?") + query);
        ASSERT_EQ(response.status, 400U) << query;
        const json problem = body_of(response);
        EXPECT_EQ(problem["code"], "VALIDATION_ERROR") << query;
        ASSERT_EQ(problem["details"].size(), 1U) << query << response.body;
        EXPECT_TRUE(problem["details"].contains(field)) << query << response.body;
    }
    const json all =
        body_of(gateway.get("/v1/calls/summary?agent_id=agent_1&from_date=x&to_date=x"));
    EXPECT_EQ(all["details"].size(), 3U);
    EXPECT_TRUE(gateway.store.summaries.empty());
}

TEST(SummaryApi, AnAbsentStoreIs503) {
    Gateway gateway;
    gateway.get("/");
    gateway.store.is_away = true;
    EXPECT_EQ(gateway.get("/v1/calls/summary").status, 503U);
}

}  // namespace
}  // namespace gw::http
