// SPDX-License-Identifier: Apache-2.0
// Counting requests of an organisation and failures of an address.
#include "gateway/app/failed_authentications.hpp"
#include "gateway/app/rate_limits.hpp"
#include "tests/fakes/instant_clock.hpp"

#include <gtest/gtest.h>

namespace gw::app {
namespace {

using ports::Tier;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(RateLimits, TheMinuteBeginsWithItsFirstRequest) {
    fakes::InstantClock clock;
    RateLimits limits(clock);
    const auto first = limits.count(OrgId(1), Tier::payg);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->remaining, 299U);
    EXPECT_EQ(first->reset, clock.utc_now + seconds(60));
    clock.advance(std::chrono::milliseconds(59'999));
    const auto last = limits.count(OrgId(1), Tier::payg);
    EXPECT_EQ(last->remaining, 298U);
    EXPECT_EQ(last->reset, first->reset);
    clock.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(limits.count(OrgId(1), Tier::payg)->remaining, 299U);
}

TEST(FailuresEarly, AMachineThatHasJustStartedIsNoException) {
    for (const int minute : {0, 1, 13, 15, 16}) {
        FailedAuthentications failures;
        const MonoTime now = MonoTime{} + minutes(minute);
        for (std::uint32_t i = 0; i < FailedAuthentications::failures_max; ++i) {
            ASSERT_FALSE(failures.count("192.0.2.1", now)) << minute;
        }
        const auto wait = failures.count("192.0.2.1", now);
        ASSERT_TRUE(wait) << minute;
        EXPECT_GT(*wait, seconds(0));
        EXPECT_LE(*wait, minutes(16));
    }
}

TEST(RateLimits, AStepOfTheWallClockMovesNothing) {
    fakes::InstantClock clock;
    RateLimits limits(clock);
    for (int i = 0; i < 300; ++i) {
        EXPECT_FALSE(limits.count(OrgId(1), Tier::payg)->retry_after);
    }
    clock.utc_now += std::chrono::hours(1);
    EXPECT_EQ(limits.count(OrgId(1), Tier::payg)->retry_after, seconds(60));
}

TEST(RateLimits, AChangedTierCountsAtOnce) {
    fakes::InstantClock clock;
    RateLimits limits(clock);
    for (int i = 0; i < 400; ++i) {
        limits.count(OrgId(1), Tier::starter);
    }
    EXPECT_EQ(limits.count(OrgId(1), Tier::starter)->remaining, 199U);
    EXPECT_TRUE(limits.count(OrgId(1), Tier::payg)->retry_after);
    EXPECT_EQ(limits.count(OrgId(1), Tier::growth)->remaining, 798U);
    EXPECT_FALSE(limits.count(OrgId(1), Tier::enterprise));
}

TEST(RateLimits, KeepNoEndedMinutes) {
    fakes::InstantClock clock;
    RateLimits limits(clock);
    for (std::int64_t org = 1; org <= 500; ++org) {
        limits.count(OrgId(org), Tier::payg);
    }
    EXPECT_EQ(limits.size(), 500U);
    clock.advance(seconds(60));
    limits.count(OrgId(1000), Tier::payg);
    EXPECT_EQ(limits.size(), 1U);
}

class Failures : public ::testing::Test {
protected:
    std::optional<seconds> fail(std::string_view address) { return failed.count(address, now); }
    int until_refused(std::string_view address) {
        int count = 0;
        while (!fail(address)) {
            ++count;
        }
        return count;
    }
    MonoTime now{minutes(1000)};
    FailedAuthentications failed{100};
};

TEST_F(Failures, AHundredAreTakenThenNoneUntilTheWindowHasPassed) {
    EXPECT_EQ(until_refused("192.0.2.1"), 100);
    EXPECT_EQ(fail("192.0.2.1"), minutes(16));
    EXPECT_FALSE(fail("192.0.2.2"));
    now += minutes(15);
    EXPECT_EQ(fail("192.0.2.1"), minutes(1));
    now += seconds(59);
    EXPECT_EQ(fail("192.0.2.1"), seconds(1));
    now += seconds(1);
    EXPECT_EQ(until_refused("192.0.2.1"), 100);
}

TEST_F(Failures, TheWindowSlides) {
    for (int i = 0; i < 60; ++i) {
        fail("192.0.2.1");
    }
    now += minutes(10);
    EXPECT_EQ(until_refused("192.0.2.1"), 40);
    EXPECT_EQ(fail("192.0.2.1"), minutes(6));
    now += minutes(6);
    EXPECT_EQ(until_refused("192.0.2.1"), 60);
    now += minutes(10);
    EXPECT_EQ(until_refused("192.0.2.1"), 40);
}

// However they are spread, no 15 minutes see more than 100.
TEST_F(Failures, NoFifteenMinutesSeeMoreThanTheLimit) {
    std::vector<MonoTime> taken;
    for (int step = 0; step < 20'000; ++step) {
        now += seconds(step % 7);
        if (!fail("192.0.2.1")) {
            taken.push_back(now);
        }
    }
    ASSERT_GT(taken.size(), 500U);
    for (std::size_t i = 100; i < taken.size(); ++i) {
        EXPECT_GT(taken[i] - taken[i - 100], minutes(15)) << i;
    }
}

TEST_F(Failures, AnAddressIsOneHoweverItIsWritten) {
    EXPECT_EQ(until_refused("2001:db8:0:1::1"), 100);
    EXPECT_TRUE(fail("2001:db8:0:1:ffff:ffff:ffff:ffff"));
    EXPECT_TRUE(fail("2001:0db8::1:0:0:0:9"));
    EXPECT_FALSE(fail("2001:db8:0:2::1"));
    EXPECT_EQ(until_refused("192.0.2.1"), 100);
    EXPECT_TRUE(fail("::ffff:192.0.2.1"));
    EXPECT_FALSE(fail("::ffff:192.0.2.2"));
    EXPECT_EQ(until_refused("no address"), 100);
    EXPECT_TRUE(fail(""));
}

TEST_F(Failures, TheTableIsBoundedAndQuietAddressesGoFirst) {
    EXPECT_EQ(until_refused("192.0.2.1"), 100);
    now += minutes(10);
    for (int i = 0; i < 90; ++i) {
        fail("198.51.100." + std::to_string(i));
    }
    now += minutes(10);
    EXPECT_EQ(until_refused("192.0.2.1"), 100);  // its time had passed
    for (int i = 0; i < 9; ++i) {
        fail("203.0.113." + std::to_string(i));
    }
    EXPECT_EQ(failed.size(), 100U);
    now += minutes(10);
    fail("203.0.113.99");
    EXPECT_EQ(failed.size(), 11U);  // the 90 had been quiet
    for (int i = 0; i < 5000; ++i) {
        fail("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    }
    EXPECT_EQ(failed.size(), 100U);
}

}  // namespace
}  // namespace gw::app
