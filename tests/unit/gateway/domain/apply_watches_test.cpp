// SPDX-License-Identifier: Apache-2.0
// When a wait runs out, or two things happen at once: the carrier is asked before anything is taken
// for over, and whoever comes too late has ended nothing.
#include "tests/unit/gateway/domain/life.hpp"

#include <gtest/gtest.h>

namespace gw {
namespace {

using namespace gw::cases;

const CallControlId leg_a{"v3:leg-a"};
const CallControlId leg_b{"v3:leg-b1"};

CarrierStatus status(CarrierView view, const CallControlId& leg = {}) {
    return {.view = view, .end_time = {}, .detail = {}, .leg = leg};
}

Life ringing_target() {
    Life life = transferring();
    life.feed(target_initiated());
    return life;
}

TEST(ApplyWatches, ATransferWhoseEventsAreLateIsNotCut) {
    Life life = ringing_target();
    life.at = t0 + seconds{70};  // the process was away
    life.feed(Restarted{});
    life.feed(TimerFired{TimerKind::transfer});
    EXPECT_EQ(life.told, std::vector<std::string>{"transfer.initiated"});
    life.feed(target_answered());
    EXPECT_EQ(life.told.back(), "transfer.completed");
    EXPECT_EQ(life.call.transfer->answered_at, t0 + seconds{31});
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 0U);
}

TEST(ApplyWatches, ATargetThatOutlivesItsRingingWasAnswered) {
    Life life = ringing_target();
    life.wait(seconds{41});
    EXPECT_EQ(life.asked, std::vector{leg_b});
    life.feed(status(CarrierView::alive, leg_b));
    EXPECT_EQ(life.told.size(), 1U) << "its call.answered may still come";
    life.wait(seconds{15});
    life.feed(status(CarrierView::alive, leg_b));
    EXPECT_EQ(life.told.back(), "transfer.completed");
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 0U);
    const UtcTime inferred = life.at;
    EXPECT_EQ(life.call.transfer->answered_at, inferred);
    life.feed(target_answered());
    EXPECT_EQ(life.call.transfer->answered_at, t0 + seconds{31}) << "the carrier's word";
    EXPECT_EQ(life.told.size(), 2U);
}

TEST(ApplyWatches, ATargetOfWhichTheCarrierSaysNothingIsAskedForAgain) {
    Life life = ringing_target();
    life.wait(seconds{41});
    life.feed(status(CarrierView::unknown, leg_b));
    life.wait(seconds{60});
    EXPECT_EQ(life.told.size(), 1U);
    EXPECT_GE(life.asked.size(), 4U);
}

TEST(ApplyWatches, AnAnswerForACallThatIsGoneAsksTheCarrierInsteadOfAnsweringOn) {
    Life life;
    life.call = ringing();
    life.at = t0 + seconds{1};
    life.feed(result(CommandKind::answer, CommandOutcome::call_gone));
    EXPECT_EQ(life.asked, std::vector{leg_a});
    life.feed(status(CarrierView::gone, leg_a));
    life.wait(seconds{3});
    EXPECT_EQ(life.call.closed_by, ClosedBy::reconciler);
    EXPECT_EQ(life.sent(CommandKind::answer), 0U);
}

TEST(ApplyWatches, WhoAsksForTheEndAfterTheCallerHasLeftEndedNothing) {
    Life start = talking();
    start.feed(gather_of());
    start.feed(own_hangup(seconds{25}));
    ASSERT_FALSE(start.call.is_final()) << "the digits may still come";
    Life life = start;
    const Transition asked =
        apply(life.call, Input{.at = life.at, .what = EndRequested{.request_id = "r"}});
    EXPECT_EQ(asked.refusal, RequestRefusal::not_in_progress);
    life.call.timers.max_duration = life.at;
    life.feed(TimerFired{TimerKind::max_duration});
    life.call.timers.silence = life.at;
    life.feed(TimerFired{TimerKind::silence});
    EXPECT_EQ(life.sent(CommandKind::hangup), 0U);
    life.wait(seconds{3});
    EXPECT_EQ(life.call.ended_reason, EndedReason::caller_hangup);
}

TEST(ApplyWatches, AnEndThatWasAskedForIsAskedForAgainWhileTheCarrierSaysNothing) {
    Life life = talking();
    life.feed(EndRequested{"r"});
    life.feed(result(CommandKind::hangup, CommandOutcome::unknown));
    life.feed(status(CarrierView::unknown));
    EXPECT_EQ(life.sent(CommandKind::hangup), 2U);
}

TEST(ApplyWatches, ATargetThatAnsweredBeforeTheEndWasAskedForIsTransferred) {
    Life life = ringing_target();
    life.at = t0 + seconds{40};
    life.feed(EndRequested{"r"});
    life.feed(target_answered());  // at 31 s
    EXPECT_EQ(life.told.back(), "transfer.completed");
    EXPECT_EQ(life.call.disposition, Disposition::transferred);
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 2U) << "it is not left alone";
    life.feed(target_hangup(HangupCause::normal_clearing, seconds{41}));
    life.feed(own_hangup(seconds{41}));
    EXPECT_EQ(life.call.ended_reason, EndedReason::api);

    Life late = ringing_target();
    late.at = t0 + seconds{25};
    late.feed(EndRequested{"r"});
    late.feed(target_answered());
    EXPECT_EQ(late.call.disposition, Disposition::answered) << "it answered after the end";
}

