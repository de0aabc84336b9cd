// SPDX-License-Identifier: Apache-2.0
// Every route of the public table × every kind of key: what is not yours does not exist, byte for
// byte. Each route has its row here, with a request that is right; a route without one fails.
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gw::http {
namespace {

using testing::Gateway;
using testing::header;
namespace keys = testing::keys;

struct Row {
    std::string_view route;
    Access access = Access::read;
    std::string_view body = {};  // of a right request; empty: none
    unsigned status = 200;       // of its answer
};

constexpr Row matrix[] = {
    {.route = "POST /telnyx/webhooks", .access = Access::open},
    {.route = "GET /v1/openapi.json", .access = Access::open},
    {.route = "GET /v1/calls"},
    {.route = "GET /v1/calls/summary"},
    {.route = "GET /v1/calls/{callId}"},
    {.route = "GET /v1/calls/{callId}/status"},
    {.route = "GET /v1/calls/{callId}/webhooks"},
    {.route = "GET /v1/calls/{callId}/events"},
    // The call of this test is not recorded: its own 404, which is not that of a foreign call.
    {.route = "GET /v1/calls/{callId}/recording", .status = 404},
    {.route = "POST /v1/calls/{callId}/end", .access = Access::full},
    {.route = "POST /v1/calls/{callId}/transfer",
     .access = Access::full,
     .body = R"({"destination":"+31201234567"})"},
    {.route = "POST /v1/calls/{callId}/gather",
     .access = Access::full,
     .body = R"({"prompt":"Your number?"})",
     .status = 202},
    {.route = "POST /v1/calls",
     .access = Access::full,
     .body = R"({"agent_id":"agent_28c51f81","to":"+31612345678"})",
     .status = 201},
};

std::string name(const RouteSpec& route) {
    return std::string(route.method) + " " + std::string(route.pattern);
}

const Row* row_of(const RouteSpec& route) {
    const auto at = std::ranges::find(matrix, name(route), &Row::route);
    return at == std::end(matrix) ? nullptr : at;
}

unsigned status_of(const RouteSpec& route) {
    const Row* row = row_of(route);
    return row == nullptr ? 0 : row->status;
}

// A fresh gateway for each request, so that a call ended by one cell is not ended for the next.
net::HttpResponse ask(const RouteSpec& route, std::string_view call, net::Headers headers) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    std::string target(route.pattern);
    if (const auto at = target.find("{callId}"); at != std::string::npos) {
        target.replace(at, 8, call);
    }
    const Row* row = row_of(route);
    if (row == nullptr || row->body.empty()) {
        return gateway.send(std::string(route.method), target, std::move(headers));
    }
    headers.add("Content-Type", "application/json");
    return gateway.send(std::string(route.method), target, std::move(headers),
                        std::string(row->body));
}

// As the row's request, for an agent that nobody has.
net::HttpResponse place_with_missing_agent(net::Headers headers) {
    Gateway gateway;
    headers.add("Content-Type", "application/json");
    return gateway.send("POST", "/v1/calls", std::move(headers),
                        R"({"agent_id":"agent_ffffffff","to":"+31612345678"})");
}

std::vector<RouteSpec> keyed_routes() {
    Gateway gateway;
    gateway.get("/");
    std::vector<RouteSpec> routes;
    for (const auto& route : gateway.routes) {
        if (route.access != Access::open) {
            routes.push_back(route);
        }
    }
    return routes;
}

bool has_call(const RouteSpec& route) {
    return route.pattern.find("{callId}") != std::string_view::npos;
}

TEST(AccessMatrix, EveryRouteHasItsRowAndEveryRowItsRoute) {
    Gateway gateway;
    gateway.get("/");
    std::set<std::string> seen;
    for (const auto& route : gateway.routes) {
        const Row* row = row_of(route);
        ASSERT_NE(row, nullptr) << "add a row for " << name(route);
        EXPECT_EQ(route.access, row->access) << name(route);
        seen.insert(name(route));
    }
    for (const auto& row : matrix) {
        EXPECT_TRUE(seen.contains(std::string(row.route))) << row.route;
    }
}

TEST(AccessMatrix, TheTableHasTheContractsRoutesAndOnlyTheCarriersIsOpen) {
    Gateway gateway;
    gateway.get("/");
    std::vector<std::string> open;
    for (const auto& route : gateway.routes) {
        if (route.access == Access::open) {
            open.push_back(name(route));
        } else if (route.method != "GET") {
            EXPECT_EQ(route.access, Access::full) << name(route);
        }
    }
    EXPECT_EQ(open, (std::vector<std::string>{"POST /telnyx/webhooks", "GET /v1/openapi.json"}));
    EXPECT_GE(gateway.routes.size(), 7U);
}

TEST(AccessMatrix, KeysThatReachTheCallGetTheirAnswer) {
    for (const auto& route : keyed_routes()) {
        for (const char* call : {"call_00000005", "5"}) {
            const unsigned expected = status_of(route);
            EXPECT_EQ(ask(route, call, {{"X-Api-Key", keys::full}}).status, expected)
                << name(route);
            EXPECT_EQ(ask(route, call, {{"X-Api-Key", keys::org}}).status, expected) << name(route);
            EXPECT_EQ(
                ask(route, call, {{"X-Api-Key", keys::org}, {"X-Project-Id", "proj_00000001"}})
                    .status,
                expected)
                << name(route);
        }
    }
}

TEST(AccessMatrix, ReadKeysMayReadOnly) {
    for (const auto& route : keyed_routes()) {
        const unsigned expected = route.access == Access::full ? 403 : status_of(route);
        EXPECT_EQ(ask(route, "5", {{"X-Api-Key", keys::read}}).status, expected) << name(route);
        EXPECT_EQ(ask(route, "5", {{"X-Api-Key", keys::org_read}}).status, expected) << name(route);
        // A read key does not learn from a write whether the call is there.
        EXPECT_EQ(ask(route, "5", {{"X-Api-Key", keys::read}}).status == 403,
                  ask(route, "999", {{"X-Api-Key", keys::read}}).status == 403)
            << name(route);
    }
}

TEST(AccessMatrix, WhatIsForeignIsMissingByteForByte) {
    const net::Headers strangers[] = {
        {{"X-Api-Key", keys::sibling}},
        {{"X-Api-Key", keys::foreign}},
        {{"X-Api-Key", keys::other_org}},
        {{"X-Api-Key", keys::org}, {"X-Project-Id", "proj_00000002"}},
    };
    for (const auto& route : keyed_routes()) {
        for (const auto& headers : strangers) {
            const auto foreign = ask(route, "call_00000005", headers);
            EXPECT_EQ(foreign.body.find("call_00000005"), std::string::npos) << name(route);
            if (name(route) == "POST /v1/calls") {
                EXPECT_EQ(foreign.status, 400U);
                EXPECT_EQ(foreign.body, place_with_missing_agent(headers).body);
                continue;
            }
            if (!has_call(route)) {
                const bool sums = route.pattern.ends_with("/summary");
                EXPECT_TRUE(foreign.body.starts_with(sums ? R"({"total_calls":0,)"
                                                          : R"({"calls":[],"next_cursor":null})"))
                    << name(route) << foreign.body;
                continue;
            }
            EXPECT_EQ(foreign.status, 404U) << name(route);
            // Missing, malformed, and another object's id all look the same.
            for (const char* other :
                 {"5", "call_00000999", "999", "call_5", "agent_28c51f81", "0", "-5", "05",
                  "99999999999999999999", "call_", "%00", "5%20", "v3:leg-5", "5%2Fstatus"}) {
                const auto missing = ask(route, other, headers);
                EXPECT_EQ(missing.status, foreign.status) << name(route) << other;
                EXPECT_EQ(missing.body, foreign.body) << name(route) << other;
                EXPECT_EQ(missing.headers.size(), foreign.headers.size()) << name(route) << other;
            }
            EXPECT_EQ(
                foreign.body,
                R"({"error":"Call not found","code":"NOT_FOUND","message":"Call not found"})");
        }
    }
}

// A project that a key does not reach is one that does not exist, whatever the route.
TEST(AccessMatrix, AForeignProjectIsMissingByteForByte) {
    for (const auto& route : keyed_routes()) {
        for (const std::string& key : {keys::full, keys::read, keys::org, keys::org_read}) {
            const auto with = [&](const char* project) {
                return ask(route, "5", {{"X-Api-Key", key}, {"X-Project-Id", project}});
            };
            const auto foreign = with("proj_00000003");
            const auto missing = with("proj_00000999");
            EXPECT_EQ(foreign.status, 404U) << name(route);
            EXPECT_EQ(foreign.body, missing.body) << name(route);
            EXPECT_EQ(foreign.headers.size(), missing.headers.size()) << name(route);
            EXPECT_EQ(foreign.body, R"({"error":"Not found","code":"NOT_FOUND","message":"Not )"
                                    R"(found"})");
        }
    }
}

