// SPDX-License-Identifier: Apache-2.0
#include "gateway/domain/boxed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace gw {
namespace {

using Box = Boxed<std::string>;

const std::string& inside(const std::string& text) {
    return text;
}

TEST(Boxed, ACopyIsACopyOfTheValue) {
    Box first(std::string("a"));
    Box second = first;
    *second += "b";
    EXPECT_EQ(*first, "a");
    first = second;
    EXPECT_EQ(*first, "ab");
    Box& itself = first;
    first = itself;
    EXPECT_EQ(*first, "ab");
}

TEST(Boxed, MovingMovesAPointer) {
    Box first(std::string("a"));
    const std::string* at = &*first;
    Box second = std::move(first);
    EXPECT_EQ(&*second, at);
    first = Box(std::string("c"));  // one that was moved from may be assigned
    EXPECT_EQ(*first, "c");
    first = second;
    EXPECT_EQ(first->size(), 1U);
}

TEST(Boxed, StandsForItsValueAsLongAsItLives) {
    const Box box(std::string("a"));
    EXPECT_EQ(&inside(box), &*box);
    static_assert(std::is_convertible_v<const Box&, const std::string&>);
    static_assert(!std::is_convertible_v<Box, const std::string&>, "it would dangle");
    EXPECT_EQ(*Box(), "");
}

}  // namespace
}  // namespace gw
