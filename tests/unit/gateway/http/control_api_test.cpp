// SPDX-License-Identifier: Apache-2.0
// Transfer, gather and placing a call, as the client sees them: every wrong value of every field,
// what is passed on, and each refusal in the specification's words.
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace gw::http {
namespace {

using nlohmann::json;
using testing::Gateway;
namespace keys = testing::keys;

constexpr const char* transfer_path = "/v1/calls/call_00000005/transfer";
constexpr const char* gather_path = "/v1/calls/call_00000005/gather";
constexpr const char* right_transfer = R"({"destination":"+31850099999"})";
constexpr const char* right_gather = R"({"prompt":"Your number?"})";

json body_of(const net::HttpResponse& response) {
    return json::parse(response.body);
}

net::HttpResponse post(Gateway& gateway, const std::string& path, const std::string& body,
                       const std::string& key = keys::full) {
    return gateway.send("POST", path, {{"X-Api-Key", key}, {"Content-Type", "application/json"}},
                        body);
}

void add_live(Gateway& gateway) {
    gateway.add(testing::live_call(5));
}

template <class Order>
const Order& only_order(const Gateway& gateway) {
    EXPECT_EQ(gateway.store.commands.size(), 1U);
    return std::get<Order>(gateway.store.commands.at(0).order);
}

void expect_problem(const net::HttpResponse& response, unsigned status, const char* code,
                    const std::string& message) {
    EXPECT_EQ(response.status, status) << response.body;
    const json problem = body_of(response);
    EXPECT_EQ(problem["code"], code);
    EXPECT_EQ(problem["error"], message);
    EXPECT_EQ(problem["message"], message);
}

// One wrong field, named alone; nothing is asked of the carrier.
void expect_fault(Gateway& gateway, const char* path, const json& body, const char* field) {
    const auto response = post(gateway, path, body.dump());
    ASSERT_EQ(response.status, 400U) << body;
    const json problem = body_of(response);
    EXPECT_EQ(problem["code"], "VALIDATION_ERROR") << body;
    ASSERT_EQ(problem["details"].size(), 1U) << body << response.body;
    EXPECT_TRUE(problem["details"].contains(field)) << body << response.body;
    EXPECT_TRUE(gateway.store.commands.empty()) << body;
}

json with(json body, const char* field, json value) {
    body[field] = std::move(value);
    return body;
}

TEST(TransferApi, IsAcceptedWithItsDestination) {
    Gateway gateway;
    add_live(gateway);
    const auto response = post(gateway, transfer_path, right_transfer);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, R"({"success":true,"destination":"+31850099999"})");
    EXPECT_EQ(only_order<TransferOrder>(gateway).to, "+31850099999");
    EXPECT_EQ(only_order<TransferOrder>(gateway).ring, std::chrono::seconds{30});
}

TEST(TransferApi, AMissingOrMalformedDestinationIsRefusedInTheSpecificationsWords) {
    Gateway gateway;
    add_live(gateway);
    for (const char* body :
         {"{}", R"({"destination":null})", R"({"destination":""})",
          R"({"destination":31850099999})", R"({"destination":"31850099999"})",
          R"({"destination":"0850099999"})", R"({"destination":"+0850099999"})",
          R"({"destination":"+31 85 0099999"})", R"({"destination":"+3185009999x"})",
          R"({"destination":"+1234567890123456"})", R"({"destination":"+1"})",
          R"({"destination":"sip:a@example.com"})",
          R"({"destination":"+31850099999\r\nX-Evil: 1"})", R"({"destination":["+31850099999"]})",
          R"({"Destination":"+31850099999"})"}) {
        const auto response = post(gateway, transfer_path, body);
        expect_problem(response, 400, "VALIDATION_ERROR",
                       "destination must be a valid E.164 phone number");
        EXPECT_EQ(body_of(response)["details"],
                  json({{"destination", "must be a valid E.164 phone number"}}));
    }
    EXPECT_TRUE(gateway.store.commands.empty());
}

TEST(TransferApi, ACallThatIsOverOrStillRingsIsNotInProgress) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.add(testing::ringing_call(2));
    for (const char* path : {"/v1/calls/1/transfer", "/v1/calls/2/transfer"}) {
        expect_problem(post(gateway, path, right_transfer), 409, "CALL_NOT_IN_PROGRESS",
                       "Call is not in progress");
    }
    EXPECT_TRUE(gateway.store.commands.empty());
}

