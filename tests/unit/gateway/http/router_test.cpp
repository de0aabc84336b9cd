// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/router.hpp"

#include "gateway/http/target.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace gw::http {
namespace {

constexpr std::array table{
    RouteSpec{"GET", "/v1/calls", Access::read},
    RouteSpec{"GET", "/v1/calls/{callId}", Access::read},
    RouteSpec{"GET", "/v1/calls/{callId}/status", Access::read},
    RouteSpec{"POST", "/v1/calls/{callId}/end", Access::full},
    RouteSpec{"DELETE", "/v1/calls/{callId}", Access::full},
};

RouteMatch match(std::string_view method, std::string_view path) {
    static const Router router(table);
    return router.match(method, path);
}

TEST(Router, FindsTheRouteAndTheCallId) {
    const auto found = std::get<RouteFound>(match("GET", "/v1/calls/call_00000001/status"));
    EXPECT_EQ(found.index, 2U);
    EXPECT_EQ(found.capture, "call_00000001");
    EXPECT_EQ(std::get<RouteFound>(match("GET", "/v1/calls")).capture, "");
}

TEST(Router, HeadTakesTheRouteOfGet) {
    EXPECT_EQ(std::get<RouteFound>(match("HEAD", "/v1/calls")).index, 0U);
    EXPECT_TRUE(std::holds_alternative<MethodWrong>(match("HEAD", "/v1/calls/1/end")));
}

TEST(Router, OtherPathsAreUnknown) {
    for (const std::string_view path :
         {"", "/", "v1/calls", "/v1/calls/", "/v1//calls", "/v1/calls/1/", "/v1/calls//status",
          "/V1/calls", "/v1/calls/1/end/now", "/v1/calls/1/status/", "/v1/calls/a%2Fstatus/x", "*",
          "//v1/calls"}) {
        EXPECT_TRUE(std::holds_alternative<PathUnknown>(match("GET", path))) << path;
    }
}

TEST(Router, AWrongMethodIsToldTheRightOnes) {
    EXPECT_EQ(std::get<MethodWrong>(match("PUT", "/v1/calls/1")).allow, "GET, HEAD, DELETE");
    EXPECT_EQ(std::get<MethodWrong>(match("GET", "/v1/calls/1/end")).allow, "POST");
    EXPECT_TRUE(std::holds_alternative<MethodWrong>(match("get", "/v1/calls")));
}

TEST(Router, SegmentsAreDecodedAfterCutting) {
    EXPECT_EQ(std::get<RouteFound>(match("GET", "/v1/c%61lls/call%5f1")).capture, "call_1");
    EXPECT_EQ(std::get<RouteFound>(match("GET", "/v1/calls/1%2Fstatus")).capture, "1/status");
}

TEST(Router, WrongEncodingIsMalformed) {
    for (const std::string_view path :
         {"/v1/calls/%", "/v1/calls/%4", "/v1/calls/%zz", "/%g0", "/v1/calls/%%30"}) {
        EXPECT_TRUE(std::holds_alternative<PathMalformed>(match("GET", path))) << path;
    }
}

TEST(Router, TwoRoutesForOneRequestAreABug) {
    constexpr std::array twice{RouteSpec{"GET", "/a", Access::read},
                               RouteSpec{"GET", "/a", Access::full}};
    EXPECT_THROW(Router{twice}, std::logic_error);
}

TEST(Target, SplitsAtTheFirstQuestionMark) {
    EXPECT_EQ(split_target("/a?b=c?d").path, "/a");
    EXPECT_EQ(split_target("/a?b=c?d").query, "b=c?d");
    EXPECT_EQ(split_target("/a").query, "");
}

TEST(Target, ParsesParametersInOrder) {
    const auto query = parse_query("a=1&b=%2B31+6&&c&a=%c3%a9&=x");
    const Query expected{{"a", "1"}, {"b", "+31+6"}, {"c", ""}, {"a", "\xC3\xA9"}, {"", "x"}};
    EXPECT_EQ(query, expected);
}

TEST(Target, RefusesWrongEncodingAndTooManyParameters) {
    EXPECT_FALSE(parse_query("a=%"));
    EXPECT_FALSE(parse_query("%x1=2"));
    std::string many;
    for (std::size_t i = 0; i < query_parameters_max; ++i) {
        many += "a&";
    }
    EXPECT_TRUE(parse_query(many));
    EXPECT_FALSE(parse_query(many + "a"));
}

}  // namespace
}  // namespace gw::http
