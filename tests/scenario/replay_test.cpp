// SPDX-License-Identifier: Apache-2.0
// `telnyx-gateway replay`: calls of the real gateway once more, from its store while it serves and
// from what GET …/events gave.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* target_number = "+31850099999";

class Replay : public testing::Test {
protected:
    std::pair<Ending, std::string> run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {gateway_program(), "replay"});
        return run_to_end({.arguments = std::move(arguments),
                           .environment = {},
                           .log = world_.folder() / "replay.log",
                           .folder = world_.folder()});
    }
    Answer post(const std::string& path, const json& body) {
        return world_.send(world_.json_post(path, body));
    }
    bool is_told(std::string_view name, std::size_t times = 1) {
        return eventually([&] {
            std::size_t seen = 0;
            for (const json& event : world_.received()) {
                seen += event["event"] == name ? 1 : 0;
            }
            return seen >= times;
        });
    }
    std::string talking(const json& steps) {
        leg_ = world_.place_call({{"steps", steps}});
        EXPECT_TRUE(eventually([&] { return world_.only_call()["status"] == "in-progress"; }));
        return world_.only_call()["call_id"].get<std::string>();
    }
    void let(const char* number, const json& outcome) {
        world_.control("PUT", "/scenario", {{"callees", {{number, outcome}}}});
    }
    void hang_up_caller() {
        world_.control("POST", "/calls/" + leg_ + "/actions", {{"hangup", true}});
        ASSERT_TRUE(world_.quiesce());
    }
    // From the store, and from what the API gives.
    void agrees(const std::string& id, const std::string& name) {
        const auto [stored, said] = run({"--config", world_.config_file().string(), id});
        EXPECT_EQ(stored.exit_code, 0) << said;
        EXPECT_THAT(said, HasSubstr("all as recorded"));
        const std::string file = (world_.folder() / name).string();
        std::ofstream(file) << json{{"call_id", id}, {"events", world_.events(id)}}.dump(2) << '\n';
        const auto [read, told] = run({"--config", world_.config_file().string(), "--file", file});
        EXPECT_EQ(read.exit_code, 0) << told;
    }

    World world_;
    std::string leg_;
};

TEST_F(Replay, OfATransferThatFailedAndOneThatWasAnswered) {
    let(target_number, {{"outcome", "busy"}, {"after_ms", 20}});
    const std::string id = talking(json::array());
    ASSERT_EQ(post("/v1/calls/" + id + "/transfer", {{"destination", target_number}}).status, 200U);
    ASSERT_TRUE(is_told("transfer.failed"));
    let(target_number, {{"outcome", "answer"}, {"after_ms", 20}, {"steps", json::array()}});
    ASSERT_EQ(post("/v1/calls/" + id + "/transfer", {{"destination", target_number}}).status, 200U);
    ASSERT_TRUE(is_told("transfer.completed"));
    agrees(id, "live.json");
    hang_up_caller();
    agrees(id, "transfer.json");
}

TEST_F(Replay, OfAGatherAndARestart) {
    const std::string id =
        talking({{{"press", "7"}}, {{"await", "gather"}}, {{"press", "1234#"}, {"gap_ms", 5}}});
    ASSERT_EQ(post("/v1/calls/" + id + "/gather", {{"prompt", "Your number, please."}}).status,
              202U);
    ASSERT_TRUE(is_told("call.gather.completed"));
    agrees(id, "gathered.json");
    world_.kill();
    world_.start();
    hang_up_caller();
    agrees(id, "gather.json");
}

TEST_F(Replay, OfACallThatWePlaced) {
    let("+31612345678", {{"outcome", "answer"}, {"after_ms", 20}, {"steps", {{{"hangup", true}}}}});
    ASSERT_EQ(post("/v1/calls", {{"agent_id", 7}, {"to", "+31612345678"}}).status, 201U);
    ASSERT_TRUE(world_.quiesce());
    agrees(world_.only_call()["call_id"].get<std::string>(), "placed.json");
}

TEST_F(Replay, MarksWhatIsDecidedOtherwise) {
    const std::string id = talking(json::array());
    hang_up_caller();
    agrees(id, "answered.json");
    json page = {{"call_id", id}, {"events", world_.events(id)}};
    page["events"][0]["verdict"] = "noted";
    const std::string file = (world_.folder() / "spoiled.json").string();
    std::ofstream(file) << page;
    const auto [ending, said] = run({"--file", file});
    EXPECT_EQ(ending.exit_code, 1) << said;
    EXPECT_THAT(said, HasSubstr("!    1  call.initiated"));
    EXPECT_THAT(said, HasSubstr("recorded verdict: noted"));
}

TEST_F(Replay, SaysWhatItCannotRead) {
    const std::string config = world_.config_file().string();
    const std::string file = (world_.folder() / "broken.json").string();
    std::ofstream(file) << R"({"events":[)";
    for (const auto& [arguments, says] :
         std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--config", config, "call_00000099"}, "no such call"},
             {{"--config", config, "seven"}, "call_00000001"},
             {{"--file", file}, "parse error"},
             {{"--file", "/nowhere.json"}, "cannot be opened"},
             {{}, "--file"},
         }) {
        const auto [ending, said] = run(arguments);
        EXPECT_EQ(ending.exit_code, 2) << said;
        EXPECT_THAT(said, HasSubstr(says));
    }
}

}  // namespace
}  // namespace gw::scenario
