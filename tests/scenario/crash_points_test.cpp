// SPDX-License-Identifier: Apache-2.0
// The process is killed at every named crash point of every story, at its first, second and third
// passing: the gateway dies, starts again on the same data, the story goes on, and the history must
// hold. The table says how often a story passes a point, and each of its figures is tried: armed
// for one passing more the gateway lives. No point of the source may be left out, nor be passed by
// no story.
#include "tests/scenario/crash_stories.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace gw::scenario {
namespace {

using nlohmann::json;

constexpr int passings_max = 3;  // later ones are like the third

struct Point {
    const char* name;
    std::array<int, stories> passings;  // of each story: how often it passes at least
};

// In the order of a call's way through the gateway; the stories in the order of `Story`.
constexpr Point points[] = {
    {"once.before_work", {0, 1, 1, 1, 1}},    {"call.before_commit", {3, 3, 3, 3, 3}},
    {"store.before_begin", {3, 3, 3, 3, 3}},  {"store.before_commit", {3, 3, 3, 3, 3}},
    {"store.after_commit", {3, 3, 3, 3, 3}},  {"call.after_commit", {3, 3, 3, 3, 3}},
    {"command.before_send", {3, 2, 2, 2, 1}}, {"command.after_send", {3, 2, 2, 2, 1}},
    {"once.after_work", {0, 1, 1, 1, 1}},     {"webhook.after_begin", {3, 3, 3, 3, 3}},
    {"webhook.before_send", {3, 3, 3, 3, 3}}, {"webhook.sender.after_send", {3, 3, 3, 3, 3}},
    {"webhook.after_send", {3, 3, 3, 3, 3}},
};

std::set<std::string> points_in_source() {
    const std::regex use("[^_a-z]fault_point\\(\"([^\"]+)\"\\)");
    std::set<std::string> found;
    for (const char* folder : {"gateway", "telnyx", "media", "config"}) {
        const std::filesystem::path root = std::filesystem::path(GW_SOURCE_DIR) / folder;
        if (!std::filesystem::exists(root)) {
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") {
                continue;
            }
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            const std::string source = text.str();
            for (std::sregex_iterator hit(source.begin(), source.end(), use), end; hit != end;
                 ++hit) {
                found.insert((*hit)[1]);
            }
        }
    }
    return found;
}

TEST(CrashPoints, AreAllInTheTableAndEachIsPassedByAStory) {
    std::set<std::string> passed;
    for (const Point& point : points) {
        if (std::ranges::any_of(point.passings, [](int times) { return times > 0; })) {
            passed.insert(point.name);
        }
    }
    EXPECT_EQ(passed, points_in_source());
}

struct Crash {
    Story story = Story::inbound;
    std::string point;
    int passing = 1;
    bool comes = true;        // false: the story does not pass the point so often
    bool to_the_end = false;  // a call in doubt is seen to its deadline
};

std::string name_of(const Crash& crash) {
    std::string name =
        std::string(name_of(crash.story)) + "_" + crash.point + "_" + std::to_string(crash.passing);
    std::ranges::replace(name, '.', '_');
    return name + (crash.comes ? "" : "_never");
}

void PrintTo(const Crash& crash, std::ostream* out) {
    *out << name_of(crash);
}

std::vector<Crash> crashes_in(Story story) {
    std::vector<Crash> crashes;
    for (const Point& point : points) {
        const int comes = point.passings[static_cast<std::size_t>(story)];
        for (int passing = 1; passing <= std::min(comes + 1, passings_max); ++passing) {
            crashes.push_back({.story = story,
                               .point = point.name,
                               .passing = passing,
                               .comes = passing <= comes});
        }
    }
    return crashes;
}

std::vector<Crash> every_crash() {
    std::vector<Crash> crashes;
    for (std::size_t story = 0; story < stories; ++story) {
        const std::vector<Crash> more = crashes_in(static_cast<Story>(story));
        crashes.insert(crashes.end(), more.begin(), more.end());
    }
    return crashes;
}

// A dial in doubt is a minute of waiting.
std::vector<Crash> dials_to_the_end() {
    std::vector<Crash> crashes = crashes_in(Story::dial);
    for (Crash& crash : crashes) {
        crash.to_the_end = true;
    }
    return crashes;
}

class CrashPoint : public ::testing::TestWithParam<Crash> {
protected:
    void expect_nothing_lost_and_nothing_twice() {
        EXPECT_EQ(mortal_.deaths(), GetParam().comes ? 1 : 0)
            << "the point was not passed so often, or more than once";
        EXPECT_EQ(world_.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}),
                  "");
        EXPECT_EQ(world_.control("GET", "/legs?state=live")["legs"], json::array());
        EXPECT_EQ(world_.calls().size(), GetParam().story == Story::inbound ? 2U : 1U);
    }

    // And that it was told is in the log.
    bool is_ringing_told() {
        const json log = world_.deliveries(mortal_.call()["call_id"].get<std::string>());
        return mortal_.told("call.ringing") == 1 &&
               std::ranges::any_of(log, [](const json& row) { return row["success"].get<bool>(); });
    }

    MortalWorld mortal_;
    World& world_ = mortal_.world;
};

TEST_P(CrashPoint, LosesNothingAndDoesNothingTwice) {
    const Crash& crash = GetParam();
    mortal_.start(crash.point + ":" + std::to_string(crash.passing));
    play(crash.story, mortal_);
    ASSERT_TRUE(
        mortal_.eventually([&] { return world_.control("GET", "/status").value("idle", false); }));
    if (crash.story == Story::dial && !crash.to_the_end && is_in_doubt(mortal_)) {
        EXPECT_EQ(mortal_.call()["status"], "ringing") << "as long as it may have been dialled";
        EXPECT_EQ(world_.commands("dial", false), 0U);
        ASSERT_TRUE(mortal_.eventually([&] { return is_ringing_told(); }));
        return expect_nothing_lost_and_nothing_twice();
    }
    // What is still due, as the next attempt of a webhook, may be what passes the point. A call in
    // doubt ends a minute after it was placed.
    ASSERT_TRUE(
        mortal_.eventually([&] { return world_.quiesce(milliseconds{500}); }, seconds{100}));
    expect_nothing_lost_and_nothing_twice();
    expect_told(crash.story, mortal_);
}

const auto name_of_row = [](const auto& row) { return name_of(row.param); };

INSTANTIATE_TEST_SUITE_P(Every, CrashPoint, ::testing::ValuesIn(every_crash()), name_of_row);
// With GW_LONG=1 only.
INSTANTIATE_TEST_SUITE_P(LongEvery, CrashPoint, ::testing::ValuesIn(dials_to_the_end()),
                         name_of_row);

}  // namespace
}  // namespace gw::scenario
