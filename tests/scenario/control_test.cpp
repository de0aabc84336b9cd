// SPDX-License-Identifier: Apache-2.0
// Transfers, gathers and calls that we place, through the real gateway and the simulator.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace gw::scenario {
namespace {

using nlohmann::json;

constexpr const char* target_number = "+31850099999";

json stays() {
    return {{"steps", json::array()}};
}

class Control : public testing::Test {
protected:
    void let(const json& callee, const char* number = target_number) {
        world_.control("PUT", "/scenario", {{"callees", {{number, callee}}}});
    }

    std::string talking() {
        leg_ = world_.place_call(stays());
        EXPECT_TRUE(eventually([&] {
            call_ = world_.only_call();
            return call_.is_object() && call_["status"] == "in-progress";
        }));
        return call_["call_id"].get<std::string>();
    }

    Answer post(const std::string& path, const json& body) {
        return world_.send(world_.json_post(path, body));
    }
    Answer transfer(const std::string& id, const char* number = target_number) {
        return post("/v1/calls/" + id + "/transfer", {{"destination", number}});
    }
    Answer gather(const std::string& id, json body = {{"prompt", "Your number, please."}}) {
        return post("/v1/calls/" + id + "/gather", body);
    }

    void hang_up_caller() {
        world_.control("POST", "/calls/" + leg_ + "/actions", {{"hangup", true}});
    }

    json call() { return world_.only_call(); }

    // The names of the events the customer got, in order.
    std::vector<std::string> told() {
        std::vector<std::string> names;
        for (const json& event : world_.received()) {
            names.push_back(event["event"].get<std::string>());
        }
        return names;
    }
    json event(std::string_view name) {
        for (const json& event : world_.received()) {
            if (event["event"] == name) {
                return event;
            }
        }
        return nullptr;
    }
    bool is_told(std::string_view name) {
        return eventually([&] { return !event(name).is_null(); });
    }

