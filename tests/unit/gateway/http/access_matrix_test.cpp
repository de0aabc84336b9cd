// SPDX-License-Identifier: Apache-2.0
// Every route of the public table × every kind of key: what is not yours does not exist, byte for
// byte. A new row is in here by itself.
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

using testing::Gateway;
using testing::header;
namespace keys = testing::keys;

// A fresh gateway for each request, so that a call ended by one cell is not ended for the next.
net::HttpResponse ask(const RouteSpec& route, std::string_view call, net::Headers headers) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    std::string target(route.pattern);
    if (const auto at = target.find("{callId}"); at != std::string::npos) {
        target.replace(at, 8, call);
    }
    return gateway.send(std::string(route.method), target, std::move(headers));
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

std::string name(const RouteSpec& route) {
    return std::string(route.method) + " " + std::string(route.pattern);
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
            EXPECT_EQ(ask(route, call, {{"X-Api-Key", keys::full}}).status, 200U) << name(route);
            EXPECT_EQ(ask(route, call, {{"X-Api-Key", keys::org}}).status, 200U) << name(route);
            EXPECT_EQ(
                ask(route, call, {{"X-Api-Key", keys::org}, {"X-Project-Id", "proj_00000001"}})
                    .status,
                200U)
                << name(route);
        }
    }
}

TEST(AccessMatrix, ReadKeysMayReadOnly) {
    for (const auto& route : keyed_routes()) {
        const unsigned expected = route.access == Access::full ? 403 : 200;
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
        EXPECT_EQ(response.status, route.method == "GET" ? 200U : 405U) << name(route);
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