TEST(TransferApi, WithoutALegThereIsNoControlChannel) {
    Gateway gateway;
    Call call = testing::live_call(5);
    call.call_control_id = {};
    gateway.add(call);
    expect_problem(post(gateway, transfer_path, right_transfer), 409, "NO_CONTROL_CHANNEL",
                   "Call does not have an active control channel");
    expect_problem(post(gateway, gather_path, right_gather), 409, "NO_CONTROL_CHANNEL",
                   "Call does not have an active control channel");
    EXPECT_TRUE(gateway.store.commands.empty());
}

TEST(TransferApi, OneAtATime) {
    Gateway gateway;
    add_live(gateway);
    EXPECT_EQ(post(gateway, transfer_path, right_transfer).status, 200U);
    expect_problem(post(gateway, transfer_path, right_transfer), 409, "TRANSFER_IN_PROGRESS",
                   "A transfer is already in progress for this call");
    EXPECT_EQ(gateway.store.commands.size(), 1U);
}

TEST(TransferApi, WhatTheCarrierRefusesIsSaidWithItsReason) {
    for (const CommandOutcome outcome : {CommandOutcome::refused, CommandOutcome::call_gone}) {
        Gateway gateway;
        add_live(gateway);
        gateway.carrier_says = outcome;
        gateway.carrier_detail = "Invalid destination: \"+999\" cannot be dialled.";
        expect_problem(post(gateway, transfer_path, right_transfer), 422, "TRANSFER_FAILED",
                       "Transfer failed: Invalid destination: \"+999\" cannot be dialled.");
    }
}

TEST(TransferApi, ACarrierThatDoesNotAnswerIs502) {
    Gateway gateway;
    add_live(gateway);
    gateway.carrier_says = CommandOutcome::unknown;
    gateway.carrier_detail = "timeout: 10.0.0.1";
    const auto response = post(gateway, transfer_path, right_transfer);
    EXPECT_EQ(response.status, 502U);
    EXPECT_EQ(body_of(response)["code"], "UPSTREAM_ERROR");
    EXPECT_EQ(response.body.find("10.0.0.1"), std::string::npos);
}

TEST(GatherApi, IsAcceptedWithTheNumberOfTheCall) {
    for (const char* path : {"/v1/calls/call_00000005/gather", "/v1/calls/5/gather"}) {
        Gateway gateway;
        add_live(gateway);
        const auto response = post(gateway, path, right_gather);
        EXPECT_EQ(response.status, 202U);
        EXPECT_EQ(response.body, R"({"message":"Gather initiated","call_id":5})");
    }
}

TEST(GatherApi, FieldsThatAreNotGivenHaveTheirDefaults) {
    Gateway gateway;
    add_live(gateway);
    post(gateway, gather_path, right_gather);
    const GatherSpec& spec = only_order<GatherOrder>(gateway).spec;
    EXPECT_EQ(spec.prompt, "Your number?");
    EXPECT_EQ(spec.max_digits, 10U);
    EXPECT_EQ(spec.terminator, "#");
    EXPECT_EQ(spec.timeout, std::chrono::seconds{15});
    EXPECT_EQ(spec.voice, "female");
    EXPECT_EQ(spec.language, "en-US");
}

