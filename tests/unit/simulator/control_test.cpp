// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control_api.hpp"
#include "tests/simulator/options.hpp"
#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

struct Control : Rig {
    explicit Control(const FaultSettings& at_start = {})
        : faults(1),
          signer(test_seed_hex),
          outbox(schedule, faults, signer, history, {"http://gateway.test/w", ""},
                 [this](Attempt attempt) { sent.push_back(std::move(attempt)); }),
          load(schedule, world),
          control({schedule, world, faults, outbox, history, load, 1, at_start}) {}

    std::pair<unsigned, json> request(const std::string& method, const std::string& target,
                                      const std::string& body = "") {
        net::HttpRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        const net::HttpResponse response = control.handle(request);
        return {response.status, json::parse(response.body)};
    }

    Faults faults;
    Signer signer;
    History history;
    std::vector<Attempt> sent;
    Outbox outbox;
    Load load;
    ControlApi control;
};

TEST(ControlApi, PlacesACallAndActsOnIt) {
    Control sim;
    const auto [status, call] =
        sim.request("POST", "/calls", R"({"from":"+31612345678","steps":[]})");
    EXPECT_EQ(status, 201U);
    const auto id = call["call_control_id"].get<std::string>();
    EXPECT_EQ(sim.request("POST", "/calls/" + id + "/actions", R"({"press":"1"})").first, 409U)
        << "it still rings";
    sim.send("answer", id);
    EXPECT_EQ(sim.request("POST", "/calls/" + id + "/actions", R"({"press":"1"})").first, 202U);
    EXPECT_EQ(sim.told().back(), "call.dtmf.received");
    EXPECT_EQ(sim.request("GET", "/legs/" + id).second["state"], "answered");
    EXPECT_EQ(sim.request("GET", "/legs?state=live").second["legs"].size(), 1U);
    EXPECT_EQ(sim.request("POST", "/calls/" + id + "/actions", R"({"hangup":true})").first, 202U);
    EXPECT_EQ(sim.told().back(), "call.hangup");
    EXPECT_EQ(sim.request("GET", "/legs?state=live").second["legs"].size(), 0U);
    EXPECT_EQ(sim.request("POST", "/calls/v3:nobody/actions", R"({"hangup":true})").first, 404U);
}

TEST(ControlApi, IsIdleOnlyWhenTheRecordingIsTold) {
    Control sim;
    const auto id = sim.ring();
    sim.send("answer", id, {{"record", "record-from-answer"}});
    sim.pass(1000);
    sim.send("hangup", id);
    EXPECT_EQ(sim.request("GET", "/status").second["idle"], false);
    sim.pass(1499);
    EXPECT_EQ(sim.request("GET", "/status").second["idle"], false);
    sim.pass(1);
    EXPECT_EQ(sim.told().back(), "call.recording.saved");
    EXPECT_EQ(sim.request("GET", "/status").second["idle"], true);
}

