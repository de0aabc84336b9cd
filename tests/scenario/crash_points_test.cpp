// SPDX-License-Identifier: Apache-2.0
// The process is killed at every named crash point, at its first, second and third passing: two
// calls run, the gateway dies, starts again on the same data, the calls go on, and the history must
// hold. A test of its own compares the list with the source, so that no point is left out.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace gw::scenario {
namespace {

using nlohmann::json;

struct Point {
    const char* name;
    int passings;  // how often two calls pass it at least
};

// In the order of a call's way through the gateway.
constexpr Point points[] = {
    {"call.before_commit", 3},
    {"store.before_begin", 3},
    {"store.before_commit", 3},
    {"store.after_commit", 3},
    {"call.after_commit", 3},
    {"command.before_send", 3},
    {"command.after_send", 3},
    {"webhook.after_begin", 3},
    {"webhook.before_send", 3},
    {"webhook.sender.after_send", 3},
    {"webhook.after_send", 3},
    // Passed by requests with an Idempotency-Key alone: access_test kills there.
    {"once.before_work", 0},
    {"once.after_work", 0},
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

TEST(CrashPoints, AreAllInTheTable) {
    std::set<std::string> listed;
    for (const Point& point : points) {
        listed.insert(point.name);
    }
    EXPECT_EQ(listed, points_in_source());
}

struct Crash {
    std::string point;
    int passing = 1;
};

void PrintTo(const Crash& crash, std::ostream* out) {
    *out << crash.point << ':' << crash.passing;
}

std::vector<Crash> all_crashes() {
    std::vector<Crash> crashes;
    for (const Point& point : points) {
        for (int passing = 1; passing <= point.passings; ++passing) {
            crashes.push_back({.point = point.name, .passing = passing});
        }
    }
    return crashes;
}

class CrashPoint : public ::testing::TestWithParam<Crash> {
protected:
    // True when the gateway answers; a dead one is started again, without the fault.
    bool revive() {
        if (const auto ending = world_.gateway().ending()) {
            EXPECT_EQ(ending->signal, SIGKILL) << world_.gateway().log();
            ++deaths_;
            world_.start();
        }
        return world_.is_ready();
    }

    // Asks until a live gateway gave an answer; what it did before it died does not count.
    bool end_by_api(const std::string& leg) {
        return eventually([&] {
            if (!revive()) {
                return false;
            }
            const json call = world_.call_of(leg);
            if (!call.is_object()) {
                return false;
            }
            const auto path = "/v1/calls/" + call["call_id"].get<std::string>() + "/end";
            const unsigned status = world_.api(path, "POST").status;
            return status == 200 || (status == 409 && call["status"] != "ringing");
        });
    }

    World world_{WorldOptions{.config = json::object(),
                              .simulator_arguments = {},
                              .seed = 1,
                              .data_folder = {},
                              .start = false}};
    int deaths_ = 0;
};

TEST_P(CrashPoint, LosesNothingAndDoesNothingTwice) {
    const Crash& crash = GetParam();
    world_.spawn({{"GW_FAULT", crash.point + ":" + std::to_string(crash.passing)}});
    ASSERT_TRUE(eventually([&] { return !world_.gateway().running() || world_.is_ready(); }));
    world_.place_call(
        {{"steps", {{{"wait_ms", 250}}, {{"press", "1"}}, {{"wait_ms", 50}}, {{"hangup", true}}}}});
    const std::string stays = world_.place_call({{"steps", json::array()}});

    ASSERT_TRUE(end_by_api(stays));
    ASSERT_TRUE(eventually(
        [&] { return revive() && world_.control("GET", "/status").value("idle", false); }));
    // What is still due, as the next attempt of a webhook, may be what passes the point.
    ASSERT_TRUE(eventually([&] { return revive() && world_.quiesce(milliseconds{500}); }));

    EXPECT_EQ(deaths_, 1) << "the point was not passed so often, or more than once";
    EXPECT_EQ(world_.verdict({.receiver_saw_order = false, .times_are_the_carriers = true}), "");
    EXPECT_EQ(world_.calls().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Every, CrashPoint, ::testing::ValuesIn(all_crashes()),
                         [](const auto& crash) {
                             std::string name =
                                 crash.param.point + "_" + std::to_string(crash.param.passing);
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

}  // namespace
}  // namespace gw::scenario
