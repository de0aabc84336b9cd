// What must not happen when the store fails, when everybody calls at once, and when ids are used
// twice.
#include "tests/unit/gateway/app/rig.hpp"

#include <algorithm>

namespace gw::app::testing {
namespace {

class TroubleOf : public Rig {
protected:
    explicit TroubleOf(ports::Tier tier = ports::Tier::enterprise) : Rig(tier) {}
    std::vector<ports::TimelineRow> timeline(std::int64_t call) {
        return wait(static_cast<ports::CallStore&>(store).timeline(CallId{call}, 0, 1000)).value();
    }
    void fill_disk() {
        store.set_write_faults([](std::uint64_t) { return fakes::WriteFault::full; });
    }
    void free_disk() { store.set_write_faults({}); }
};

class SmallTrouble : public TroubleOf {
protected:
    SmallTrouble() : TroubleOf(ports::Tier::payg) {}
};

TEST_F(TroubleOf, AFullDiskGrowsNothingAndRepeatsNothing) {
    ring();
    fill_disk();
    clock.advance(std::chrono::minutes{3});
    EXPECT_EQ(take(hangup("v3:1")).error().code(), Errc::full);
    free_disk();
    clock.advance(seconds{2});
    EXPECT_LE(timeline(1).size(), 12U) << "timers that could not be written must not pile up";
    const auto answers = std::count_if(
        world.executed().begin(), world.executed().end(),
        [](const sim::Executed& command) { return command.kind == CommandKind::answer; });
    EXPECT_EQ(answers, 1);
}

TEST_F(SmallTrouble, FortyCallsAtOnceAreTenAndThirtyRefusals) {
    for (int i = 0; i < 40; ++i) {
        boost::asio::co_spawn(process->io,
                              process->registry.take(initiated("v3:" + std::to_string(i))),
                              [](std::exception_ptr, Result<Intake>) {});
    }
    clock.advance(milliseconds{1});
    int welcome = 0;
    for (std::int64_t id = 1; id <= 40; ++id) {
        welcome += !call(id).refusal;
    }
    EXPECT_EQ(welcome, 10);
}

TEST_F(TroubleOf, ACallWhoseFirstCommitIsUnderWayIsSeenByTheDrain) {
    boost::asio::co_spawn(process->io, process->registry.take(initiated()),
                          [](std::exception_ptr, Result<Intake>) {});
    process->io.restart();
    process->io.poll_one();
    EXPECT_EQ(process->registry.live_count(), 1U);
    clock.settle();
    EXPECT_EQ(process->registry.live_count(), 1U);
}

TEST_F(TroubleOf, AnAdoptionThatWasMadeButReportedAsFailedIsFoundAgain) {
    take(answered()).value();
    store.fail_write(1, fakes::WriteFault::outcome_unknown);
    clock.advance(seconds{32});
    CarrierEvent end = hangup();
    EXPECT_EQ(take(end).value(), Intake::taken);
    EXPECT_TRUE(call(1).is_final());
    EXPECT_FALSE(wait(static_cast<ports::CallStore&>(store).load(CallId{2})).value())
        << "one leg, one call";
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).parked()).value().empty());
}

TEST_F(TroubleOf, AnEventIdUsedForTwoCallsIsADuplicateAndHoldsUpNobody) {
    take(initiated("v3:1")).value();
    take(initiated("v3:2")).value();
    CarrierEvent first = event(CarrierEventType::other, "streaming.started", "v3:1");
    take(first).value();
    CarrierEvent again = first;
    again.call_control_id = CallControlId{"v3:2"};
    EXPECT_EQ(take(again).value(), Intake::duplicate);
    EXPECT_EQ(take(answered("v3:2")).value(), Intake::taken);
    EXPECT_EQ(call(2).status, CallStatus::in_progress);
}

TEST_F(TroubleOf, FinalCallsLeaveMemoryWhenNothingElseHappens) {
    take(initiated()).value();
    CarrierEvent end = hangup();
    end.hangup_cause = HangupCause::originator_cancel;
    take(end).value();
    EXPECT_EQ(process->registry.actor_count(), 1U);
    clock.advance(seconds{20});
    EXPECT_EQ(process->registry.actor_count(), 0U);
}

TEST_F(TroubleOf, AnAnswerThatWasInferredTakesTheCarriersTimeWhenItComes) {
    ring();
    world.step();
    clock.advance(milliseconds{100});
    const auto held = world.due();  // the call.answered is on its way for long
    const auto answer = std::find_if(held.begin(), held.end(), [](const sim::Mail& mail) {
        return mail.event.type == CarrierEventType::answered;
    });
    ASSERT_NE(answer, held.end());
    clock.advance(seconds{125});
    ASSERT_EQ(call().status, CallStatus::in_progress)
        << "the carrier says alive past the ring time";
    CarrierEvent late = answer->event;
    late.occurred_at += seconds{9};
    take(late).value();
    EXPECT_EQ(call().started_at, late.occurred_at);
}

TEST_F(TroubleOf, ACarriersTimeFarInTheFutureIsNotBilled) {
    take(initiated()).value();
    take(answered()).value();
    CarrierEvent end = hangup();
    end.end_time = *parse_rfc3339("9999-12-31T23:59:59Z");
    take(end).value();
    EXPECT_LT(call().duration_seconds, 60);
}

TEST_F(TroubleOf, ParkedEventsOfANumberNobodyAnswersAreOnRecordAndTheLegIsLeftAlone) {
    CarrierEvent stray = answered();
    stray.to = "+31850099999";
    take(stray).value();
    clock.advance(seconds{32});
    EXPECT_EQ(call().refusal, Refusal::no_agent);
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).owed_commands()).value().empty());
}

}  // namespace
}  // namespace gw::app::testing