TEST(ControlApi, NamesWhatIsWrongWithABody) {
    Control sim;
    const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
        {"POST", "/calls", R"({"form":"+31"})", "form"},
        {"POST", "/calls", R"({"steps":[{"press":"x"}]})", "press"},
        {"POST", "/calls", R"({"steps":[{"jump":1}]})", "jump"},
        {"POST", "/calls", R"({"steps":[{"press":"1","hangup":true}]})", "exactly one"},
        {"POST", "/calls", R"({"steps":[{"wait_ms":1,"gap_ms":1}]})", "exactly one"},
        {"POST", "/calls", R"({"steps":[{}]})", "exactly one"},
        {"POST", "/calls", R"({"steps":[{"gap_ms":1}]})", "exactly one"},
        {"POST", "/calls", R"({"steps":[{"hangup":false}]})", "hangup"},
        {"POST", "/calls", R"({"to":7})", "to"},
        {"POST", "/calls", "{", "JSON"},
        {"PUT", "/faults", R"({"webhooks":{"loss":2}})", "loss"},
        {"PUT", "/faults", R"({"targets":[{"command":"answer","fault":"explode"}]})", "explode"},
        {"PUT", "/faults", R"({"targets":[{"fault":"stall"}]})", "targets"},
        {"PUT", "/scenario", R"({"callees":{"*":{"outcome":"shrug"}}})", "outcome"},
        {"PUT", "/scenario", R"({"callees":{"*":{"machine":"robot"}}})", "machine"},
        {"PUT", "/scenario", R"({"callees":{"*":{"greeting":"hello"}}})", "greeting"},
        {"PUT", "/faults", R"({"targets":[{"command":"anser","fault":"stall"}]})", "anser"},
        {"PUT", "/faults", R"({"targets":[{"event":"call.done","fault":"lose"}]})", "call.done"},
        {"PUT", "/faults", R"({"targets":[{"read":"calls","fault":"stall"}]})", "calls"},
        {"PUT", "/faults", R"({"targets":[{"read":"call","fault":"reply_lost"}]})", "a read knows"},
        {"PUT", "/faults", R"({"targets":[{"command":"dial","fault":"ended"}]})", "dialled"},
        {"PUT", "/faults", R"({"targets":[{"command":"*","event":"*","fault":"stall"}]})",
         "either"},
        {"PUT", "/faults", R"({"webhooks":{"delay_min_ms":9,"delay_max_ms":8}})", "delay_max_ms"},
        {"PUT", "/faults", R"({"reads":{"reply_lost":1}})", "reply_lost"},
        {"PUT", "/scenario", R"({"callees":[]})", "callees"},
        {"POST", "/calls", R"({"tags":"x"})", "tags"},
        {"POST", "/events", R"({"event_type":"x","payload":1})", "payload"},
        {"POST", "/events", R"({"event_type":"x","copies":0})", "copies"},
        {"POST", "/events", R"({"event_type":"x","copies":1001})", "copies"},
        {"POST", "/events", R"({"event_type":"x","copies":4294967297})", "copies"},
        {"POST", "/events", R"({"event_type":"x","url":"ftp://x"})", "url"},
        {"POST", "/events", R"({"event_type":"x","timestamp_offset_s":9e18})",
         "timestamp_offset_s"},
        {"POST", "/events", R"({"event_type":"x","timestamp_offset_s":31536001})", "31536000"},
        {"POST", "/events", R"({"event_type":7})", "event_type"},
        {"POST", "/events", R"({"event_type":"x","redeliver":"yes"})", "redeliver"},
        {"PUT", "/webhook_url", R"({"url":7})", "url"},
        {"PUT", "/webhook_url", R"({})", "url"},
        {"PUT", "/webhook_url", R"({"url":"","failover_url":"x"})", "failover_url"},
        {"PUT", "/receiver", R"({"status":"x"})", "status"},
        {"POST", "/load", R"({"calls":1,"script":[]})", "script"},
        {"GET", "/history?type=webhooks", "", "type"},
        {"GET", "/history?typ=webhook", "", "typ"},
        {"GET", "/legs?state=busy", "", "state"},
        {"GET", "/legs?status=live", "", "status"},
        {"POST", "/events", R"({"signature":"forged","event_type":"x"})", "signature"},
        {"POST", "/load", R"({"calls":0})", "calls"},
        {"POST", "/load", R"({"calls":-1})", "calls"},
        {"POST", "/load", R"({"calls":18446744073709551615})", "calls"},
        {"POST", "/load", R"({"calls":1.5})", "calls"},
        {"POST", "/load", R"({"calls":1,"rate":0})", "rate"},
        {"POST", "/load", R"({"calls":1,"rate":1e300})", "rate"},
        {"GET", "/history?after=x", "", "after"},
    };
    for (const auto& [method, target, body, named] : cases) {
        const auto [status, answer] = sim.request(method, target, body);
        EXPECT_EQ(status, 400U) << target << body;
        const auto text = answer["error"].get<std::string>();
        EXPECT_NE(text.find(named), std::string::npos) << answer;
        EXPECT_EQ(text.find("json.exception"), std::string::npos) << answer;
    }
    EXPECT_EQ(sim.request("GET", "/nowhere").first, 404U);
    EXPECT_TRUE(sim.events.empty());
}

TEST(ControlApi, RefusesABodyTooDeepToBeCopied) {
    Control sim;
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    for (const char* target : {"/calls", "/events", "/load"}) {
        const auto [status, answer] = sim.request("POST", target, R"({"payload":)" + deep + "}");
        EXPECT_EQ(status, 400U) << target;
        EXPECT_NE(answer["error"].get<std::string>().find("64 levels"), std::string::npos);
    }
}

TEST(ControlApi, ChangesOnlyTheFaultsItNames) {
    Control sim;
    sim.request("PUT", "/faults", R"({"webhooks":{"loss":0.5}})");
    const json now = sim.request("PUT", "/faults", R"({"commands":{"stall":0.25}})").second;
    EXPECT_EQ(now["webhooks"]["loss"], 0.5);
    EXPECT_EQ(now["commands"]["stall"], 0.25);
    EXPECT_EQ(sim.request("GET", "/faults").second, now);
    EXPECT_EQ(to_json(merged({}, now)), now) << "what GET tells, PUT takes";
}

