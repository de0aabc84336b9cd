// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/crash_stories.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

namespace gw::scenario {
namespace {

using nlohmann::json;

constexpr const char* target_number = "+31850099999";
constexpr const char* digits = "12";

std::string path_of(const json& call) {
    return "/v1/calls/" + call["call_id"].get<std::string>();
}

json stays() {
    return {{"steps", json::array()}};
}

WorldOptions not_started(json config) {
    WorldOptions options;
    options.config = std::move(config);
    options.start = false;
    return options;
}

// A call comes in and is in progress; gives back its leg.
std::string talk(MortalWorld& mortal, const json& script) {
    const std::string leg = mortal.world.place_call(script);
    EXPECT_TRUE(mortal.eventually([&] {
        const json call = mortal.call();
        return call.is_object() && call["status"] == "in-progress";
    }));
    return leg;
}

void hang_up(MortalWorld& mortal, const std::string& leg) {
    mortal.world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
}

// Asks for something on the one call there is.
void ask_of_call(MortalWorld& mortal, const std::string& what, const json& body) {
    const json call = mortal.call();
    ASSERT_TRUE(call.is_object());
    mortal.ask(path_of(call) + "/" + what, body, [&] {
        return !mortal.rows(call["call_id"].get<std::string>(), "api." + what).empty();
    });
}

// Asks until a live gateway gave an answer; what it did before it died does not count.
bool end_by_api(MortalWorld& mortal, const std::string& leg) {
    return mortal.eventually([&] {
        const json call = mortal.world.call_of(leg);
        if (!call.is_object()) {
            return false;
        }
        const unsigned status = mortal.world.api(path_of(call) + "/end", "POST").status;
        return status == 200 || (status == 409 && call["status"] != "ringing");
    });
}

void play_inbound(MortalWorld& mortal) {
    mortal.world.place_call(
        {{"steps", {{{"wait_ms", 250}}, {{"press", "1"}}, {{"wait_ms", 50}}, {{"hangup", true}}}}});
    const std::string leg = mortal.world.place_call(stays());
    EXPECT_TRUE(end_by_api(mortal, leg));
}

void play_transfer(MortalWorld& mortal, const json& callee, const char* outcome) {
    mortal.world.control("PUT", "/scenario", {{"callees", {{target_number, callee}}}});
    const std::string leg = talk(mortal, stays());
    ask_of_call(mortal, "transfer", {{"destination", target_number}});
    EXPECT_TRUE(mortal.eventually([&] { return mortal.told(outcome) > 0; })) << outcome;
    hang_up(mortal, leg);
}

void play_gather(MortalWorld& mortal) {
    const json presses = {{"press", std::string(digits) + "#"}, {"gap_ms", 5}};
    const std::string leg = talk(mortal, {{"steps", {{{"await", "gather"}}, presses}}});
    ask_of_call(mortal, "gather", {{"prompt", "Your number, please."}, {"timeout_seconds", 20}});
    EXPECT_TRUE(mortal.eventually([&] { return mortal.told("call.gather.completed") > 0; }));
    hang_up(mortal, leg);
}

void play_dial(MortalWorld& mortal) {
    const json talks = {{"outcome", "answer"},
                        {"after_ms", 50},
                        {"steps", {{{"wait_ms", 50}}, {{"hangup", true}}}}};
    mortal.world.control("PUT", "/scenario", {{"callees", {{"*", talks}}}});
    mortal.ask("/v1/calls", {{"agent_id", 7}, {"to", "+31612345678"}},
               [&] { return mortal.call().is_object(); });
    EXPECT_TRUE(mortal.eventually([&] {
        const json call = mortal.call();
        return call.is_object() && (!call["ended_at"].is_null() || is_in_doubt(mortal));
    }));
}

json data_of(World& world, std::string_view name) {
    for (const json& event : world.received()) {
        if (event["event"] == name) {
            return event["data"];
        }
    }
    return nullptr;
}

}  // namespace

MortalWorld::MortalWorld(json config) : world(not_started(std::move(config))) {}

void MortalWorld::start(const std::string& fault) {
    world.spawn({{"GW_FAULT", fault}});
    EXPECT_TRUE(
        scenario::eventually([&] { return !world.gateway().running() || world.is_ready(); }));
}

// True when the gateway answers; a dead one is started again.
bool MortalWorld::revive() {
    if (const auto ending = world.gateway().ending()) {
        EXPECT_EQ(ending->signal, SIGKILL) << world.gateway().log();
        ++deaths_;
        world.start();
    }
    return world.is_ready();
}

json MortalWorld::get(const std::string& path) {
    json found;
    EXPECT_TRUE(eventually([&] {
        const Answer answer = world.api(path);
        found = answer.json();
        return answer.status == 200;
    })) << path;
    return found;
}

std::vector<json> MortalWorld::rows(const std::string& call_id, std::string_view kind) {
    const json timeline = get("/v1/calls/" + call_id + "/events?limit=500");
    std::vector<json> found;
    for (const json& row : timeline["events"]) {
        if (row["kind"] == kind) {
            found.push_back(row);
        }
    }
    return found;
}

json MortalWorld::call() {
    const json all = get("/v1/calls")["calls"];
    return all.size() == 1 ? all[0] : json(nullptr);
}

Answer MortalWorld::insist(const std::string& path, const json& body, const std::string& key) {
    Answer answer;
    EXPECT_TRUE(eventually([&] {
        net::ClientRequest request = world.json_post(path, body);
        request.headers.add("Idempotency-Key", key);
        answer = world.send(request);
        return answer.status != 0;
    }));
    return answer;
}

void MortalWorld::ask(const std::string& path, const json& body,
                      const std::function<bool()>& is_on_record) {
    constexpr int wishes_max = 3;  // one that was lost, and one more in case of doubt
    for (int wish = 1; wish <= wishes_max; ++wish) {
        const Answer answer = insist(path, body, "wish-" + std::to_string(wish));
        if (answer.status >= 200 && answer.status < 300) {
            return;
        }
        ASSERT_EQ(answer.json().value("code", ""), "IDEMPOTENCY_OUTCOME_UNKNOWN") << answer.body;
        if (is_on_record()) {
            return;
        }
    }
    ADD_FAILURE() << path << " was asked for in vain";
}

std::size_t MortalWorld::told(std::string_view name) {
    std::set<std::string> ids;
    for (const json& event : world.received()) {
        if (event["event"] == name) {
            ids.insert(event["id"].get<std::string>());
        }
    }
    return ids.size();
}

const char* name_of(Story story) {
    switch (story) {
        case Story::inbound:
            return "inbound";
        case Story::transfer_answered:
            return "transfer_answered";
        case Story::transfer_failed:
            return "transfer_failed";
        case Story::gather:
            return "gather";
        case Story::dial:
            return "dial";
    }
    return "";
}

void play(Story story, MortalWorld& mortal) {
    switch (story) {
        case Story::inbound:
            return play_inbound(mortal);
        case Story::transfer_answered:
            return play_transfer(
                mortal, {{"outcome", "answer"}, {"after_ms", 50}, {"steps", json::array()}},
                "transfer.completed");
        case Story::transfer_failed:
            return play_transfer(mortal, {{"outcome", "busy"}, {"after_ms", 50}},
                                 "transfer.failed");
        case Story::gather:
            return play_gather(mortal);
        case Story::dial:
            return play_dial(mortal);
    }
}

void expect_told(Story story, MortalWorld& mortal) {
    World& world = mortal.world;
    const std::size_t transferred = story == Story::transfer_answered ? 1 : 0;
    const std::size_t came_back = story == Story::transfer_failed ? 1 : 0;
    const std::size_t gathered = story == Story::gather ? 1 : 0;
    EXPECT_EQ(world.commands("transfer"), transferred + came_back);
    EXPECT_EQ(mortal.told("transfer.initiated"), transferred + came_back);
    EXPECT_EQ(mortal.told("transfer.completed"), transferred);
    EXPECT_EQ(mortal.told("transfer.failed"), came_back);
    EXPECT_EQ(world.commands("gather_using_speak"), gathered);
    EXPECT_EQ(mortal.told("call.gather.completed"), gathered);
    if (came_back > 0) {
        EXPECT_EQ(data_of(world, "transfer.failed")["reason"], "user_busy");
    }
    if (gathered > 0) {
        EXPECT_EQ(data_of(world, "call.gather.completed")["input"], digits);
    }
    const std::size_t dialled = story == Story::dial && !is_in_doubt(mortal) ? 1 : 0;
    EXPECT_EQ(world.commands("dial"), dialled);
    for (const json& call : world.calls()) {
        const bool never_dialled = story == Story::dial && dialled == 0;
        EXPECT_EQ(call["status"], never_dialled ? "failed" : "completed") << call;
    }
}

bool is_in_doubt(MortalWorld& mortal) {
    const json call = mortal.call();
    if (!call.is_object() || mortal.world.commands("dial", false) > 0) {
        return false;
    }
    const auto results = mortal.rows(call["call_id"].get<std::string>(), "command.dial");
    return std::ranges::any_of(
        results, [](const json& row) { return row["data"].value("outcome", "") == "unknown"; });
}

}  // namespace gw::scenario
