// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/outbox.hpp"

#include "tests/unit/simulator/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

using ::testing::ElementsAre;

constexpr const char* rfc8032_seed =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

// An outbox whose sender only writes down; `answer` settles the oldest attempt not settled yet.
struct Post {
    explicit Post(std::uint64_t seed = 1, Outbox::Urls urls = {"http://gateway.test/w", ""})
        : faults(seed),
          outbox(schedule, faults, signer, history, std::move(urls),
                 [this](Attempt attempt) { sent.push_back(attempt); }) {}

    void set(const json& settings) { faults.set(merged({}, settings)); }
    void event(const std::string& id, const std::string& type = "call.answered") {
        Event event;
        event.id = id;
        event.type = type;
        event.occurred_at = schedule.now();
        event.payload = json::object();
        outbox.post(std::move(event));
    }
    void answer(unsigned status) { outbox.settle(sent.at(answered++).key, status, ""); }
    void pass(std::int64_t millis) { schedule.advance_to(schedule.now() + milliseconds{millis}); }
    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> list;
        for (const Attempt& attempt : sent) {
            list.push_back(attempt.event_id);
        }
        return list;
    }

    Schedule schedule{utc_from_micros(rig_start_micros)};
    Faults faults;
    Signer signer{rfc8032_seed};
    History history;
    std::vector<Attempt> sent;
    std::size_t answered = 0;
    Outbox outbox;
};