TEST(AccessMatrix, EveryAnswerToAKnownKeyTellsItsLimits) {
    for (const auto& route : keyed_routes()) {
        for (const std::string& key : {keys::full, keys::read, keys::foreign, keys::other_org}) {
            const auto known = ask(route, "5", {{"X-Api-Key", key}});
            EXPECT_NE(header(known, "X-RateLimit-Tier"), "") << name(route) << known.status;
        }
        for (const std::string& key : {keys::revoked, keys::unknown}) {
            EXPECT_EQ(header(ask(route, "5", {{"X-Api-Key", key}}), "X-RateLimit-Tier"), "")
                << name(route);
        }
    }
}

TEST(AccessMatrix, WithoutAGoodKeyNothingIsTold) {
    for (const auto& route : keyed_routes()) {
        for (const char* call : {"5", "999", "rubbish"}) {
            const auto none = ask(route, call, {});
            EXPECT_EQ(none.status, 401U) << name(route);
            EXPECT_NE(none.body.find("MISSING_API_KEY"), std::string::npos) << name(route);
            EXPECT_EQ(header(none, "WWW-Authenticate"), "Bearer");
            const auto revoked = ask(route, call, {{"X-Api-Key", keys::revoked}});
            const auto unknown = ask(route, call, {{"X-Api-Key", keys::unknown}});
            const auto malformed = ask(route, call, {{"X-Api-Key", "x"}});
            EXPECT_EQ(revoked.status, 401U) << name(route);
            EXPECT_NE(revoked.body.find("INVALID_API_KEY"), std::string::npos) << name(route);
            EXPECT_EQ(revoked.body, unknown.body);
            EXPECT_EQ(revoked.body, malformed.body);
        }
    }
}

