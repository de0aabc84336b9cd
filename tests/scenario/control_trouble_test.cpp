// SPDX-License-Identifier: Apache-2.0
// Transfers, gathers and ends when the carrier does not answer, when fifty clients ask at once, and
// just after a crash.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace gw::scenario {
namespace {

using nlohmann::json;

constexpr const char* target_number = "+31850099999";

// A command is given 600 ms in all, so that a test need not wait for the usual ten seconds.
WorldOptions hasty() {
    WorldOptions options;
    options.config["telnyx"]["command_timeout_ms"] = 200;
    options.config["telnyx"]["command_budget_ms"] = 600;
    return options;
}

class CallUnderControl {
public:
    explicit CallUnderControl(WorldOptions options = {}) : world(std::move(options)) {}

    void let(const json& callee) {
        world.control("PUT", "/scenario", {{"callees", {{target_number, callee}}}});
    }
    void talk(json script = {{"steps", json::array()}}) {
        leg = world.place_call(script);
        ASSERT_TRUE(eventually([&] {
            const json call = world.only_call();
            return call.is_object() && call["status"] == "in-progress";
        }));
        id = world.only_call()["call_id"].get<std::string>();
    }
    Answer post(const std::string& action, const json& body) {
        return world.send(request(action, body));
    }
    Answer transfer() { return post("transfer", {{"destination", target_number}}); }
    [[nodiscard]] net::ClientRequest request(const std::string& action, const json& body) const {
        return world.json_post("/v1/calls/" + id + "/" + action, body);
    }
    void hang_up_caller() {
        world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    }
    std::vector<json> told(std::string_view name) {
        std::vector<json> all;
        for (const json& event : world.received()) {
            if (event["event"] == name) {
                all.push_back(event);
            }
        }
        return all;
    }
    bool is_told(std::string_view name) {
        return eventually([&] { return !told(name).empty(); });
    }

    World world;
    std::string leg;
    std::string id;
};

class TelnyxIsSilent : public testing::Test {
protected:
    // Every transfer command stays without an answer; with `executes` it is carried out when
    // nobody waits any more.
    void silence(bool executes) {
        c_.world.set_faults(
            {{"commands", {{"stall_ms", 900}, {"stall_executes", executes}}},
             {"targets", {{{"command", "transfer"}, {"count", 100}, {"fault", "stall"}}}}});
    }
    void expect_no_answer() {
        const Answer answer = c_.transfer();
        EXPECT_EQ(answer.status, 502U) << answer.body;
        EXPECT_EQ(answer.json()["code"], "UPSTREAM_ERROR");
        EXPECT_EQ(c_.world.only_call()["status"], "in-progress");
    }

