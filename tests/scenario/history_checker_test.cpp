// SPDX-License-Identifier: Apache-2.0
// The checker is checked: a history without a fault is silent, and each planted fault is named.
#include "tests/scenario/history_checker.hpp"

#include "tests/scenario/signatures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
constexpr const char* call_id = "call_00000001";
constexpr const char* leg_id = "v3:leg";

json carrier_event(const std::string& id, const std::string& type) {
    return {{"id", id}, {"event_type", type}, {"payload", {{"call_control_id", leg_id}}}};
}

json row_of(const json& event, json effects) {
    return {{"data", {{"data", event}}}, {"effects", std::move(effects)}};
}

json told(const std::string& event, const std::string& id, int sequence) {
    return {{"webhook", event}, {"event_id", id}, {"sequence", sequence}};
}

json received(const std::string& event, const std::string& id, int sequence) {
    const std::string body =
        json{{"id", id}, {"event", event}, {"call_id", call_id}, {"sequence", sequence}}.dump();
    return {{"type", "received"},
            {"answered", 200},
            {"body", body},
            {"headers", signed_headers(id, "1795441381", body, secret)}};
}

json delivery(int id, const std::string& event_id) {
    return {{"id", id}, {"event_id", event_id}, {"attempt", 1}, {"success", true}};
}

json command(const std::string& kind, const std::string& id) {
    return {{"type", "command"},
            {"command", kind},
            {"call_control_id", leg_id},
            {"executed", true},
            {"body", {{"command_id", id}}}};
}

void add_event(History& history, const json& event) {
    history.carrier.push_back({{"type", "event"}, {"event", event}});
    history.carrier.push_back({{"type", "webhook"},
                               {"event_id", event["id"]},
                               {"call_control_id", leg_id},
                               {"status", 200}});
}

// One answered call of 2.6 s, from ringing to its end, as it should be.
History healthy() {
    History history;
    history.secret = secret;
    history.numbers = {"+31850012345"};
    const json initiated = carrier_event("e1", "call.initiated");
    const json answered = carrier_event("e2", "call.answered");
    const json hangup = carrier_event("e3", "call.hangup");
    for (const json& event : {initiated, answered, hangup}) {
        add_event(history, event);
    }
    history.carrier.push_back(command("answer", "c1"));
    history.carrier.push_back(received("call.ringing", "w1", 1));
    history.carrier.push_back(received("call.started", "w2", 2));
    history.carrier.push_back(received("call.ended", "w3", 3));
    history.legs.push_back({{"call_control_id", leg_id},
                            {"direction", "incoming"},
                            {"to", "+31850012345"},
                            {"state", "ended"},
                            {"answer_time", "2026-11-23T13:43:01.900000Z"},
                            {"end_time", "2026-11-23T13:43:04.500000Z"}});
    history.calls.push_back(
        {.call = {{"call_id", call_id},
                  {"agent_id", "agent_28c51f81"},
                  {"status", "completed"},
                  {"started_at", "2026-11-23T13:43:01Z"},
                  {"ended_at", "2026-11-23T13:43:04Z"},
                  {"duration_seconds", 3}},
         .events = {row_of(initiated, json::array({told("call.ringing", "w1", 1)})),
                    row_of(answered, json::array({told("call.started", "w2", 2)})),
                    row_of(hangup, json::array({told("call.ended", "w3", 3)}))},
         .deliveries = {delivery(1, "w1"), delivery(2, "w2"), delivery(3, "w3")}});
    return history;
}

// The n-th entry of a type in the carrier's history, from 0.
json& entry(History& history, const std::string& type, std::size_t n) {
    for (json& candidate : history.carrier) {
        if (candidate["type"] == type && n-- == 0) {
            return candidate;
        }
    }
    throw std::out_of_range(type);
}

TEST(HistoryChecker, IsSilentAboutAHealthyHistory) {
    EXPECT_THAT(violations_of(healthy()), IsEmpty());
}

TEST(HistoryChecker, IsSilentAboutWhatIsAllowed) {
    History history = healthy();
    // A repeated webhook in the log, a command repeated and recognised, an event accepted twice.
    history.carrier.push_back(received("call.ended", "w3", 3));
    history.calls[0].deliveries.push_back(
        {{"id", 4}, {"event_id", "w3"}, {"attempt", 2}, {"success", true}});
    json repeated = command("answer", "c1");
    repeated["executed"] = false;
    repeated["duplicate"] = true;
    history.carrier.push_back(repeated);
    history.carrier.push_back(entry(history, "webhook", 1));
    EXPECT_THAT(violations_of(history), IsEmpty());
}

// A target that answers a transfer and hangs up half a second after the caller.
void transfer_to(History& history, const std::string& number) {
    history.legs[0]["call_session_id"] = "s1";
    history.legs.push_back({{"call_control_id", "v3:target"},
                            {"call_session_id", "s1"},
                            {"direction", "outgoing"},
                            {"to", number},
                            {"state", "ended"},
                            {"answer_time", "2026-11-23T13:43:02.000000Z"},
                            {"end_time", "2026-11-23T13:43:05.000000Z"}});
    json& call = history.calls[0].call;
    call["disposition"] = "transferred";
    call["transferred_to"] = "+31201234567";
    call["ended_at"] = "2026-11-23T13:43:05Z";
}

TEST(HistoryChecker, TakesTheLastPartysEndForATransferredCalls) {
    History history = healthy();
    transfer_to(history, "+31201234567");
    EXPECT_THAT(violations_of(history), IsEmpty());
}

