// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/schedule.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

TEST(Schedule, StopsWhereItIsAfterSoManyActionsAndGoesOnThere) {
    const UtcTime start = utc_from_micros(0);
    Schedule schedule{start};
    int done = 0;
    for (int i = 1; i <= 5; ++i) {
        schedule.after(milliseconds{i}, [&] { ++done; });
    }
    schedule.advance_to(start + milliseconds{10}, 3);
    EXPECT_EQ(done, 3);
    EXPECT_EQ(schedule.now(), start + milliseconds{3});
    EXPECT_EQ(schedule.next(), start + milliseconds{4});
    schedule.advance_to(start + milliseconds{10}, 2);
    EXPECT_EQ(done, 5);
    EXPECT_EQ(schedule.now(), start + milliseconds{10});
}

}  // namespace
}  // namespace gw::simulator
