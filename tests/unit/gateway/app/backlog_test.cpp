// What a customer left behind: read endpoint by endpoint, in order, and in nobody else's way.
#include "tests/unit/gateway/app/deliveries.hpp"

namespace gw::app::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Backlog : public Deliveries {
protected:
    Backlog() {
        options.queued_max = 64;
        options.queued_per_endpoint_max = 32;
        options.page = 8;
    }
    void owe(std::int64_t endpoint, int count) {
        for (int i = 0; i < count; ++i) {
            commit(1, endpoint);
        }
    }
    static std::vector<std::string> events(int first, int last) {
        std::vector<std::string> ids;
        for (int i = first; i <= last; ++i) {
            ids.push_back("whe_" + std::to_string(i));
        }
        return ids;
    }
};

TEST_F(Backlog, OfOneEndpointIsInNobodyElsesWay) {
    sender.customers[url(1)] = Customer::hangs;
    sender.customers[url(2)] = Customer::refuses;
    commit(7, 2);
    for (int call = 1; call <= 200; ++call) {
        commit(call, 1);
    }
    start();
    clock.advance(seconds{40});
    EXPECT_EQ(sent_to(2).size(), 2U) << "the retry is made";
    EXPECT_EQ(sent_to(1).size(), options.in_flight_per_endpoint_max);
    commit_and_hand_over(7, 2);
    clock.advance(milliseconds{100});
    EXPECT_EQ(sent_to(2).size(), 3U) << "and what is fresh";
}

TEST_F(Backlog, OfManyEndpointsLeavesPlaceForEach) {
    directory = Directory(endpoints(20));
    for (int endpoint = 1; endpoint <= 20; ++endpoint) {
        sender.customers[url(endpoint)] = endpoint == 20 ? Customer::accepts : Customer::hangs;
        owe(endpoint, 40);
    }
    start();
    clock.advance(seconds{2});
    for (int endpoint = 1; endpoint <= 19; ++endpoint) {
        EXPECT_EQ(sent_to(endpoint).size(), 1U) << endpoint;
    }
    EXPECT_EQ(sent_to(20).size(), 40U);
}

TEST_F(Backlog, LongerThanTheMemoryIsSentInOrderAndTheFreshOnesAfterIt) {
    owe(1, 300);
    start();
    for (int i = 301; i <= 320; ++i) {
        commit_and_hand_over(1, 1);
        clock.advance(milliseconds{3});
    }
    clock.advance(seconds{5});
    EXPECT_EQ(sent_to(1), events(1, 320));
    EXPECT_TRUE(nothing_is_owed());
}

TEST_F(Backlog, OfAnEndpointLeavesTheFreshEventsOfOthersOnTheShortWay) {
    sender.customers[url(1)] = Customer::hangs;
    owe(1, 200);
    start();
    outbox.rows_read = 0;
    commit_and_hand_over(2, 2);
    EXPECT_EQ(sent_to(2).size(), 1U);
    EXPECT_EQ(outbox.rows_read, 0U);
}

TEST_F(Backlog, IsNotReadAgainWhileThereIsNoPlaceForIt) {
    sender.customers[url(1)] = Customer::hangs;
    for (int call = 1; call <= 100; ++call) {
        commit(call, 1);
    }
    start();
    clock.advance(seconds{2});
    outbox.rows_read = 0;
    clock.advance(seconds{60});
    EXPECT_EQ(outbox.rows_read, 0U);
}

TEST_F(Backlog, IsReadOnceWhenItIsTaken) {
    owe(1, 300);
    start();
    clock.advance(seconds{5});
    EXPECT_TRUE(nothing_is_owed());
    EXPECT_LE(outbox.rows_read, 310U);
}

TEST_F(Backlog, ThatGrowsInMemoryIsReadOnFromTheOutbox) {
    start();
    sender.customers[url(1)] = Customer::hangs;
    for (int i = 0; i < 100; ++i) {
        commit_and_hand_over(i, 1);
    }
    EXPECT_EQ(dispatcher->queued(), options.queued_per_endpoint_max);
    sender.customers[url(1)] = Customer::accepts;
    clock.advance(hours{24} + seconds{60});
    EXPECT_TRUE(nothing_is_owed());
    EXPECT_THAT(sent_to(1), ::testing::SizeIs(::testing::Ge(100U)));
}

TEST_F(Backlog, IsFlushedWhole) {
    owe(1, 300);
    start();
    sender.sent.clear();
    bool done = false;
    const MonoTime before = clock.mono();
    boost::asio::co_spawn(io, dispatcher->flush(before + seconds{60}),
                          [&](std::exception_ptr) { done = true; });
    for (int i = 0; i < 6'000 && !done; ++i) {
        clock.advance(milliseconds{10});
    }
    EXPECT_TRUE(done);
    EXPECT_LT(clock.mono() - before, seconds{10});
    EXPECT_TRUE(nothing_is_owed());
}

TEST_F(Backlog, AfterADoubtWhatIsFreshFollowsWhatOnlyTheOutboxKnows) {
    start();
    commit(1, 1);  // made and reported as failed: nobody hands it over
    dispatcher->doubt();
    commit_and_hand_over(1, 1);
    clock.advance(milliseconds{500});
    EXPECT_THAT(sent_to(1), ElementsAre("whe_1", "whe_2"));
    commit_and_hand_over(1, 1);
    EXPECT_THAT(sent_to(1), ElementsAre("whe_1", "whe_2", "whe_3"));
}

}  // namespace
}  // namespace gw::app::testing
