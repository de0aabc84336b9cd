// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/json_text.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonText, TakesWhatIsAtMostAsDeepAsItsBound) {
    EXPECT_TRUE(parse_json(nested(json_depth_max)));
    EXPECT_FALSE(parse_json(nested(json_depth_max + 1)));
    EXPECT_FALSE(parse_json(nested(100'000)));
    EXPECT_FALSE(parse_json(std::string(100'000, '[')));
    EXPECT_FALSE(parse_json(""));
    EXPECT_EQ(json_fault(nested(65)), "is JSON deeper than 64 levels");
    EXPECT_EQ(json_fault("{"), "is not JSON");
}

TEST(JsonText, CountsNoBracketsInStrings) {
    EXPECT_EQ(json_depth(R"({"a":["[[[[{{{{", "\"[[[", "\\"]})"), 2U);
    EXPECT_EQ(json_depth("1"), 0U);
    EXPECT_EQ(json_depth("[{}][[]]"), 2U);
    EXPECT_EQ(json_depth("]]]["), 1U);
}

}  // namespace
}  // namespace gw::simulator
