// SPDX-License-Identifier: Apache-2.0
// The customer's endpoint fails for a while: retries by the schedule, the order of first attempts,
// and the end of patience.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

json short_call() {
    return {{"steps", {{{"wait_ms", 50}}, {{"press", "1"}}, {{"hangup", true}}}}};
}

TEST(CustomerDown, IsTriedAgainByTheScheduleUntilItTakesEveryEvent) {
    WorldOptions options;
    options.config["webhooks"]["retry_schedule_seconds"] = {1, 1, 1};
    World world(std::move(options));
    world.control("PUT", "/receiver", {{"status", 503}, {"times", 6}});
    world.place_call(short_call());
    ASSERT_TRUE(world.quiesce());

    // First attempts came in order although they failed; on a slow machine the second attempt of an
    // event may come before the first of a later one.
    std::vector<std::int64_t> sequences;
    std::set<std::string> seen;
    for (const json& event : world.received()) {
        if (seen.insert(event["id"].get<std::string>()).second) {
            sequences.push_back(event["sequence"].get<std::int64_t>());
        }
    }
    EXPECT_THAT(sequences, ElementsAre(1, 2, 3, 4));

    std::map<std::string, std::vector<json>> attempts;
    for (const json& row : world.deliveries("call_00000001")) {
        attempts[row["event_id"].get<std::string>()].push_back(row);
    }
    EXPECT_EQ(attempts.size(), 4U);
    for (const auto& [id, rows] : attempts) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(rows[i]["attempt"], i + 1) << id;
            EXPECT_EQ(rows[i]["success"], i + 1 == rows.size()) << id;
            EXPECT_EQ(rows[i]["status_code"], i + 1 == rows.size() ? 200 : 503) << id;
            EXPECT_EQ(rows[i]["error"], i + 1 == rows.size() ? json(nullptr) : json("HTTP 503"));
        }
    }
    EXPECT_EQ(world.verdict(), "");
}

TEST(CustomerDown, WaitsAtLeastAsLongAsTheScheduleSays) {
    WorldOptions options;
    options.config["webhooks"]["retry_schedule_seconds"] = {1, 1};
    World world(std::move(options));
    world.control("PUT", "/receiver", {{"status", 500}, {"times", 3}});
    world.place_call({{"give_up_after_ms", 1}});
    ASSERT_TRUE(world.quiesce());
    std::map<std::string, std::string> last;
    for (const json& entry : world.carrier("received")) {
        const auto id = entry["headers"]["webhook-id"].get<std::string>();
        const auto at = entry["at"].get<std::string>();
        if (last.contains(id)) {
            // RFC 3339 in one zone and one length sorts as time does; a second apart at least.
            EXPECT_GE(
                std::stod(at.substr(17, 9)) + (at.substr(0, 16) > last[id].substr(0, 16) ? 60 : 0),
                std::stod(last[id].substr(17, 9)) + 1.0);
        }
        last[id] = at;
    }
    EXPECT_EQ(world.verdict(), "");
}

TEST(CustomerDown, ForGoodIsGivenUpAfterTheLastAttempt) {
    WorldOptions options;
    options.config["webhooks"]["retry_schedule_seconds"] = {1};
    World world(std::move(options));
    world.control("PUT", "/receiver", {{"status", 404}, {"times", 1000}});
    world.place_call({{"give_up_after_ms", 1}});
    // Two events (ringing, failed), each given up after its second attempt.
    ASSERT_TRUE(eventually(
        [&] { return world.metric("gateway_webhook_deliveries_given_up_total") == 2.0; }));
    // The counter moves when the last attempt has failed; its record is written a moment later.
    ASSERT_TRUE(eventually([&] { return world.deliveries("call_00000001").size() >= 4; }));
    std::map<std::string, int> attempts;
    for (const json& row : world.deliveries("call_00000001")) {
        EXPECT_EQ(row["success"], false);
        ++attempts[row["event_id"].get<std::string>()];
    }
    EXPECT_EQ(attempts.size(), 2U);
    for (const auto& [id, count] : attempts) {
        EXPECT_EQ(count, 2) << id;
    }
}

}  // namespace
}  // namespace gw::scenario