TEST(ControlApi, SendsHandMadeEvents) {
    Control sim;
    const auto [status, answer] =
        sim.request("POST", "/events",
                    R"({"event_type":"call.answered","payload":{"a":1},"id":"x","copies":2})");
    EXPECT_EQ(status, 202U);
    EXPECT_EQ(answer["event_id"], "x");
    ASSERT_EQ(sim.sent.size(), 2U);
    EXPECT_EQ(json::parse(sim.sent[0].body)["data"]["payload"]["a"], 1);
    sim.request("POST", "/events", R"({"body":"{\"broken\""})");
    EXPECT_EQ(sim.sent.back().body, "{\"broken\"");
}

TEST(ControlApi, WritesWhatWasDoneToItIntoTheHistory) {
    Control sim;
    const auto id = sim.ring();
    sim.send("answer", id);
    sim.request("PUT", "/faults", R"({"webhooks":{"loss":0.5}})");
    sim.request("PUT", "/scenario", R"({"speak_ms":5})");
    sim.request("POST", "/calls/" + id + "/actions", R"({"press":"1"})");
    sim.request("PUT", "/faults", "{");
    sim.request("GET", "/status");
    const json done = sim.request("GET", "/history?type=control").second["entries"];
    ASSERT_EQ(done.size(), 4U);
    EXPECT_EQ(done[0]["method"], "PUT");
    EXPECT_EQ(done[0]["target"], "/faults");
    EXPECT_EQ(done[0]["body"]["webhooks"]["loss"], 0.5);
    EXPECT_EQ(done[2]["target"], "/calls/" + id + "/actions");
    EXPECT_EQ(done[2]["status"], 202);
    EXPECT_EQ(done[3]["status"], 400);
    sim.request("POST", "/reset");
    const json left = sim.request("GET", "/history").second["entries"];
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0]["target"], "/reset");
}

TEST(ControlApi, GoesBackToTheFaultsOfTheStartOnReset) {
    const FaultSettings at_start = merged({}, {{"webhooks", {{"loss", 0.25}}}});
    Control sim{at_start};
    sim.request("PUT", "/faults", R"({"webhooks":{"loss":1},"commands":{"stall":1}})");
    sim.request("POST", "/reset");
    EXPECT_EQ(sim.request("GET", "/faults").second, to_json(at_start));
}

TEST(ControlApi, LeavesNoCallOfAScriptToComeOnReset) {
    Control sim;
    sim.load.start({{.at = milliseconds{5000}, .caller = {}}});
    EXPECT_EQ(sim.request("GET", "/status").second["idle"], false);
    sim.request("POST", "/reset");
    EXPECT_EQ(sim.request("GET", "/status").second["idle"], true);
    sim.pass(10'000);
    EXPECT_EQ(sim.world.totals().calls_placed, 0U);
}

TEST(ControlApi, GeneratesCallsAtTheirRate) {
    Control sim;
    sim.request("POST", "/load", R"({"calls":10,"rate":4,"script":{"give_up_after_ms":100}})");
    sim.pass(0);
    EXPECT_EQ(sim.world.totals().calls_placed, 1U);
    sim.pass(1000);
    EXPECT_EQ(sim.world.totals().calls_placed, 5U);
    sim.pass(10'000);
    const json load = sim.request("GET", "/load").second;
    EXPECT_EQ(load["calls"]["placed"], 10);
    EXPECT_EQ(load["calls"]["legs_live"], 0);
    std::set<std::string> callers;
    for (const Event& event : sim.events) {
        callers.insert(event.payload["from"].get<std::string>());
    }
    EXPECT_EQ(callers.size(), 10U) << "each caller has a number of its own";
}

TEST(ControlApi, PlansALoadWithoutKeepingItsCalls) {
    Control sim;
    const std::size_t before = sim.schedule.size();
    EXPECT_EQ(sim.request("POST", "/load", R"({"calls":9999999,"rate":10})").first, 202U);
    EXPECT_EQ(sim.schedule.size(), before + 1);
    EXPECT_EQ(sim.request("GET", "/load").second["calls"]["to_place"], 9'999'999);
    EXPECT_EQ(sim.request("POST", "/load", R"({"calls":1})").first, 202U) << "a second one adds";
    EXPECT_EQ(sim.request("POST", "/load", R"({"calls":1})").first, 409U) << "up to the bound";
    sim.pass(1000);
    EXPECT_EQ(sim.world.totals().calls_placed, 12U);
}

TEST(ControlApi, ForgetsEverythingOnReset) {
    Control sim;
    sim.ring();
    sim.request("PUT", "/faults", R"({"webhooks":{"loss":1}})");
    EXPECT_EQ(sim.request("POST", "/reset").first, 200U);
    EXPECT_EQ(sim.request("GET", "/legs").second["legs"].size(), 0U);
    EXPECT_EQ(sim.request("GET", "/faults").second["webhooks"]["loss"], 0.0);
    EXPECT_EQ(sim.schedule.size(), 0U);
}

}  // namespace
}  // namespace gw::simulator
