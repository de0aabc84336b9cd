// SPDX-License-Identifier: Apache-2.0
// Who may ask, how often, and what a repeated request does: keys made and revoked by the command
// line while the gateway serves, limits, Idempotency-Key through crashes.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

struct Said {
    int exit_code = -1;
    std::string text;
};

Said keys(World& world, std::vector<std::string> arguments) {
    std::vector<std::string> all = {gateway_program(), "keys"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--config", world.config_file().string()});
    const auto [ending, text] = run_to_end({.arguments = std::move(all),
                                            .environment = {},
                                            .log = world.folder() / "keys.log",
                                            .folder = world.folder()});
    return {ending.exit_code, text};
}

// The key that `create` printed, and its id.
std::pair<std::string, std::string> made(const Said& said) {
    std::string key;
    std::string id;
    std::istringstream lines(said.text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("sfy_")) {
            key = line;
        } else if (line.starts_with("id ")) {
            id = line.substr(3, 12);
        }
    }
    return {key, id};
}

net::ClientRequest request(World& world, const std::string& method, const std::string& path,
                           const std::string& key) {
    net::ClientRequest out;
    out.method = method;
    out.url = "http://127.0.0.1:" + std::to_string(world.http_port()) + path;
    out.timeout = patience;
    out.headers.add("Authorization", "Bearer " + key);
    return out;
}

unsigned status(World& world, const std::string& key, const std::string& path = "/v1/calls") {
    return world.send(request(world, "GET", path, key)).status;
}

std::string header(const Answer& answer, std::string_view name) {
    return std::string(answer.headers.find(name).value_or(""));
}

// That it takes no second is key_watch_test's, by a clock that no machine can stall.
bool comes_to_be(World& world, const std::string& key, unsigned expected) {
    return eventually([&] { return status(world, key) == expected; });
}

TEST(Keys, MadeAndRevokedWhileTheGatewayServesCountWithinASecond) {
    World world;
    const Said created =
        keys(world, {"create", "--project", "proj_00000001", "--scope", "full", "--name", "ci"});
    ASSERT_EQ(created.exit_code, 0) << created.text;
    const auto [key, id] = made(created);
    ASSERT_THAT(key, MatchesRegex("sfy_live_[0-9a-f]{48}"));
    EXPECT_TRUE(comes_to_be(world, key, 200));

    const Said listed = keys(world, {"list"});
    EXPECT_THAT(listed.text, HasSubstr(id + "\tfull\tproj_00000001\t20"));
    EXPECT_THAT(listed.text, HasSubstr("\tno\tci\n"));
    EXPECT_EQ(listed.text.find(key.substr(9)), std::string::npos);

    const Said revoked = keys(world, {"revoke", id});
    EXPECT_EQ(revoked.exit_code, 0) << revoked.text;
    EXPECT_TRUE(comes_to_be(world, key, 401));
    EXPECT_EQ(world.api("/v1/calls").status, 200U);
    // Revoked it stays, also when it is revoked again and through a restart.
    EXPECT_EQ(keys(world, {"revoke", id}).exit_code, 0);
    world.kill();
    world.start();
    EXPECT_EQ(status(world, key), 401U);
    EXPECT_THAT(keys(world, {"list"}).text, HasSubstr(id + "\tfull\tproj_00000001\t20"));
}

TEST(Keys, OfTheConfigurationStayRevokedThroughARestart) {
    World world;
    const std::string listed = keys(world, {"list"}).text;
    const auto at = listed.find("\tfull\tproj_00000001\tconfiguration\tno");
    ASSERT_NE(at, std::string::npos) << listed;
    const std::string id = listed.substr(at - 12, 12);
    EXPECT_EQ(keys(world, {"revoke", id}).exit_code, 0);
    EXPECT_TRUE(eventually([&] { return world.api("/v1/calls").status == 401; }));
    world.kill();
    world.start();
    EXPECT_EQ(world.api("/v1/calls").status, 401U);
}

TEST(Keys, CanBeMadeBeforeTheFirstStart) {
    WorldOptions options;
    options.start = false;
    World world(std::move(options));
    EXPECT_EQ(keys(world, {"list"}).exit_code, 1);
    const Said created = keys(world, {"create", "--org", "42", "--scope", "read"});
    ASSERT_EQ(created.exit_code, 0) << created.text;
    const auto [key, id] = made(created);
    EXPECT_THAT(key, MatchesRegex("sfy_org_[0-9a-f]{48}"));
    world.start();
    EXPECT_EQ(status(world, key), 200U);
    EXPECT_EQ(world.send(request(world, "POST", "/v1/calls/1/end", key)).status, 403U);
}

TEST(Keys, WrongQuestionsAreRefused) {
    World world;
    const auto exit_code = [&](std::vector<std::string> arguments) {
        return keys(world, std::move(arguments)).exit_code;
    };
    EXPECT_EQ(exit_code({"create", "--scope", "full"}), 2);
    EXPECT_EQ(exit_code({"create", "--org", "42", "--project", "proj_00000001", "--scope", "full"}),
              2);
    EXPECT_EQ(exit_code({"create", "--org", "42"}), 2);
    EXPECT_EQ(exit_code({"create", "--org", "42", "--scope", "all"}), 2);
    EXPECT_EQ(exit_code({"create", "--org", "43", "--scope", "full"}), 1);
    EXPECT_EQ(exit_code({"create", "--project", "proj_9", "--scope", "full"}), 1);
    EXPECT_EQ(exit_code({"create", "--org", "42", "--scope", "full", "--name", "a\nb"}), 1);
    EXPECT_EQ(exit_code({"revoke"}), 2);
    EXPECT_EQ(exit_code({"revoke", "abc"}), 2);
    EXPECT_EQ(exit_code({"revoke", "0123456789ab"}), 1);
    EXPECT_EQ(exit_code({}), 2);
}

