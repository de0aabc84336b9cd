// How carrier events become calls: in order, out of order, twice, unknown, refused, and while the
// store fails.
#include "tests/unit/gateway/app/rig.hpp"

namespace gw::app::testing {
namespace {

using ::testing::Test;

class IntakeOf : public Rig {};
class SmallOrg : public Rig {
protected:
    SmallOrg() : Rig(ports::Tier::payg) {}
};

TEST_F(IntakeOf, AnEventThatOvertookItsCallIsKeptAndAppliedWhenTheCallAppears) {
    CarrierEvent first = initiated();
    clock.advance(milliseconds{500});
    EXPECT_EQ(take(answered()).value(), Intake::parked);
    EXPECT_EQ(take(first).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).parked()).value().empty());
    EXPECT_TRUE(world.executed().empty()) << "an answered call is not answered again";
}

TEST_F(IntakeOf, ParkedEventsSurviveARestart) {
    CarrierEvent first = initiated();
    EXPECT_EQ(take(answered()).value(), Intake::parked);
    restart();
    EXPECT_EQ(take(first).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
}

TEST_F(IntakeOf, AfterThirtySecondsACallIsMadeFromWhatTheParkedEventsSay) {
    const UtcTime answered_at = clock.utc();
    EXPECT_EQ(take(answered()).value(), Intake::parked);
    clock.advance(seconds{29});
    EXPECT_FALSE(wait(static_cast<ports::CallStore&>(store).load(CallId{1})).value());
    clock.advance(seconds{2});
    EXPECT_EQ(call().started_at, answered_at);
    EXPECT_EQ(call().agent_id, AgentId{7});
    clock.advance(seconds{5});
    EXPECT_EQ(call().status, CallStatus::failed)
        << "the carrier does not know the leg: closed by the reconciler";
    EXPECT_EQ(call().closed_by, ClosedBy::reconciler);
    EXPECT_EQ(told(), (std::vector<std::string>{"call.ringing", "call.started", "call.ended"}));
}

TEST_F(IntakeOf, AWholeLifeWithoutItsBeginningIsStillOnRecord) {
    take(answered()).value();
    clock.advance(seconds{10});
    take(hangup()).value();
    clock.advance(seconds{31});
    EXPECT_EQ(call().status, CallStatus::completed);
    EXPECT_EQ(call().ended_reason, EndedReason::caller_hangup);
    EXPECT_EQ(call().duration_seconds, 10);
}

TEST_F(IntakeOf, ParkedEventsThatNameNobodyAreDiscarded) {
    CarrierEvent stray = event(CarrierEventType::other, "streaming.stopped");
    stray.from.clear();
    stray.to.clear();
    EXPECT_EQ(take(stray).value(), Intake::parked);
    clock.advance(seconds{31});
    EXPECT_FALSE(wait(static_cast<ports::CallStore&>(store).load(CallId{1})).value());
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).parked()).value().empty());
}

TEST_F(IntakeOf, ALateInitiatedAnswersTheCallThatWasMadeWithoutIt) {
    world.ring("1");  // a leg the carrier knows, whose call.initiated is delayed
    clock.advance(milliseconds{50});
    const CarrierEvent first = world.due().front().event;
    take(event(CarrierEventType::dtmf, "call.dtmf.received")).value();
    clock.advance(seconds{30});
    ASSERT_EQ(call().status, CallStatus::ringing);
    EXPECT_EQ(take(first).value(), Intake::taken);
    EXPECT_TRUE(call().answer_issued_at);
    EXPECT_EQ(call().created_at, first.occurred_at);
}

TEST_F(IntakeOf, AnEventOfAnotherConnectionOrOfNoLegIsIgnored) {
    CarrierEvent foreign = initiated();
    foreign.connection_id = "2";
    EXPECT_EQ(take(foreign).value(), Intake::ignored);
    CarrierEvent legless = event(CarrierEventType::other, "conference.created", "");
    EXPECT_EQ(take(legless).value(), Intake::ignored);
    EXPECT_FALSE(wait(static_cast<ports::CallStore&>(store).load(CallId{1})).value());
}

TEST_F(IntakeOf, AnEventThatNamesNoConnectionIsOurs) {
    take(initiated()).value();
    CarrierEvent silent = answered();
    silent.connection_id.clear();
    EXPECT_EQ(take(silent).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
}

TEST_F(IntakeOf, ADuplicateIsSeenAndCountedHoweverLateItComes) {
    CarrierEvent first = initiated();
    take(first).value();
    EXPECT_EQ(take(first).value(), Intake::duplicate);
    CarrierEvent last = hangup();
    last.hangup_cause = HangupCause::originator_cancel;
    take(last).value();
    clock.advance(seconds{60});
    restart();  // the call is in the store only
    EXPECT_EQ(take(last).value(), Intake::duplicate);
    EXPECT_EQ(take(first).value(), Intake::duplicate);
    const auto rows =
        wait(static_cast<ports::CallStore&>(store).timeline(CallId{1}, 0, 100)).value();
    EXPECT_EQ(rows.front().repeats, 2U);
    EXPECT_EQ(told().size(), 2U) << "one call.ringing, one call.failed";
}

TEST_F(IntakeOf, AnUnknownNumberIsRejectedOnRecord) {
    CarrierEvent unknown = initiated();
    unknown.to = "+31850099999";
    take(unknown).value();
    EXPECT_EQ(call().status, CallStatus::rejected);
    EXPECT_EQ(call().refusal, Refusal::no_agent);
    EXPECT_EQ(call().project_id, ProjectId{1}) << "the only project there is sees it";
    EXPECT_TRUE(told().empty());
}

TEST_F(IntakeOf, WhileDrainingNewCallsAreRefusedAndLiveOnesGoOn) {
    ring("1");
    process->registry.set_draining(true);
    ring("2");
    EXPECT_EQ(call(2).refusal, Refusal::draining);
    EXPECT_FALSE(call(1).is_final());
    EXPECT_EQ(process->registry.live_count(), 1U);
}

TEST_F(SmallOrg, TheEleventhCallAtOnceIsOverCapacityAndAFreedPlaceIsFreeAtOnce) {
    for (int i = 1; i <= 10; ++i) {
        take(initiated("v3:" + std::to_string(i))).value();
    }
    take(initiated("v3:11")).value();
    EXPECT_EQ(call(11).refusal, Refusal::over_capacity);
    CarrierEvent end = hangup("v3:3");
    end.hangup_cause = HangupCause::originator_cancel;
    take(end).value();
    take(initiated("v3:12")).value();
    EXPECT_EQ(call(12).status, CallStatus::ringing);
}

TEST_F(IntakeOf, WhatTheStoreCannotKeepIsNotTakenAndTheNextTryIs) {
    CarrierEvent first = initiated();
    store.fail_write(1, fakes::WriteFault::full);
    EXPECT_EQ(take(first).error().code(), Errc::full);
    EXPECT_EQ(take(first).value(), Intake::taken);
    CarrierEvent second = answered();
    store.fail_write(1, fakes::WriteFault::outcome_unknown);
    EXPECT_EQ(take(second).error().code(), Errc::unavailable);
    EXPECT_EQ(take(second).value(), Intake::duplicate) << "it was written after all";
    EXPECT_EQ(call(2).status, CallStatus::in_progress)
        << "the number of the failed try is not used again";
}

}  // namespace
}  // namespace gw::app::testing