std::string header(const Attempt& attempt, const std::string& name) {
    for (const auto& [key, value] : attempt.headers) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

TEST(Outbox, SendsTheEnvelopeWithKeysInAlphabeticalOrder) {
    Post post;
    post.event("e1");
    EXPECT_EQ(
        post.sent.at(0).body,
        R"({"data":{"event_type":"call.answered","id":"e1","occurred_at":"2025-11-23T03:30:00.000000Z",)"
        R"("payload":{},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"http://gateway.test/w"}})");
    EXPECT_EQ(header(post.sent[0], "Telnyx-Timestamp"), "1763868600");
}

TEST(Outbox, SignsAsTelnyxsVerifiersExpect) {
    // Made with the RFC 8032 test key over "1763868630|" and an empty body.
    const Signer signer{rfc8032_seed};
    EXPECT_EQ(signer.public_key_base64(), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    EXPECT_EQ(
        signer.sign("1763868630", ""),
        "S97ZOr4cC5/2Jf6nDUaEe+18p+tmPy8FdWpvEqCnQEUE5H69XX7KEVl8cX/bCPFa7YJz1psex9ewxQ+SEb7mCQ==");
}

TEST(Outbox, DeliversAgainWithARisingAttemptAndAFreshSignature) {
    Post post;
    post.set({{"redelivery", {{"attempts", 4}, {"backoff_ms", {1000, 3000}}}}});
    post.event("e1");
    post.answer(503);
    post.pass(999);
    ASSERT_EQ(post.sent.size(), 1U);
    post.pass(1);
    post.answer(0);
    post.pass(3000);
    post.answer(404);
    post.pass(3000);
    post.answer(500);
    post.pass(100'000);
    ASSERT_EQ(post.sent.size(), 4U);
    for (int i = 0; i < 4; ++i) {
        const Attempt& attempt = post.sent[static_cast<std::size_t>(i)];
        const json body = json::parse(attempt.body);
        EXPECT_EQ(body["data"]["id"], "e1");
        EXPECT_EQ(body["meta"]["attempt"], i + 1);
        EXPECT_EQ(header(attempt, "Telnyx-Signature-Ed25519"),
                  post.signer.sign(header(attempt, "Telnyx-Timestamp"), attempt.body));
    }
    EXPECT_EQ(header(post.sent[3], "Telnyx-Timestamp"), "1763868607");
    EXPECT_EQ(post.outbox.totals().given_up, 1U);
    EXPECT_EQ(post.outbox.pending(), 0U);
}

TEST(Outbox, StopsAtTheFirst2xx) {
    Post post;
    post.event("e1");
    post.answer(204);
    post.pass(100'000);
    EXPECT_EQ(post.sent.size(), 1U);
    EXPECT_EQ(post.outbox.pending(), 0U);
}

TEST(Outbox, TurnsToTheFailoverUrlWhenThePrimaryIsUsedUp) {
    Post post{1, {"http://a.test/", "http://b.test/"}};
    post.set({{"redelivery", {{"attempts", 2}, {"backoff_ms", {10}}}}});
    post.event("e1");
    post.answer(500);
    post.pass(10);
    post.answer(500);
    post.pass(1);
    ASSERT_EQ(post.sent.size(), 3U);
    EXPECT_EQ(post.sent[2].url, "http://b.test/");
    EXPECT_EQ(json::parse(post.sent[2].body)["meta"]["delivered_to"], "http://b.test/");
}

TEST(Outbox, FollowsTheRetryPolicyOfACommand) {
    Post post;
    Event event;
    event.id = "e1";
    event.type = "call.hangup";
    event.retries_ms = std::vector<std::int64_t>{70};
    post.outbox.post(event);
    post.answer(500);
    post.pass(70);
    post.answer(500);
    post.pass(100'000);
    EXPECT_EQ(post.sent.size(), 2U);
}

TEST(Outbox, DuplicatesLosesAndDelaysAsSet) {
    Post post;
    post.set({{"webhooks", {{"duplicate", 1}, {"duplicate_count", 2}}}});
    post.event("e1");
    EXPECT_THAT(post.ids(), ElementsAre("e1", "e1", "e1"));
    post.set({{"webhooks", {{"loss", 1}}}});
    post.event("e2");
    EXPECT_EQ(post.sent.size(), 3U);
    EXPECT_EQ(post.outbox.totals().lost, 1U);
    post.set({{"webhooks", {{"delay_min_ms", 40}, {"delay_max_ms", 60}}}});
    post.event("e3");
    post.pass(39);
    EXPECT_EQ(post.sent.size(), 3U);
    post.pass(21);
    EXPECT_EQ(post.sent.size(), 4U);
}

TEST(Outbox, LetsLaterEventsOvertakeWithinTheWindow) {
    Post post;
    post.set({{"webhooks", {{"reorder_window", 2}}},
              {"targets", {{{"event", "*"}, {"nth", 1}, {"fault", "reorder"}}}}});
    post.event("e1");
    post.event("e2");
    post.event("e3");
    post.event("e4");
    EXPECT_THAT(post.ids(), ElementsAre("e2", "e3", "e1", "e4"));
}

TEST(Outbox, DoesNotHoldAReorderedEventForEver) {
    Post post;
    post.set({{"webhooks", {{"reorder", 1}, {"reorder_hold_ms", 300}}}});
    post.event("e1");
    EXPECT_TRUE(post.sent.empty());
    EXPECT_EQ(post.outbox.pending(), 1U);
    post.pass(300);
    EXPECT_THAT(post.ids(), ElementsAre("e1"));
}

TEST(Outbox, AimsAtTheNthEventOfAType) {
    Post post;
    post.set({{"targets", {{{"event", "call.hangup"}, {"nth", 2}, {"fault", "lose"}}}}});
    post.event("a", "call.hangup");
    post.event("b", "call.answered");
    post.event("c", "call.hangup");
    post.event("d", "call.hangup");
    EXPECT_THAT(post.ids(), ElementsAre("a", "b", "d"));
}

TEST(Outbox, DecidesBySeedAndEventAlone) {
    const auto decisions = [](std::uint64_t seed, bool backwards) {
        Post post{seed};
        post.set({{"webhooks", {{"duplicate", 0.3}, {"loss", 0.3}}}});
        std::map<std::string, std::size_t> copies;
        for (int i = 0; i < 200; ++i) {
            post.event("event " + std::to_string(backwards ? 199 - i : i));
        }
        for (const Attempt& attempt : post.sent) {
            ++copies[attempt.event_id];
        }
        return copies;
    };
    EXPECT_EQ(decisions(1, false), decisions(1, true));
    EXPECT_NE(decisions(1, false), decisions(2, false));
    EXPECT_NEAR(static_cast<double>(decisions(3, false).size()), 140, 30);
}

TEST(Outbox, SendsHandMadeEventsWithTheSignatureAskedFor) {
    Post post;
    HandMade event{.body = "not even JSON", .event_id = "h"};
    event.signature = HandMade::Signature::wrong;
    event.timestamp_offset = std::chrono::seconds{-301};
    post.outbox.post(event);
    event.signature = HandMade::Signature::missing;
    post.outbox.post(event);
    ASSERT_EQ(post.sent.size(), 2U);
    EXPECT_EQ(header(post.sent[0], "Telnyx-Timestamp"), "1763868299");
    EXPECT_NE(header(post.sent[0], "Telnyx-Signature-Ed25519"),
              post.signer.sign("1763868299", event.body));
    EXPECT_EQ(header(post.sent[1], "Telnyx-Signature-Ed25519"), "");
    post.answer(500);
    post.pass(100'000);
    EXPECT_EQ(post.sent.size(), 2U) << "one attempt, unless asked otherwise";
}

TEST(Outbox, WritesEveryEventAndAttemptIntoTheHistory) {
    Post post;
    post.event("e1");
    post.answer(503);
    post.pass(500);
    post.answer(200);
    const json entries = post.history.read(0, "", 100);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0]["event"]["id"], "e1");
    EXPECT_EQ(entries[1]["status"], 503);
    EXPECT_EQ(entries[2]["attempt"], 2);
    EXPECT_EQ(post.history.read(2, "webhook", 100).size(), 1U);
}

}  // namespace
}  // namespace gw::simulator
