// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/http_types.hpp"

#include <gtest/gtest.h>

namespace gw::net {
namespace {

TEST(Headers, FindIgnoresCaseAndGivesTheFirst) {
    const Headers headers{{"X-A", "1"}, {"x-a", "2"}, {"B", "3"}};
    EXPECT_EQ(headers.find("x-A"), "1");
    EXPECT_EQ(headers.count("X-a"), 2U);
    EXPECT_EQ(headers.find("x-ab"), std::nullopt);
    EXPECT_EQ(headers.count("c"), 0U);
}

TEST(Headers, SetReplacesEveryFieldOfTheNameInPlace) {
    Headers headers{{"a", "1"}, {"B", "2"}, {"A", "3"}};
    headers.set("A", "9");
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers.begin()->value, "9");
    headers.set("C", "4");
    EXPECT_EQ(headers.find("c"), "4");
}

}  // namespace
}  // namespace gw::net
