// SPDX-License-Identifier: Apache-2.0
// The timelines of tests/replays: this program decides as was recorded, and a record that says
// otherwise is found out.
#include "gateway/replay/replay.hpp"
#include "gateway/replay/timeline_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace gw::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::vector<std::filesystem::path> recorded_calls() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(GW_SOURCE_DIR "/tests/replays")) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    return files;
}

json pages_of(const std::filesystem::path& path) {
    return json::parse(std::ifstream(path));
}

Result<Replayed> replay_text(const std::string& text) {
    std::istringstream stream(text);
    auto file = read_timeline(stream);
    if (!file) {
        return file.error();
    }
    Birth birth;
    birth.id = file->call_id.value_or(birth.id);
    birth.terms.policy = file->policy.value_or(CallPolicy{});
    return replay(file->rows, birth);
}

std::string printed(const Replayed& replayed) {
    std::ostringstream out;
    print(replayed, out);
    return out.str();
}

json answered_call() {
    return pages_of(GW_SOURCE_DIR "/tests/replays/answered-call.json");
}

TEST(RecordedCalls, AreDecidedAsTheyWere) {
    const auto files = recorded_calls();
    EXPECT_GE(files.size(), 4U);
    for (const auto& path : files) {
        const auto replayed = replay_text(pages_of(path).dump());
        ASSERT_TRUE(replayed) << path << ": " << replayed.error().context();
        EXPECT_TRUE(replayed->agrees()) << path << '\n' << printed(*replayed);
        EXPECT_TRUE(replayed->call.is_final()) << path;
    }
}

TEST(RecordedCalls, ThatSayOtherwiseAreFoundOut) {
    const auto change = [](const std::function<void(json&)>& spoil) {
        json page = answered_call();
        spoil(page["events"]);
        return replay_text(page.dump()).value();
    };
    auto other = change([](json& rows) { rows[1]["verdict"] = "redundant"; });
    EXPECT_FALSE(other.agrees());
    EXPECT_TRUE(other.rows[1].verdict_differs);
    EXPECT_FALSE(other.rows[0].verdict_differs || other.rows[0].effects_differ);
    EXPECT_THAT(printed(other), HasSubstr("recorded verdict: redundant"));

    other = change([](json& rows) { rows[0]["effects"].erase(0); });
    EXPECT_TRUE(other.rows[0].effects_differ);
    EXPECT_THAT(printed(other), HasSubstr("recorded effects: command answer"));

    // The event that ended the call is lost from the record: what followed it has no cause.
    other = change([](json& rows) {
        for (json& row : rows) {
            if (row["kind"] == "call.hangup") {
                row["data"]["data"]["event_type"] = "call.speak.ended";
                row["kind"] = "call.speak.ended";
            }
        }
    });
    EXPECT_FALSE(other.agrees());
    EXPECT_FALSE(other.call.is_final());
}

TEST(RecordedCalls, HaveIdsThatCorrespondOneToOne) {
    json page = answered_call();
    std::vector<json*> told;
    for (json& row : page["events"]) {
        for (json& effect : row["effects"]) {
            if (effect.contains("webhook")) {
                told.push_back(&effect);
            }
        }
    }
    ASSERT_GE(told.size(), 2U);
    (*told.back())["event_id"] = (*told.front())["event_id"];
    const auto replayed = replay_text(page.dump());
    ASSERT_TRUE(replayed);
    EXPECT_FALSE(replayed->agrees()) << "two events under one id";
    EXPECT_THAT(printed(*replayed), HasSubstr("under other ids"));
}

TEST(RecordedCalls, AreReadFromPagesInEveryShape) {
    const json whole = answered_call();
    json first = whole;
    json second = whole;
    const auto& rows = whole["events"];
    first["events"] = json(rows.begin(), rows.begin() + 3);
    second["events"] = json(rows.begin() + 2, rows.end());  // one row twice
    for (const std::string& text :
         {whole.dump(2), rows.dump(), first.dump() + "\n" + second.dump() + "\n",
          second.dump() + first.dump(), json{first, second}.dump()}) {
        const auto replayed = replay_text(text);
        ASSERT_TRUE(replayed) << replayed.error().context();
        EXPECT_TRUE(replayed->agrees());
        EXPECT_EQ(replayed->rows.size(), rows.size());
    }
}

TEST(RecordedCalls, ThatCannotBeReadSayWhy) {
    const json whole = answered_call();
    json other_call = whole;
    other_call["call_id"] = "call_99999999";
    json gap = whole;
    gap["events"].erase(2);
    json headless = whole;
    headless["events"] = json::array({whole["events"][2]});
    headless["events"][0]["seq"] = 1;
    json bad_time = whole;
    bad_time["events"][0]["at"] = "yesterday";
    for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
             {"", "no rows"},
             {"[]", "no rows"},
             {"{}", "events"},
             {"7", "events"},
             {whole.dump().substr(0, 200), "parse error"},
             {whole.dump() + other_call.dump(), "two calls"},
             {gap.dump(), "row 3 is missing"},
             {headless.dump(), "row 1: a call begins with"},
             {bad_time.dump(), "no time"},
         }) {
        const auto replayed = replay_text(text);
        ASSERT_FALSE(replayed) << text.substr(0, 80);
        EXPECT_THAT(replayed.error().context(), HasSubstr(says));
    }
}

}  // namespace
}  // namespace gw::replay
