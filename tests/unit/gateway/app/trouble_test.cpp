// What must not happen when the store fails, when everybody calls at once, and when ids are used
// twice.
#include "gateway/app/reply_deadlines.hpp"
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

TEST_F(TroubleOf, AnEventThatCannotBeAppliedIsKeptForTheNextProcessAndTheCallGoesOn) {
    take(initiated()).value();
    take(answered()).value();
    store.fail_write(1, fakes::WriteFault::refused);
    CarrierEvent key = event(CarrierEventType::dtmf, "call.dtmf.received");
    key.digit = "5";
    EXPECT_EQ(take(key).value(), Intake::parked) << "accepted is never lost";
    EXPECT_EQ(wait(static_cast<ports::CallStore&>(store).parked()).value().size(), 1U);
    EXPECT_EQ(take(answered()).value(), Intake::taken) << "the call goes on";
    restart();
    clock.advance(seconds{1});
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).parked()).value().empty());
    const auto words = told();
    EXPECT_EQ(std::count(words.begin(), words.end(), "call.dtmf.received"), 1);
}

TEST_F(TroubleOf, AParkedEventLeavesItsRowOnlyForTheTimeline) {
    take(initiated()).value();
    take(answered()).value();
    boost::asio::co_spawn(
        process->io,
        process->calls.transfer(scope(), CallId{1},
                                {.request_id = "r", .destination = "+31850099999"}),
        [](std::exception_ptr, Result<ControlOutcome>) {});
    clock.advance(milliseconds{1});
    CarrierEvent stray = event(CarrierEventType::other, "call.bridged", "v3:target");
    stray.direction = Direction::outbound;
    EXPECT_EQ(take(stray).value(), Intake::parked);
    // The target's leg is learned, an end is asked for meanwhile, and then the disk is full.
    store.set_write_faults([last = store.writes() + 2](std::uint64_t write) {
        return write > last ? std::optional(fakes::WriteFault::full) : std::nullopt;
    });
    CarrierEvent rings = event(CarrierEventType::initiated, "call.initiated", "v3:target");
    rings.direction = Direction::outbound;
    rings.tag = {.call = CallId{1}, .transfer = 1};
    boost::asio::co_spawn(process->io, process->registry.take(rings),
                          [](std::exception_ptr, Result<Intake>) {});
    boost::asio::co_spawn(process->io,
                          process->registry.request(CallId{1}, EndRequested{.request_id = "r"}),
                          [](std::exception_ptr, Result<Reply>) {});
    clock.advance(milliseconds{10});
    std::size_t kept = wait(static_cast<ports::CallStore&>(store).parked()).value().size();
    for (const ports::TimelineRow& row : timeline(1)) {
        kept += row.kind == "call.bridged";
    }
    EXPECT_EQ(kept, 1U);
}

TEST_F(TroubleOf, ManyCallsGoOnAfterARestartWithoutFillingTheStoresQueue) {
    constexpr int calls = 600;
    for (int i = 1; i <= calls; ++i) {
        world.ring(std::to_string(i));
    }
    for (int round = 0; round < 20; ++round) {
        clock.advance(milliseconds{50});
        for (sim::Mail& mail : world.due()) {
            take(std::move(mail.event)).value();
        }
    }
    const std::size_t before = store.most_waiting();
    ASSERT_LT(before, 100U);
    restart();
    clock.advance(seconds{5});
    EXPECT_LE(store.most_waiting(), 256U);
    for (int i = 1; i <= calls; i += 50) {
        const auto rows = timeline(i);
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const auto& row) {
            return row.kind == "restart";
        })) << i;
    }
}

TEST(ReplyDeadlines, WhoeverWaitsTooLongIsAnsweredOnceAndTheOthersAreLeftAlone) {
    boost::asio::io_context io;
    fakes::ManualClock clock(io);
    ReplyDeadlines deadlines(io.get_executor(), clock, milliseconds{1'500});
    boost::asio::co_spawn(io, deadlines.run(), [](std::exception_ptr) {});
    std::vector<std::string> heard;
    const auto waiter = [&](std::string name) {
        return deadlines.watch(ReplyHandler([&heard, name](Result<Reply> reply) {
            heard.push_back(name + (reply ? " answered" : " refused"));
        }));
    };
    ReplyHandler slow = waiter("slow");
    clock.advance(milliseconds{1'000});
    ReplyHandler quick = waiter("quick");
    std::move(quick)(Reply{});
    clock.advance(milliseconds{499});
    EXPECT_EQ(heard, std::vector<std::string>{"quick answered"});
    clock.advance(milliseconds{1});
    EXPECT_EQ(heard.back(), "slow refused");
    std::move(slow)(Reply{});
    ReplyHandler next = waiter("next");
    clock.advance(milliseconds{1'500});
    EXPECT_EQ(heard, (std::vector<std::string>{"quick answered", "slow refused", "next refused"}));
}

}  // namespace
}  // namespace gw::app::testing
