// SPDX-License-Identifier: Apache-2.0
// When a transfer's target left is the carrier's to say: its call.hangup, else the answer to a
// question, else the last sign of life. Not when a command of ours found the leg gone.
#include "tests/unit/gateway/domain/life.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace gw {
namespace {

using namespace gw::cases;

const CallControlId target{"v3:leg-b1"};

CarrierStatus gone(std::optional<UtcTime> end_time) {
    return {.view = CarrierView::gone, .end_time = end_time, .detail = {}, .leg = target};
}

CommandResult hangup_came_too_late() {
    CommandResult late = result(CommandKind::hangup_target, CommandOutcome::call_gone);
    late.leg = target;
    return late;
}

// The target talked from 31 s to 40 s, the caller left at 39 s; the gateway was away, and hears of
// it from 130 s on.
std::string record_after(const std::vector<What>& inputs, const std::vector<std::size_t>& order) {
    Life life = transferring();
    life.feed(target_initiated());
    life.at = t0 + seconds{130};
    for (const std::size_t i : order) {
        life.at += milliseconds{10};
        life.feed(inputs[i]);
    }
    life.wait(seconds{40});
    EXPECT_EQ(std::count(life.told.begin(), life.told.end(), "transfer.completed"), 1);
    EXPECT_EQ(std::count(life.told.begin(), life.told.end(), "transfer.failed"), 0);
    EXPECT_EQ(life.told.back(), "call.ended");
    return record_of(life.call);
}

void expect_one_record(const std::vector<What>& inputs) {
    std::vector<std::size_t> order(inputs.size());
    std::iota(order.begin(), order.end(), 0U);
    do {
        std::string arrival;
        for (const std::size_t i : order) {
            arrival += std::to_string(i) + ' ';
        }
        ASSERT_EQ(record_after(inputs, order),
                  "completed transferred transfer 2026-01-15T10:00:02.000000Z "
                  "2026-01-15T10:00:40.000000Z 38 +31850099999 9 157500 0")
            << arrival;
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ApplyTargetEnd, IsTheCarriersThoughAHangupOfOursFoundTheLegGone) {
    const What answer = target_answered();
    const What left = target_hangup(HangupCause::normal_clearing);
    const What own = own_hangup(seconds{39});
    const What late = hangup_came_too_late();
    expect_one_record({own, late, answer, left});
    expect_one_record({own, late, gone(t0 + seconds{40}), answer, left});
    expect_one_record({own, late, gone(std::nullopt), answer, left});
    expect_one_record({own, late, gone(t0 + seconds{40}), answer});  // its call.hangup is lost
}

TEST(ApplyTargetEnd, IsAskedForWhenAHangupOfOursFoundTheLegGone) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(own_hangup(seconds{39}));
    ASSERT_EQ(life.sent(CommandKind::hangup_target), 1U);
    life.feed(hangup_came_too_late());
    EXPECT_EQ(life.asked, std::vector{target});
    EXPECT_FALSE(life.call.transfer->leg_ended_at);
}

TEST(ApplyTargetEnd, ATargetThatIsGoneMayHaveAnsweredBefore) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(gone(t0 + seconds{40}));
    EXPECT_EQ(life.told, std::vector<std::string>{"transfer.initiated"});
    life.feed(target_answered());
    EXPECT_EQ(life.told.back(), "transfer.completed");
    EXPECT_EQ(life.call.transferred_to, "+31850099999");

    life = transferring();
    life.feed(target_initiated());
    life.feed(gone(t0 + seconds{40}));
    life.wait(seconds{1});
    life.feed(target_hangup(HangupCause::user_busy));
    EXPECT_EQ(life.told.back(), "transfer.failed:user_busy") << "its call.hangup says why";

    life = transferring();
    life.feed(target_initiated());
    life.feed(gone(t0 + seconds{40}));
    life.wait(seconds{3});
    EXPECT_EQ(life.told.back(), "transfer.failed:unspecified") << "nothing more came";
}

TEST(ApplyTargetEnd, ACallerWhoWasTakenForGoneIsNotCutOff) {
    const CarrierStatus own_gone{
        .view = CarrierView::gone, .end_time = {}, .detail = {}, .leg = CallControlId{"v3:leg-a"}};
    CarrierStatus own_alive = own_gone;
    own_alive.view = CarrierView::alive;
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(target_answered());
    life.feed(own_gone);
    life.wait(seconds{3});  // it has settled, and the target is alone
    life.feed(own_alive);
    life.wait(seconds{30});
    EXPECT_EQ(life.sent(CommandKind::hangup), 0U) << "they talk";
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 0U);

    life.feed(own_gone);
    life.feed(gone(t0 + seconds{40}));
    life.feed(own_alive);
    life.wait(seconds{11});
    EXPECT_EQ(life.sent(CommandKind::hangup), 1U) << "the caller alone is";
}

}  // namespace
}  // namespace gw