    CallUnderControl c_{hasty()};
};

TEST_F(TelnyxIsSilent, ATransferIs502AndTheCallCanStillBeEnded) {
    c_.talk();
    silence(false);
    expect_no_answer();
    const Answer second = c_.transfer();
    EXPECT_EQ(second.status, 409U) << "whether the target rings is not known yet";
    EXPECT_EQ(second.json()["code"], "TRANSFER_IN_PROGRESS");
    EXPECT_EQ(c_.post("end", json::object()).status, 200U);
    ASSERT_TRUE(c_.world.quiesce());
    EXPECT_EQ(c_.world.commands("transfer"), 0U);
    EXPECT_TRUE(c_.told("transfer.initiated").empty());
    ASSERT_EQ(c_.told("transfer.failed").size(), 1U);
    EXPECT_EQ(c_.told("transfer.failed").front()["data"]["destination"], target_number);
    EXPECT_EQ(c_.world.only_call()["ended_reason"], "api");
    EXPECT_EQ(c_.world.only_call()["transferred_to"], nullptr);
    EXPECT_EQ(c_.world.verdict(), "");
}

TEST_F(TelnyxIsSilent, ATransferThatIsCarriedOutAfterAllIsCompletedByItsEvents) {
    c_.let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    c_.talk();
    silence(true);
    expect_no_answer();
    ASSERT_TRUE(c_.is_told("transfer.completed"));
    EXPECT_EQ(c_.world.commands("transfer"), 1U);
    c_.hang_up_caller();
    ASSERT_TRUE(c_.world.quiesce());
    EXPECT_EQ(c_.told("transfer.initiated").size(), 1U);
    EXPECT_EQ(c_.told("transfer.completed").size(), 1U);
    EXPECT_TRUE(c_.told("transfer.failed").empty());
    EXPECT_EQ(c_.world.only_call()["transferred_to"], target_number);
    EXPECT_EQ(c_.world.verdict(), "");
}

TEST_F(TelnyxIsSilent, ATransferThatFailsAfterAllMayBeTriedAgain) {
    c_.let({{"outcome", "busy"}, {"after_ms", 50}});
    c_.talk();
    silence(true);
    expect_no_answer();
    ASSERT_TRUE(c_.is_told("transfer.failed"));
    EXPECT_EQ(c_.told("transfer.failed").front()["data"]["reason"], "user_busy");
    EXPECT_EQ(c_.world.only_call()["status"], "in-progress");
    c_.world.set_faults({{"targets", json::array()}});
    c_.let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    EXPECT_EQ(c_.transfer().status, 200U);
    ASSERT_TRUE(c_.is_told("transfer.completed"));
    c_.hang_up_caller();
    ASSERT_TRUE(c_.world.quiesce());
    EXPECT_EQ(c_.world.commands("transfer"), 2U);
    EXPECT_EQ(c_.world.verdict(), "");
}

TEST_F(TelnyxIsSilent, TheTargetThatRingsAfterAllIsSwept) {
    c_.let({{"outcome", "ring"}});
    c_.talk();
    silence(true);
    expect_no_answer();
    ASSERT_TRUE(c_.is_told("transfer.initiated"));
    EXPECT_EQ(c_.post("end", json::object()).status, 200U);
    ASSERT_TRUE(c_.world.quiesce()) << "a leg is left";
    ASSERT_EQ(c_.told("transfer.failed").size(), 1U);
    EXPECT_EQ(c_.world.only_call()["ended_reason"], "api");
    EXPECT_EQ(c_.world.verdict(), "");
}

TEST_F(TelnyxIsSilent, ATransferWhoseReplyIsLostIsAcceptedByItsEvents) {
    c_.let({{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}});
    c_.talk();
    c_.world.set_faults({{"commands", {{"stall_ms", 900}}},
                         {"targets", {{{"command", "transfer"}, {"fault", "reply_lost"}}}}});
    const Answer answer = c_.transfer();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    ASSERT_TRUE(c_.is_told("transfer.completed"));
    c_.hang_up_caller();
    ASSERT_TRUE(c_.world.quiesce());
    EXPECT_EQ(c_.world.commands("transfer"), 1U);
    EXPECT_EQ(c_.world.verdict(), "");
}

TEST_F(TelnyxIsSilent, AGatherWhoseReplyIsLostIsAcceptedByItsDigits) {
    c_.talk({{"steps", {{{"await", "gather"}}, {{"press", "42#"}, {"gap_ms", 5}}}}});
    c_.world.set_faults(
        {{"commands", {{"stall_ms", 900}}},
         {"targets", {{{"command", "gather_using_speak"}, {"fault", "reply_lost"}}}}});
    const Answer answer = c_.post("gather", {{"prompt", "Your number, please."}});
    EXPECT_EQ(answer.status, 202U) << answer.body;
    ASSERT_TRUE(c_.is_told("call.gather.completed"));
    c_.hang_up_caller();
    ASSERT_TRUE(c_.world.quiesce());
    ASSERT_EQ(c_.told("call.gather.completed").size(), 1U);
    EXPECT_EQ(c_.told("call.gather.completed").front()["input"], "42");
    EXPECT_EQ(c_.world.commands("gather_using_speak"), 1U);
    EXPECT_EQ(c_.world.verdict(), "");
}

// With the parameter: just after a crash.
class FiftyAtOnce : public testing::TestWithParam<bool> {
protected:
    void talk() {
        c_.let({{"outcome", "ring"}});
        c_.talk();
        if (GetParam()) {
            c_.world.kill();
            c_.world.start();
        }
    }
    // The answers to fifty equal requests of as many clients.
    std::vector<Answer> ask(const std::string& action, const json& body) {
        std::vector<Answer> answers(50);
        std::vector<std::thread> clients;
        clients.reserve(answers.size());
        for (Answer& answer : answers) {
            clients.emplace_back([this, &answer, &action, &body] {
                HttpDoor door;
                answer = door.insist(c_.request(action, body));
            });
        }
        for (std::thread& client : clients) {
            client.join();
        }
        return answers;
    }
    void end_quietly() {
        c_.hang_up_caller();
        ASSERT_TRUE(c_.world.quiesce());
        EXPECT_EQ(c_.world.verdict(), "");
    }

    CallUnderControl c_;
};

TEST_P(FiftyAtOnce, OfTheTransfersOneWins) {
    talk();
    expect_one_winner(ask("transfer", {{"destination", target_number}}), 200U);
    EXPECT_EQ(c_.world.commands("transfer", false), 1U);
    end_quietly();
    EXPECT_EQ(c_.told("transfer.initiated").size(), 1U);
}

TEST_P(FiftyAtOnce, OfTheGathersOneWins) {
    talk();
    expect_one_winner(ask("gather", {{"prompt", "Your number, please."}}), 202U);
    EXPECT_EQ(c_.world.commands("gather_using_speak", false), 1U);
    end_quietly();
    EXPECT_EQ(c_.told("call.gather.completed").size(), 1U);
}

TEST_P(FiftyAtOnce, OfTheEndsEachIs200Or409) {
    talk();
    const auto answers = ask("end", json::object());
    const auto accepted = std::ranges::count(answers, 200U, &Answer::status);
    EXPECT_GE(accepted, 1);
    EXPECT_EQ(accepted + std::ranges::count(answers, 409U, &Answer::status), 50);
    ASSERT_TRUE(c_.world.quiesce());
    EXPECT_EQ(c_.world.commands("hangup", false), 1U);
    EXPECT_EQ(c_.told("call.ended").size(), 1U);
    EXPECT_EQ(c_.world.only_call()["ended_reason"], "api");
    EXPECT_EQ(c_.world.verdict(), "");
}

INSTANTIATE_TEST_SUITE_P(When, FiftyAtOnce, testing::Bool(), [](const auto& row) {
    return std::string(row.param ? "JustAfterACrash" : "AsUsual");
});

}  // namespace
}  // namespace gw::scenario