    World world_;
    std::string leg_;
    json call_;
};

using Names = std::vector<std::string>;

TEST_F(Control, ATransferThatIsAnsweredIsTheTargetsAndEndsWithBoth) {
    let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    const std::string id = talking();
    const Answer answer = transfer(id);
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.json(), (json{{"success", true}, {"destination", target_number}}));
    ASSERT_TRUE(is_told("transfer.completed"));
    EXPECT_EQ(call()["disposition"], "transferred");
    EXPECT_EQ(transfer(id).json()["code"], "TRANSFER_IN_PROGRESS");
    EXPECT_EQ(gather(id).json()["code"], "CALL_NOT_ACTIVE");
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    const json ended = call();
    EXPECT_EQ(ended["status"], "completed");
    EXPECT_EQ(ended["ended_reason"], "transfer");
    EXPECT_EQ(ended["transferred_to"], target_number);
    EXPECT_EQ(event("transfer.initiated")["data"]["destination"], target_number);
    EXPECT_EQ(told(), (Names{"call.ringing", "call.started", "transfer.initiated",
                             "transfer.completed", "call.ended"}));
    EXPECT_EQ(world_.calls().size(), 1U) << "the target's leg is no call of its own";
    EXPECT_EQ(world_.commands("answer"), 1U) << "and is never answered";
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, ATransferThatFailsGivesTheCallerBackAndMayBeTriedAgain) {
    let({{"outcome", "busy"}, {"after_ms", 50}});
    const std::string id = talking();
    EXPECT_EQ(transfer(id).status, 200U);
    ASSERT_TRUE(is_told("transfer.failed"));
    EXPECT_EQ(event("transfer.failed")["data"]["reason"], "user_busy");
    EXPECT_EQ(call()["status"], "in-progress");
    EXPECT_EQ(call()["transferred_to"], nullptr);
    let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    EXPECT_EQ(transfer(id).status, 200U);
    ASSERT_TRUE(is_told("transfer.completed"));
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(world_.commands("transfer"), 2U);
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, ACallerWhoLeavesWhileTheTargetRingsTakesItAlong) {
    let({{"outcome", "ring"}});
    const std::string id = talking();
    EXPECT_EQ(transfer(id).status, 200U);
    ASSERT_TRUE(is_told("transfer.initiated"));
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(event("transfer.failed")["data"]["reason"], "caller-hangup");
    EXPECT_EQ(call()["ended_reason"], "caller-hangup");
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, TheApisEndSweepsBothLegs) {
    let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    const std::string id = talking();
    EXPECT_EQ(transfer(id).status, 200U);
    ASSERT_TRUE(is_told("transfer.completed"));
    EXPECT_EQ(world_.api("/v1/calls/" + id + "/end", "POST").status, 200U);
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(call()["ended_reason"], "api");
    EXPECT_EQ(call()["disposition"], "transferred");
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, WhatTheCarrierRefusesIsSaidWithItsReason) {
    const std::string id = talking();
    world_.set_faults({{"targets", {{{"command", "transfer"}, {"nth", 1}, {"fault", "ended"}}}}});
    const Answer refused = transfer(id);
    EXPECT_EQ(refused.status, 422U) << refused.body;
    EXPECT_EQ(refused.json()["code"], "TRANSFER_FAILED");
    EXPECT_EQ(refused.json()["message"],
              "Transfer failed: Call has already ended: This call is no longer active and can't "
              "receive commands.");
    ASSERT_TRUE(is_told("transfer.failed"));
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, OfFiftyTransfersAtOnceOneWins) {
    let({{"outcome", "ring"}});
    const std::string id = talking();
    std::vector<Answer> answers(50);
    std::vector<std::thread> clients;
    for (Answer& answer : answers) {
        clients.emplace_back([this, &answer, &id] {
            HttpDoor door;
            answer = door.insist(world_.json_post("/v1/calls/" + id + "/transfer",
                                                  {{"destination", target_number}}));
        });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    expect_one_winner(answers, 200U);
    EXPECT_EQ(world_.commands("transfer", false), 1U);
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
}

TEST_F(Control, AGatherIsAcceptedAtOnceAndItsDigitsAreTold) {
    leg_ = world_.place_call(
        {{"steps", {{{"await", "gather"}}, {{"press", "12345678#"}, {"gap_ms", 5}}}}});
    ASSERT_TRUE(eventually([&] {
        call_ = call();
        return call_.is_object() && call_["status"] == "in-progress";
    }));
    const auto id = call_["call_id"].get<std::string>();
    const Answer answer = gather(
        id, {{"prompt", "Your number, please."}, {"max_digits", 10}, {"timeout_seconds", 20}});
    EXPECT_EQ(answer.status, 202U) << answer.body;
    EXPECT_EQ(answer.json(), (json{{"message", "Gather initiated"}, {"call_id", 1}}));
    ASSERT_TRUE(is_told("call.gather.completed"));
    const json told = event("call.gather.completed");
    EXPECT_EQ(told["status"], "completed");
    EXPECT_EQ(told["input"], "12345678");
    EXPECT_EQ(told["call_id"], id);
    EXPECT_EQ(told["data"]["input"], "12345678");
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, OneGatherAtATimeAndTheHangupEndsItAsTimeout) {
    const std::string id = talking();
    EXPECT_EQ(gather(id).status, 202U);
    const Answer second = gather(id);
    EXPECT_EQ(second.status, 409U);
    EXPECT_EQ(second.json()["code"], "GATHER_IN_PROGRESS");
    EXPECT_EQ(second.json()["message"], "A gather operation is already in progress for this call");
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
    const json told = event("call.gather.completed");
    EXPECT_EQ(told["status"], "timeout");
    EXPECT_EQ(told["input"], nullptr);
    const Answer late = gather(id);
    EXPECT_EQ(late.status, 409U);
    EXPECT_EQ(late.json()["message"], "Call is not active");
    EXPECT_EQ(world_.commands("gather_using_speak", false), 1U);
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, EveryFaultyFieldIsNamed) {
    const std::string id = talking();
    const Answer number = transfer(id, "0850099999");
    EXPECT_EQ(number.status, 400U);
    EXPECT_EQ(number.json()["message"], "destination must be a valid E.164 phone number");
    const Answer fields = gather(id, {{"prompt", ""},
                                      {"max_digits", 21},
                                      {"terminator", "A"},
                                      {"timeout_seconds", 4},
                                      {"voice", "robot"},
                                      {"language", "english!"}});
    EXPECT_EQ(fields.status, 400U);
    EXPECT_EQ(fields.json()["details"].size(), 6U) << fields.body;
    EXPECT_EQ(post("/v1/calls", json::object()).json()["details"].size(), 2U);
    hang_up_caller();
    ASSERT_TRUE(world_.quiesce());
}

TEST_F(Control, ACallThatIsPlacedIsOnRecordRingsAndIsAnswered) {
    let({{"outcome", "answer"},
         {"after_ms", 50},
         {"steps", {{{"wait_ms", 50}}, {{"hangup", true}}}}},
        "+31612345678");
    const Answer placed = post(
        "/v1/calls",
        {{"agent_id", "agent_28c51f81"}, {"to", "+31612345678"}, {"metadata", {{"order", 7}}}});
    ASSERT_EQ(placed.status, 201U) << placed.body;
    EXPECT_EQ(placed.json()["status"], "ringing");
    EXPECT_EQ(placed.json()["direction"], "outbound");
    EXPECT_EQ(placed.json()["from_number"], number_of_agent);
    EXPECT_EQ(placed.json()["metadata"], (json{{"order", 7}}));
    ASSERT_TRUE(world_.quiesce());
    const json ended = call();
    EXPECT_EQ(ended["status"], "completed");
    EXPECT_EQ(ended["disposition"], "answered");
    EXPECT_EQ(ended["ended_reason"], "caller-hangup");
    EXPECT_EQ(told(), (Names{"call.ringing", "call.started", "call.ended"}));
    EXPECT_EQ(world_.commands("answer", false), 0U);
    EXPECT_EQ(world_.commands("dial"), 1U);
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, ACallToABusyPersonEndsBusy) {
    let({{"outcome", "busy"}, {"after_ms", 20}}, "+31612345678");
    ASSERT_EQ(post("/v1/calls", {{"agent_id", 7}, {"to", "+31612345678"}}).status, 201U);
    ASSERT_TRUE(world_.quiesce());
    EXPECT_EQ(call()["status"], "busy");
    EXPECT_EQ(call()["disposition"], "busy");
    EXPECT_EQ(call()["ended_reason"], nullptr);
    EXPECT_EQ(told(), (Names{"call.ringing", "call.failed"}));
    EXPECT_EQ(world_.verdict(), "");
}

TEST_F(Control, AnAgentOfNobodysIsNoAgent) {
    const Answer answer =
        post("/v1/calls", {{"agent_id", "agent_00000000"}, {"to", "+31612345678"}});
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.json()["code"], "VALIDATION_ERROR");
    EXPECT_EQ(world_.commands("dial", false), 0U);
}

}  // namespace
}  // namespace gw::scenario