TEST(GatherApi, EveryFieldIsPassedOn) {
    Gateway gateway;
    add_live(gateway);
    const json body = {{"prompt", "Bitte Nummer eingeben: \"é\""},
                       {"max_digits", 8},
                       {"terminator", "*"},
                       {"timeout_seconds", 20},
                       {"voice", "male"},
                       {"language", "de-DE"},
                       {"of_tomorrow", true}};
    EXPECT_EQ(post(gateway, gather_path, body.dump()).status, 202U);
    const GatherSpec& spec = only_order<GatherOrder>(gateway).spec;
    EXPECT_EQ(spec.prompt, "Bitte Nummer eingeben: \"é\"");
    EXPECT_EQ(spec.max_digits, 8U);
    EXPECT_EQ(spec.terminator, "*");
    EXPECT_EQ(spec.timeout, std::chrono::seconds{20});
    EXPECT_EQ(spec.voice, "male");
    EXPECT_EQ(spec.language, "de-DE");
}

TEST(GatherApi, TheEndsOfEveryRangeAreIn) {
    const json right = json::parse(right_gather);
    std::string accents;
    for (int i = 0; i < 3000; ++i) {
        accents += "é";
    }
    for (const json& body :
         {with(right, "max_digits", 1), with(right, "max_digits", 20),
          with(right, "max_digits", 8.0), with(right, "timeout_seconds", 5),
          with(right, "timeout_seconds", 60), with(right, "terminator", ""),
          with(right, "terminator", "0"), with(right, "terminator", "9"),
          with(right, "language", "zh-Hant-TW"), with(right, "prompt", "?"),
          with(right, "prompt", std::string(3000, 'x')), with(right, "prompt", accents)}) {
        Gateway gateway;
        add_live(gateway);
        EXPECT_EQ(post(gateway, gather_path, body.dump()).status, 202U)
            << body.dump().substr(0, 80);
    }
}