TEST(ApplyWatches, ALateEventOfTheFirstTargetIsNotTheSecondTransfers) {
    Life life = ringing_target();
    life.feed(status(CarrierView::gone, leg_b));
    life.wait(seconds{3});
    ASSERT_EQ(life.call.transfer->phase, TransferPhase::failed);
    life.feed(transfer_to("+31850099998"));
    CarrierEvent stray = target_hangup(HangupCause::originator_cancel);
    stray.tag = {};  // Telnyx leaves the client_state out of some hangups
    EXPECT_FALSE(is_related(life.call, stray));
    life.feed(stray);
    EXPECT_EQ(life.call.transfer->phase, TransferPhase::asked);
    CarrierEvent second = on_target(answered(), 2);
    second.occurred_at = t0 + seconds{50};
    life.feed(second);
    EXPECT_EQ(life.call.transferred_to, "+31850099998");
}

TEST(ApplyWatches, AStrayThatEndsDoesNotEndTheTransferItWasTakenFor) {
    Life life = transferring();
    CarrierEvent stray = on_target(hangup(HangupCause::normal_clearing, HangupSource::callee), 9);
    stray.tag = {};
    life.feed(stray);  // its end may have been overtaken by an answer: it settles
    life.feed(target_initiated());
    life.wait(seconds{5});
    EXPECT_EQ(life.call.transfer->phase, TransferPhase::accepted);
    life.feed(target_answered());
    EXPECT_EQ(life.told.back(), "transfer.completed");
}

TEST(ApplyWatches, BothLegsOfATransferAreAskedFor) {
    Life life = ringing_target();
    life.feed(target_answered());
    life.asked.clear();
    life.feed(Restarted{});
    EXPECT_EQ(life.asked, (std::vector{leg_a, leg_b}));
    life.feed(own_hangup(seconds{40}));
    life.asked.clear();
    life.feed(Restarted{});
    EXPECT_EQ(life.asked, std::vector{leg_b});
}

TEST(ApplyWatches, OurClientStateSaysMoreThanASession) {
    Life life = transferring();
    CarrierEvent stray = on_target(other(), 9);
    stray.tag = {};
    life.feed(stray);  // of the session, and the only leg it could be
    ASSERT_EQ(life.call.transfer->leg, CallControlId{"v3:leg-b9"});
    life.feed(target_answered());
    EXPECT_EQ(life.call.transfer->leg, leg_b);
    EXPECT_EQ(life.call.disposition, Disposition::transferred);
}

TEST(ApplyWatches, AnAnsweredTransferThrowsNoDigitsAway) {
    Life life = ringing_target();
    life.feed(gather_of());
    life.feed(target_answered());
    life.feed(gather_ended("12", true, seconds{30}));
    EXPECT_EQ(life.told.back(), "call.gather.completed:12");
}

TEST(ApplyWatches, ATransferOfACallThatWePlacedShowsOurNumber) {
    Life life;
    life.at = t0;
    life.take(begin_outbound_call(new_outbound(), t0));
    life.feed(answered());
    life.feed(transfer_to());
    EXPECT_EQ(std::get<TransferOrder>(life.commands.back().order).from, "+31850012345");
    life = transferring();
    EXPECT_EQ(std::get<TransferOrder>(life.commands.back().order).from, "");
}

TEST(ApplyWatches, ACallThatAnswersAfterItWasTakenForGoneIsAskedForAgain) {
    Life life;
    life.call = ringing();
    life.at = t0 + seconds{3};
    life.feed(status(CarrierView::gone, leg_a));
    life.feed(answered());
    life.wait(seconds{5});
    EXPECT_EQ(life.call.status, CallStatus::in_progress);
    EXPECT_FALSE(life.asked.empty());
}

TEST(ApplyWatches, ACallThatWePlacedLastsAsLongAsTheCarriersClockSays) {
    Life life;
    life.at = t0 + std::chrono::hours{24 * 300};  // of ours; the carrier's differs by a lot
    life.take(begin_outbound_call(new_outbound(), life.at));
    life.feed(answered());
    life.feed(hangup(HangupCause::normal_clearing, HangupSource::callee, seconds{129}));
    EXPECT_EQ(life.call.started_at, t0 + seconds{2});
    EXPECT_EQ(life.call.duration_seconds, 127);
}

TEST(ApplyWatches, AClockOfAnotherAgeIsNotBilled) {
    Call call = ringing();
    CarrierEvent early = answered();
    early.occurred_at = UtcTime{};
    call = after(call, early, t0 + seconds{2});
    call = after(call, own_hangup(seconds{60}), t0 + seconds{60});
    EXPECT_LE(call.duration_seconds, 24 * 3600 + 60);
    CarrierEvent ahead = initiated();
    ahead.occurred_at = t0 + std::chrono::hours{24 * 30};
    EXPECT_EQ(begin_call(new_call(), ahead, t0).call.created_at, t0);
}

}  // namespace
}  // namespace gw
