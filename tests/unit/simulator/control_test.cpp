// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control_api.hpp"
#include "tests/simulator/options.hpp"
#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

struct Control : Rig {
    Control()
        : faults(1),
          signer(test_seed_hex),
          outbox(schedule, faults, signer, history, {"http://gateway.test/w", ""},
                 [this](Attempt attempt) { sent.push_back(std::move(attempt)); }),
          load(schedule, world),
          control({schedule, world, faults, outbox, history, load, 1}) {}

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
        EXPECT_NE(answer["error"].get<std::string>().find(named), std::string::npos) << answer;
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

Parsed parse(std::vector<const char*> flags) {
    flags.insert(flags.begin(), "telnyx-simulator");
    return parse_options(static_cast<int>(flags.size()), flags.data());
}

TEST(Options, TakesFaultsFromFlags) {
    const Parsed parsed = parse({"--duplicate", "0.2", "--delay-ms", "5,50", "--webhook-backoff-ms",
                                 "10,20", "--faults", R"({"commands":{"stall":0.1}})", "--seed",
                                 "9", "--webhook-attempts", "3"});
    ASSERT_TRUE(parsed.options) << parsed.text;
    EXPECT_EQ(parsed.options->faults.duplicate, 0.2);
    EXPECT_EQ(parsed.options->faults.delay_max, milliseconds{50});
    EXPECT_EQ(parsed.options->faults.backoff_ms, (std::vector<std::int64_t>{10, 20}));
    EXPECT_EQ(parsed.options->faults.stall, 0.1);
    EXPECT_EQ(parsed.options->faults.attempts, 3);
    EXPECT_EQ(parsed.options->seed, 9U);
}

TEST(Options, NamesEveryBadFlag) {
    const std::vector<std::vector<const char*>> cases = {{"--duplicate", "1.5"},
                                                         {"--no-such-flag"},
                                                         {"--seed-hex", "12"},
                                                         {"--webhook-url", "ftp:x"},
                                                         {"--faults", "{"},
                                                         {"--faults", R"({"webhook":{}})"},
                                                         {"--script", "/nowhere"},
                                                         {"--rate", "0"},
                                                         {"--webhook-attempts", "0"},
                                                         {"--delay-ms", "5"},
                                                         {"--webhook-backoff-ms", "-1"}};
    for (const auto& flags : cases) {
        const Parsed parsed = parse(flags);
        EXPECT_FALSE(parsed.options) << flags[0];
        EXPECT_EQ(parsed.exit_code, 2) << flags[0];
        EXPECT_NE(parsed.text.find(std::string{flags[0]} == "--faults" ? "" : flags[0]),
                  std::string::npos)
            << parsed.text;
        EXPECT_GT(parsed.text.size(), 10U);
    }
}

TEST(Options, RefusesNumbersOutOfTheirRangeAndSaysTheRange) {
    const std::pair<const char*, std::vector<const char*>> cases[] = {
        {"--calls", {"-1", "10000001", "18446744073709551616", "1.5", "", "ten"}},
        {"--seed", {"-1", "18446744073709551616", "0x", "1e3"}},
        {"--dials-max", {"-1", "1000001"}},
        {"--rate", {"-1", "0", "1e300", "inf", "nan"}},
        {"--webhook-backoff-ms", {"3600001", "-1"}},
        {"--stall-ms", {"-1", "3600001"}},
        {"--loss", {"-0.1", "1.1", "nan"}}};
    for (const auto& [flag, values] : cases) {
        for (const char* value : values) {
            const Parsed parsed = parse({flag, value});
            EXPECT_FALSE(parsed.options) << flag << " " << value;
            EXPECT_EQ(parsed.exit_code, 2);
            EXPECT_NE(parsed.text.find(flag), std::string::npos) << parsed.text;
            EXPECT_LT(parsed.text.size(), 200U) << parsed.text;
        }
    }
    EXPECT_EQ(parse({"--seed", "18446744073709551615"}).options->seed, ~std::uint64_t{0});
    EXPECT_EQ(parse({"--dials-max", "0"}).options->dials_max, 0U);
}

TEST(Options, HelpTellsFlagsAndPaths) {
    const Parsed parsed = parse({"--help"});
    EXPECT_EQ(parsed.exit_code, 0);
    for (const char* word : {"--webhook-url", "--reply-lost", "POST /events", "give_up_after_ms"}) {
        EXPECT_NE(parsed.text.find(word), std::string::npos) << word;
    }
}

}  // namespace
}  // namespace gw::simulator