TEST(GatherApi, EveryWrongValueIsNamed) {
    Gateway gateway;
    add_live(gateway);
    const json right = json::parse(right_gather);
    expect_fault(gateway, gather_path, json::object(), "prompt");
    const std::pair<const char*, std::vector<json>> wrong[] = {
        {"prompt",
         {"", " \n", nullptr, 5, json::array({"x"}), std::string(3001, 'x'), std::string("\0", 1),
          "account\x07number", "\x7f"}},
        {"max_digits", {0, 21, -1, "8", 8.5, 1e20, nullptr, true, 4'294'967'297, 1e300}},
        {"terminator", {"A", "##", "12", " ", 1, nullptr, "é", std::string("\0", 1)}},
        {"timeout_seconds", {4, 61, 0, -15, "15", 15.5, nullptr, 18'446'744'073'709'551'615U}},
        {"voice", {"", "robot", "Female", "female ", nullptr, 1, "Polly.Joanna"}},
        {"language",
         {"", "e", "english!", "en_US", "-en", "en-", "en--US", "1e-US", nullptr, 7,
          "en-US'; DROP TABLE calls", "abcdefghi"}},
    };
    for (const auto& [field, values] : wrong) {
        for (const json& value : values) {
            expect_fault(gateway, gather_path, with(right, field, value), field);
        }
    }
}

TEST(GatherApi, AllWrongFieldsAreNamedTogether) {
    Gateway gateway;
    add_live(gateway);
    const auto response = post(gateway, gather_path,
                               R"({"prompt":"","max_digits":0,"terminator":"x",)"
                               R"("timeout_seconds":1,"voice":"x","language":"?"})");
    std::set<std::string> names;
    const json details = body_of(response)["details"];
    for (const auto& [name, reason] : details.items()) {
        names.insert(name);
    }
    EXPECT_EQ(names, (std::set<std::string>{"prompt", "max_digits", "terminator", "timeout_seconds",
                                            "voice", "language"}));
}

TEST(GatherApi, ASecondOneIsRefusedInTheSpecificationsWords) {
    Gateway gateway;
    add_live(gateway);
    EXPECT_EQ(post(gateway, gather_path, right_gather).status, 202U);
    expect_problem(post(gateway, gather_path, right_gather), 409, "GATHER_IN_PROGRESS",
                   "A gather operation is already in progress for this call");
    EXPECT_EQ(gateway.store.commands.size(), 1U);
}

TEST(GatherApi, ACallThatIsOverOrStillRingsIsNotActive) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.add(testing::ringing_call(2));
    for (const char* path : {"/v1/calls/1/gather", "/v1/calls/2/gather"}) {
        expect_problem(post(gateway, path, right_gather), 409, "CALL_NOT_ACTIVE",
                       "Call is not active");
    }
}

TEST(GatherApi, WhatTheCarrierRefusesIs422AndWhatItDoesNotAnswer502) {
    Gateway gateway;
    add_live(gateway);
    gateway.carrier_says = CommandOutcome::refused;
    gateway.carrier_detail = "Unsupported language";
    expect_problem(post(gateway, gather_path, right_gather), 422, "GATHER_FAILED",
                   "Gather failed: Unsupported language");
    gateway.carrier_says = CommandOutcome::unknown;
    EXPECT_EQ(post(gateway, gather_path, right_gather).status, 502U);
}

TEST(ControlRoutes, OtherBodiesAndTypesAreRefused) {
    Gateway gateway;
    add_live(gateway);
    for (const char* path : {transfer_path, gather_path, "/v1/calls"}) {
        for (const char* body : {" ", "[]", "null", "{", "\"x\"", R"({"a":1,"a":2})", "\xFF"}) {
            const auto response = post(gateway, path, body);
            EXPECT_EQ(response.status, 400U) << path << body;
            EXPECT_TRUE(body_of(response)["details"].contains("body")) << path << body;
        }
        for (const char* type : {"text/plain", "application/x-www-form-urlencoded"}) {
            const auto response = gateway.send(
                "POST", path, {{"X-Api-Key", keys::full}, {"Content-Type", type}}, right_transfer);
            expect_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE",
                           "Content-Type must be application/json");
        }
        const auto packed = gateway.send("POST", path,
                                         {{"X-Api-Key", keys::full},
                                          {"Content-Type", "application/json"},
                                          {"Content-Encoding", "gzip"}},
                                         right_transfer);
        expect_problem(packed, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding is not supported");
    }
    EXPECT_TRUE(gateway.store.commands.empty());
}

TEST(ControlRoutes, ABodyThatIsAbsentHasNoneOfItsFields) {
    Gateway gateway;
    add_live(gateway);
    const net::Headers key_alone{{"X-Api-Key", keys::full}};
    for (const auto& [path, field] :
         {std::pair(transfer_path, "destination"), std::pair(gather_path, "prompt")}) {
        for (const auto& response :
             {gateway.send("POST", path, key_alone), post(gateway, path, "")}) {
            EXPECT_EQ(response.status, 400U) << path;
            EXPECT_TRUE(body_of(response)["details"].contains(field)) << path;
        }
    }
    expect_problem(gateway.send("POST", transfer_path, key_alone), 400, "VALIDATION_ERROR",
                   "destination must be a valid E.164 phone number");
}

TEST(ControlRoutes, CallsThatAreMissingOrForeignAreMissing) {
    Gateway gateway;
    add_live(gateway);
    for (const char* path : {"/v1/calls/6/", "/v1/calls/call_5/", "/v1/calls/x/"}) {
        for (const auto& [name, body] :
             {std::pair("transfer", right_transfer), std::pair("gather", right_gather)}) {
            expect_problem(post(gateway, std::string(path) + name, body), 404, "NOT_FOUND",
                           "Call not found");
        }
    }
    expect_problem(post(gateway, transfer_path, right_transfer, keys::foreign), 404, "NOT_FOUND",
                   "Call not found");
}

TEST(PlaceApi, EveryWrongValueIsNamed) {
    Gateway gateway;
    add_live(gateway);
    const json right = {{"agent_id", "agent_28c51f81"}, {"to", "+31612345678"}};
    const std::pair<const char*, std::vector<json>> wrong[] = {
        {"agent_id", {"", "bob", -7, 7.0, nullptr, true, 9, "agent_00000009", "agent_ffffffff"}},
        {"to", {"", "31612345678", "+0612345678", "+31 6", 31612345678, nullptr}},
        {"from", {"", "0850012345", 5, nullptr, "+31850099999"}},
        {"metadata", {"x", 5, json::array(), nullptr, json({{"a", std::string(17'000, 'x')}})}},
        {"answering_machine_detection", {"", "yes", 1, nullptr, "Detect"}},
    };
    for (const auto& [field, values] : wrong) {
        for (const json& value : values) {
            expect_fault(gateway, "/v1/calls", with(right, field, value), field);
        }
    }
    EXPECT_EQ(body_of(post(gateway, "/v1/calls", "{}"))["details"].size(), 2U);
    for (const char* body :
         {R"({"agent_id":9,"to":"x"})", R"({"agent_id":7,"to":"x","from":"+31850099999"})"}) {
        EXPECT_EQ(body_of(post(gateway, "/v1/calls", body))["details"].size(), 2U)
            << "an agent or number of others is named beside the rest: " << body;
    }
    EXPECT_EQ(body_of(post(gateway, "/v1/calls", R"({"agent_id":9,"to":"x","from":5})"))["details"]
                  .size(),
              3U);
}

TEST(PlaceApi, AtTheOrganisationsLimitOfLiveCallsItIs429AndNothingIsDialled) {
    for (const std::int64_t live : {9, 10}) {
        Gateway gateway;
        auto content = testing::test_directory();
        content.orgs.front().tier = ports::Tier::payg;  // ten at once
        gateway.directory.replace(std::move(content));
        for (std::int64_t id = 1; id <= live; ++id) {
            gateway.add(testing::live_call(id));
        }
        const auto response = post(gateway, "/v1/calls", R"({"agent_id":7,"to":"+31612345678"})");
        if (live < 10) {
            EXPECT_EQ(response.status, 201U);
            continue;
        }
        expect_problem(response, 429, "RATE_LIMIT_EXCEEDED",
                       "The organization's limit of concurrent calls is reached");
        EXPECT_EQ(response.headers.find("Retry-After"), "5");
        EXPECT_EQ(body_of(response)["retryAfter"], 5);
        EXPECT_TRUE(gateway.store.commands.empty());
        EXPECT_EQ(gateway.store.calls.size(), 10U) << "and nothing is on record";
    }
}

TEST(PlaceApi, AnswersWithTheRingingCall) {
    Gateway gateway;
    const auto response = post(gateway, "/v1/calls",
                               R"({"agent_id":7,"to":"+31612345678","metadata":{"order":[1]}})");
    EXPECT_EQ(response.status, 201U);
    const json call = body_of(response);
    EXPECT_EQ(call["status"], "ringing");
    EXPECT_EQ(call["direction"], "outbound");
    EXPECT_EQ(call["from_number"], "+31850012345");
    EXPECT_EQ(call["to_number"], "+31612345678");
    EXPECT_EQ(call["metadata"], json({{"order", {1}}}));
    EXPECT_TRUE(call["started_at"].is_null());
    EXPECT_FALSE(call.contains("transcript")) << "only GET /v1/calls/:callId has it";
    EXPECT_FALSE(call.contains("latency_data"));
    const auto& order = only_order<DialOrder>(gateway);
    EXPECT_EQ(order.to, "+31612345678");
    EXPECT_EQ(order.machine_detection, "");
}

TEST(PlaceApi, MachineDetectionIsTelnyxsWordOrASwitch) {
    const std::pair<json, const char*> words[] = {{false, ""},
                                                  {"disabled", ""},
                                                  {true, "detect"},
                                                  {"detect_beep", "detect_beep"},
                                                  {"premium", "premium"}};
    for (const auto& [given, word] : words) {
        Gateway gateway;
        const json body = {
            {"agent_id", 7}, {"to", "+31612345678"}, {"answering_machine_detection", given}};
        EXPECT_EQ(post(gateway, "/v1/calls", body.dump()).status, 201U) << given;
        EXPECT_EQ(only_order<DialOrder>(gateway).machine_detection, word) << given;
    }
}

}  // namespace
}  // namespace gw::http
