// SPDX-License-Identifier: Apache-2.0
// The closed sets of the specification, word by word: what a call shows is what a list is filtered
// by.
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gw::http {
namespace {

using nlohmann::json;
using testing::Gateway;

constexpr std::pair<CallStatus, const char*> statuses[] = {
    {CallStatus::ringing, "ringing"},     {CallStatus::in_progress, "in-progress"},
    {CallStatus::completed, "completed"}, {CallStatus::failed, "failed"},
    {CallStatus::busy, "busy"},           {CallStatus::no_answer, "no-answer"},
    {CallStatus::canceled, "canceled"},   {CallStatus::rejected, "rejected"}};
constexpr std::pair<Disposition, const char*> dispositions[] = {
    {Disposition::answered, "answered"},       {Disposition::no_answer, "no-answer"},
    {Disposition::transferred, "transferred"}, {Disposition::busy, "busy"},
    {Disposition::failed, "failed"},           {Disposition::voicemail, "voicemail"},
    {Disposition::rejected, "rejected"}};
constexpr std::pair<EndedReason, const char*> reasons[] = {
    {EndedReason::agent_hangup, "agent-hangup"},
    {EndedReason::caller_hangup, "caller-hangup"},
    {EndedReason::api, "api"},
    {EndedReason::timeout, "timeout"},
    {EndedReason::transfer, "transfer"},
    {EndedReason::silence_timeout, "silence-timeout"},
    {EndedReason::error, "error"},
    {EndedReason::max_duration, "max-duration"}};

// A gateway with one call for each row, numbered from 1.
template <class Rows, class Set>
void add_each(Gateway& gateway, const Rows& rows, const Set& set) {
    std::int64_t number = 0;
    for (const auto& [value, word] : rows) {
        Call call = testing::example_call();
        call.id = CallId(++number);
        call.call_control_id = CallControlId("v3:leg-" + std::to_string(number));
        set(call, value);
        gateway.add(call);
    }
}

json get(Gateway& gateway, const std::string& target) {
    return json::parse(gateway.get(target).body);
}

TEST(SpecificationWords, EveryStatusIsShownAndFiltersTheList) {
    Gateway gateway;
    add_each(gateway, statuses, [](Call& call, CallStatus value) { call.status = value; });
    for (const auto& [value, word] : statuses) {
        const json calls = get(gateway, std::string("/v1/calls?status=") + word)["calls"];
        ASSERT_EQ(calls.size(), 1U) << word;
        EXPECT_EQ(calls[0]["status"], word);
        const auto id = calls[0]["call_id"].get<std::string>();
        EXPECT_EQ(get(gateway, "/v1/calls/" + id)["status"], word);
        EXPECT_EQ(get(gateway, "/v1/calls/" + id + "/status")["status"], word);
    }
}

TEST(SpecificationWords, EveryDispositionIsShownAndFiltersTheList) {
    Gateway gateway;
    add_each(gateway, dispositions,
             [](Call& call, Disposition value) { call.disposition = value; });
    for (const auto& [value, word] : dispositions) {
        const json calls = get(gateway, std::string("/v1/calls?disposition=") + word)["calls"];
        ASSERT_EQ(calls.size(), 1U) << word;
        EXPECT_EQ(calls[0]["disposition"], word);
    }
}

TEST(SpecificationWords, EveryEndedReasonIsShown) {
    Gateway gateway;
    add_each(gateway, reasons, [](Call& call, EndedReason value) { call.ended_reason = value; });
    std::int64_t number = 0;
    for (const auto& [value, word] : reasons) {
        EXPECT_EQ(get(gateway, "/v1/calls/" + std::to_string(++number))["ended_reason"], word);
    }
}

TEST(SpecificationWords, TypesOfTheCallObject) {
    Gateway gateway;
    gateway.add(testing::example_call());
    const json call = get(gateway, "/v1/calls/1");
    for (const char* text :
         {"call_id", "agent_id", "from_number", "to_number", "status", "disposition",
          "ended_reason", "started_at", "ended_at", "created_at", "direction", "language"}) {
        EXPECT_TRUE(call.at(text).is_string()) << text;
    }
    for (const char* integer :
         {"duration_seconds", "turn_count", "tool_call_count", "transfer_duration_seconds"}) {
        EXPECT_TRUE(call.at(integer).is_number_integer()) << integer;
    }
    for (const char* number : {"minutes_used", "rate_per_minute", "total_cost", "call_cost",
                               "recording_cost", "llm_discount", "transfer_cost"}) {
        EXPECT_TRUE(call.at(number).is_number_float()) << number;
    }
    for (const char* truth : {"has_recording", "ws_unavailable", "recording_enabled"}) {
        EXPECT_TRUE(call.at(truth).is_boolean()) << truth;
    }
    for (const char* object : {"metadata", "extracted_data", "latency_data"}) {
        EXPECT_TRUE(call.at(object).is_object()) << object;
    }
    for (const char* array : {"tools_called", "transcript"}) {
        EXPECT_TRUE(call.at(array).is_array()) << array;
    }
    EXPECT_TRUE(call.at("latency_data").at("turns").is_array());
    EXPECT_TRUE(call.at("transferred_to").is_null());
    EXPECT_EQ(call.size(), 32U);
}

// What a recording link may be asked for; the calls here have none, which is told after the range.
TEST(SpecificationWords, ARecordingLinkMayLiveFromAMinuteToADay) {
    Gateway gateway;
    gateway.add(testing::example_call());
    for (const char* right : {"", "?expires_in=60", "?expires_in=3600", "?expires_in=86400"}) {
        EXPECT_EQ(gateway.get("/v1/calls/1/recording" + std::string(right)).status, 404U) << right;
    }
    for (const char* wrong : {"?expires_in=59", "?expires_in=86401"}) {
        EXPECT_EQ(gateway.get("/v1/calls/1/recording" + std::string(wrong)).status, 400U) << wrong;
    }
}

}  // namespace
}  // namespace gw::http
