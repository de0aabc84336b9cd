// Attempts that failed: when the next one is made, and what is kept until then.
#include "tests/unit/gateway/app/deliveries.hpp"

namespace gw::app::testing {
namespace {

using Retries = Deliveries;

TEST_F(Retries, AreKeptByTheOutboxAloneUntilTheyAreNear) {
    sender.customers[url(1)] = Customer::refuses;
    start();
    for (int i = 0; i < 200; ++i) {
        commit_and_hand_over(i, 1);
        clock.advance(milliseconds{1});
    }
    clock.advance(milliseconds{100});
    EXPECT_EQ(sent_to(1).size(), 200U);
    EXPECT_EQ(dispatcher->retries_noted(), 0U);
    clock.advance(seconds{31});
    EXPECT_EQ(sent_to(1).size(), 400U);
}

TEST_F(Retries, AreMadeOnTimeAllTheSame) {
    options.retry_schedule = {seconds{30}, seconds{1}};
    sender.customers[url(1)] = Customer::refuses;
    start();
    clock.advance(milliseconds{300});
    commit_and_hand_over(1, 1);
    clock.advance(seconds{40});
    ASSERT_EQ(sender.sent.size(), 3U);
    const auto first = sender.sent[1].at - sender.sent[0].at;
    const auto second = sender.sent[2].at - sender.sent[1].at;
    EXPECT_GE(first, seconds{30});
    EXPECT_LE(first, milliseconds{30'010});
    EXPECT_GE(second, seconds{1});
    EXPECT_LE(second, milliseconds{1'010});
}

}  // namespace
}  // namespace gw::app::testing