struct Planted {
    const char* name;
    std::function<void(History&)> plant;
    const char* cry;
};

void PrintTo(const Planted& row, std::ostream* out) {
    *out << row.name;
}

class PlantedFault : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFault, IsNamed) {
    History history = healthy();
    GetParam().plant(history);
    EXPECT_THAT(violations_of(history), Contains(HasSubstr(GetParam().cry)));
}

void swap_first_deliveries(History& history) {
    std::swap(entry(history, "received", 0), entry(history, "received", 1));
}

void make_live(History& history) {
    json& call = history.calls[0].call;
    call["status"] = "in-progress";
    call["ended_at"] = nullptr;
}

const Planted planted[] = {
    {"LostEvent", [](History& h) { h.calls[0].events.erase(1); }, "is on no timeline"},
    {"EventTwice", [](History& h) { h.calls[0].events.push_back(h.calls[0].events[1]); },
     "is on timelines 2 times"},
    {"CommandExecutedTwice", [](History& h) { h.carrier.push_back(command("answer", "c2")); },
     "command answer was executed 2 times"},
    {"CommandIdExecutedTwice", [](History& h) { h.carrier.push_back(command("hangup", "c1")); },
     "command_id c1 was executed 2 times"},
    {"CommandChanged",
     [](History& h) {
         json changed = command("answer", "c1");
         changed["executed"] = false;
         changed["body"]["client_state"] = "other";
         h.carrier.push_back(changed);
     },
     "was repeated with another body"},
    {"Ghost", make_live, "ghost: call call_00000001 is in-progress"},
    {"GhostWithoutALeg",
     [](History& h) {
         make_live(h);
         h.legs.clear();
     },
     "the carrier knows no such leg"},
    {"ClosedTooEarly", [](History& h) { h.legs[0]["state"] = "answered"; },
     "at the carrier it is answered"},
    {"NoCall", [](History& h) { h.calls.clear(); }, "has no call"},
    {"TwoCalls",
     [](History& h) {
         CallView second = h.calls[0];
         second.call["call_id"] = "call_00000002";
         h.calls.push_back(second);
     },
     "has 2 calls"},
    {"SecondTerminalEvent",
     [](History& h) {
         h.calls[0].events[2]["effects"].push_back(told("call.failed", "w4", 4));
         h.carrier.push_back(received("call.failed", "w4", 4));
         h.calls[0].deliveries.push_back(delivery(4, "w4"));
     },
     "has 2 terminal events"},
    {"NoTerminalEvent",
     [](History& h) {
         h.calls[0].events[2]["effects"].clear();
         std::erase(h.carrier, json(entry(h, "received", 2)));
     },
     "has 0 terminal events"},
    {"SequencesSwapped", swap_first_deliveries, "was delivered before the one before it"},
    {"SequenceGap", [](History& h) { std::erase(h.carrier, json(entry(h, "received", 1))); },
     "sequence 2 is missing"},
    {"SequenceTwice",
     [](History& h) { entry(h, "received", 1) = received("call.started", "w2", 1); },
     "sequence 1 was given to"},
    {"NeverDelivered", [](History& h) { entry(h, "received", 2)["answered"] = 503; },
     "webhook w3 was never delivered"},
    {"NotOnTheTimeline",
     [](History& h) { h.carrier.push_back(received("call.dtmf.received", "w9", 4)); },
     "webhook w9 is not on the timeline"},
    {"ToldTheWrongOne", [](History& h) { h.calls[0].call["agent_id"] = nullptr; }, "has no agent"},
    {"OtherBytes", [](History& h) { h.carrier.push_back(received("call.failed", "w3", 3)); },
     "was sent with other bytes"},
    {"ForgedSignature",
     [](History& h) { entry(h, "received", 0)["headers"]["X-Staffify-Signature"] = "sha256=00"; },
     "X-Staffify-Signature does not hold"},
    {"ForgedStandardSignature",
     [](History& h) { entry(h, "received", 0)["headers"]["webhook-signature"] = "v1,AAAA"; },
     "webhook-signature does not hold"},
    {"MissingAttempt", [](History& h) { h.calls[0].deliveries.erase(1); },
     "webhook w2 was received 1 times, the log has 0 attempts"},
    {"FirstAttemptsSwapped",
     [](History& h) {
         h.calls[0].deliveries[0]["id"] = 2;
         h.calls[0].deliveries[1]["id"] = 1;
     },
     "the first attempt of sequence 1 came after"},
    {"InventedSuccess", [](History& h) { h.calls[0].deliveries.push_back(delivery(5, "w1")); },
     "was taken more often than it was"},
    {"StartedAtWrong", [](History& h) { h.calls[0].call["started_at"] = "2026-11-23T13:43:02Z"; },
     "has started_at"},
    {"EndedAtWrong", [](History& h) { h.calls[0].call["ended_at"] = "2026-11-23T13:43:05Z"; },
     "has ended_at"},
    {"EndedAtOfALegThatIsNotTheTargets", [](History& h) { transfer_to(h, "+31207654321"); },
     "has ended_at"},
    {"DurationWrong", [](History& h) { h.calls[0].call["duration_seconds"] = 2; },
     "has duration_seconds 2"},
};

INSTANTIATE_TEST_SUITE_P(HistoryChecker, PlantedFault, ::testing::ValuesIn(planted),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace gw::scenario
