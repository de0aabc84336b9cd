// SPDX-License-Identifier: Apache-2.0
#include "gateway/app/timeline_feed.hpp"

#include "tests/fakes/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <exception>

namespace gw::app {
namespace {

class FeedTest : public ::testing::Test {
protected:
    using Place = std::unique_ptr<TimelineFeed::Subscription>;
    Place subscribe(std::int64_t org, std::int64_t call) {
        auto made = feed_.subscribe(OrgId(org), CallId(call));
        auto* place = std::get_if<Place>(&made);
        return place == nullptr ? nullptr : std::move(*place);
    }
    boost::asio::awaitable<void> wait_once(TimelineFeed::Subscription& place, int& woken) {
        co_await place.wait(MonoTime::max());
        ++woken;
    }
    void wait(const Place& place, int& woken) {
        boost::asio::co_spawn(io_, wait_once(*place, woken), [](std::exception_ptr) {});
        clock_.settle();
    }

    boost::asio::io_context io_;
    fakes::ManualClock clock_{io_};
    TimelineFeed feed_{io_.get_executor(), clock_, {.streams_max = 4, .streams_per_org_max = 3}};
};

TEST_F(FeedTest, ACommitWakesEveryoneWhoWaitsForItsCallAndNobodyElse) {
    const Place a = subscribe(1, 7);
    const Place b = subscribe(2, 7);
    const Place other = subscribe(1, 8);
    int woken = 0;
    int woken_other = 0;
    wait(a, woken);
    wait(b, woken);
    wait(other, woken_other);
    feed_.publish(CallId(7));
    clock_.settle();
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(woken_other, 0);
    feed_.publish(CallId(8));
    clock_.settle();
    EXPECT_EQ(woken_other, 1);
}

TEST_F(FeedTest, ACommitBeforeTheWaitIsNotLost) {
    const Place place = subscribe(1, 7);
    feed_.publish(CallId(7));
    int woken = 0;
    wait(place, woken);
    EXPECT_EQ(woken, 1);
}

TEST_F(FeedTest, PlacesAreBoundedPerOrganisationAndInAllAndComeBack) {
    std::vector<Place> places;
    for (int i = 0; i < 3; ++i) {
        places.push_back(subscribe(1, 7));
        ASSERT_NE(places.back(), nullptr);
    }
    EXPECT_EQ(std::get<TimelineFeed::Full>(feed_.subscribe(OrgId(1), CallId(9))),
              TimelineFeed::Full::org);
    places.push_back(subscribe(2, 7));
    ASSERT_NE(places.back(), nullptr);
    EXPECT_EQ(std::get<TimelineFeed::Full>(feed_.subscribe(OrgId(3), CallId(9))),
              TimelineFeed::Full::all);
    EXPECT_EQ(feed_.streams(), 4U);
    places.erase(places.begin());
    EXPECT_NE(subscribe(1, 9), nullptr);
    places.clear();
    EXPECT_EQ(feed_.streams(), 0U);
    feed_.publish(CallId(7));  // nobody is there
}

}  // namespace
}  // namespace gw::app