TEST(AccessMatrix, EveryOtherMethodIs405WithTheRightOnes) {
    for (const auto& route : keyed_routes()) {
        for (const std::string_view method :
             {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
            RouteSpec wrong = route;
            wrong.method = method;
            const auto response = ask(wrong, "5", {{"X-Api-Key", keys::full}});
            EXPECT_EQ(response.status, 405U) << name(wrong);
            EXPECT_NE(header(response, "Allow").find(route.method), std::string::npos)
                << name(wrong);
        }
    }
}

TEST(AccessMatrix, HeadIsAnsweredAsGet) {
    for (const auto& route : keyed_routes()) {
        RouteSpec head = route;
        head.method = "HEAD";
        const auto response = ask(head, "5", {{"X-Api-Key", keys::full}});
        RouteSpec get = route;
        get.method = "GET";
        const unsigned as_get = status_of(get);
        EXPECT_EQ(response.status, as_get != 0 ? as_get : 405U) << name(route);
    }
}

TEST(AccessMatrix, ATrailingSlashIsAnotherPath) {
    for (const auto& route : keyed_routes()) {
        Gateway gateway;
        std::string target(route.pattern);
        if (const auto at = target.find("{callId}"); at != std::string::npos) {
            target.replace(at, 8, "5");
        }
        EXPECT_EQ(gateway.send(std::string(route.method), target + "/", {{"X-Api-Key", keys::full}})
                      .status,
                  404U)
            << name(route);
    }
}

}  // namespace
}  // namespace gw::http