TEST(Limits, OfAPaygOrgAreToldAndKept) {
    WorldOptions options;
    options.config["orgs"] = {{{"id", 42}, {"name", "Acme"}, {"tier", "payg"}}};
    World world(std::move(options));
    // Sent once, because each counts: 503 is what a store that stalls makes of it.
    const Answer first = world.door().send(request(world, "GET", "/v1/calls", world.api_key()));
    ASSERT_THAT(first.status, AnyOf(200U, 503U));
    EXPECT_EQ(header(first, "X-RateLimit-Limit"), "300");
    EXPECT_EQ(header(first, "X-RateLimit-Remaining"), "299");
    EXPECT_EQ(header(first, "X-RateLimit-Tier"), "payg");
    EXPECT_EQ(header(first, "X-Concurrent-Call-Limit"), "10");
    EXPECT_THAT(header(first, "X-RateLimit-Reset"), MatchesRegex("[0-9]{10}"));

    // No call has such an id, so that the store is not asked.
    const auto answers =
        world.api_all(std::vector<std::string>(310, "/v1/calls/none/status"), "GET");
    EXPECT_EQ(std::ranges::count(answers, 404U, &Answer::status), 299);
    EXPECT_EQ(std::ranges::count(answers, 429U, &Answer::status), 11);
    const Answer refused = world.api("/v1/calls");
    ASSERT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.json()["code"], "RATE_LIMIT_EXCEEDED");
    EXPECT_EQ(header(refused, "Retry-After"), refused.json()["retryAfter"].dump());
    EXPECT_EQ(header(refused, "X-RateLimit-Remaining"), "0");
    EXPECT_EQ(header(refused, "X-RateLimit-Reset"), header(first, "X-RateLimit-Reset"));
    EXPECT_EQ(world.metric("gateway_http_limited_total{limit=\"requests\"}"), 12.0);
}

TEST(Limits, OfFailedAuthenticationsLeaveGoodKeysAlone) {
    World world;
    const std::string unknown = "sfy_live_" + std::string(48, '0');
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(status(world, unknown), 401U) << i;
    }
    const Answer refused = world.send(request(world, "GET", "/v1/calls", unknown));
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.json()["code"], "AUTH_RATE_LIMITED");
    EXPECT_EQ(header(refused, "Retry-After"), refused.json()["retryAfter"].dump());
    EXPECT_EQ(world.api("/v1/calls").status, 200U);
}

class OnceThroughACrash : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Points, OnceThroughACrash,
                         ::testing::Values("once.before_work", "once.after_work"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

// Ending a call may be asked again after a crash; Telnyx hangs up once all the same.
TEST_P(OnceThroughACrash, TheSameRequestAgainEndsTheCallOnce) {
    World world;
    const auto [key, id] = made(keys(world, {"create", "--org", "42", "--scope", "full"}));
    world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));
    world.kill();
    world.start({{"GW_FAULT", GetParam()}});
    const auto end = [&] {
        net::ClientRequest out = request(world, "POST", "/v1/calls/1/end", key);
        out.headers.add("Idempotency-Key", "end-1");
        return world.send(out);
    };
    EXPECT_EQ(end().status, 0U);
    ASSERT_TRUE(world.gateway().wait());
    world.start();
    const Answer again = end();
    EXPECT_THAT(again.status, AnyOf(200U, 409U)) << again.body;
    ASSERT_TRUE(world.quiesce());
    const Answer replayed = end();
    EXPECT_EQ(replayed.status, again.status);
    EXPECT_EQ(replayed.body, again.body);
    EXPECT_EQ(header(replayed, "Idempotency-Replayed"), "true");
    EXPECT_EQ(world.commands("hangup"), 1U);
    EXPECT_EQ(world.verdict(), "");
}

// Nobody knows whether an interrupted call was placed, so the same key never places another.
TEST_P(OnceThroughACrash, ACallIsNotPlacedAgain) {
    World world;
    const auto [key, id] = made(keys(world, {"create", "--org", "42", "--scope", "full"}));
    world.kill();
    world.start({{"GW_FAULT", GetParam()}});
    const auto place = [&](const std::string& idempotency_key) {
        net::ClientRequest out = request(world, "POST", "/v1/calls", key);
        out.headers.add("Content-Type", "application/json");
        out.headers.add("Idempotency-Key", idempotency_key);
        out.body = R"({"agent_id":"agent_28c51f81","to":"+31612345678"})";
        return world.send(out);
    };
    EXPECT_EQ(place("call-1").status, 0U);
    ASSERT_TRUE(world.gateway().wait());
    world.start();
    const std::size_t before = world.calls().size();
    for (int i = 0; i < 2; ++i) {
        const Answer again = place("call-1");
        EXPECT_EQ(again.status, 409U) << again.body;
        EXPECT_EQ(again.json()["code"], "IDEMPOTENCY_OUTCOME_UNKNOWN");
    }
    EXPECT_EQ(world.calls().size(), before);
    EXPECT_LE(world.commands("dial", false), 1U);
    EXPECT_EQ(place("call-2").status, 201U);
}

}  // namespace
}  // namespace gw::scenario
