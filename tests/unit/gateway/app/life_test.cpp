// Calls in the hands of the application: commands, ends, reconciliation, deliveries, restarts.
#include "tests/unit/gateway/app/rig.hpp"

#include <algorithm>

namespace gw::app::testing {
namespace {

class LifeOf : public Rig {
protected:
    explicit LifeOf(sim::Chances chances = no_trouble) : Rig(ports::Tier::enterprise, chances) {}
    // Lets the carrier's own events reach the gateway for so long.
    void live_for(milliseconds time) {
        const UtcTime until = clock.utc() + time;
        while (clock.utc() < until) {
            world.step();
            take_mail();
            clock.advance(milliseconds{100});
        }
    }
    // Time passes at the carrier, and no process is there.
    void be_away_for(milliseconds time) {
        const UtcTime until = clock.utc() + time;
        while (clock.utc() < until) {
            world.step();
            clock.advance(milliseconds{100});
        }
    }
    void take_mail() {
        for (sim::Mail& mail : world.due()) {
            if (!stays_ || mail.event.call_control_id == *stays_) {
                take(std::move(mail.event)).value();
            }
        }
    }
    // Of the callers that are drawn the first who never hangs up by himself; the others do not get
    // through. What ends his call is ours.
    void ring_who_stays() {
        for (int number = 1; !stays_; ++number) {
            world.ring(std::to_string(number));
            const CallControlId id{"v3:" + std::to_string(number)};
            if (milliseconds(world.legs().at(id).talk_ms) >= std::chrono::hours{24}) {
                stays_ = id;
            }
        }
        clock.advance(milliseconds{50});
        take_mail();
        live_for(seconds{1});
        ASSERT_EQ(call().status, CallStatus::in_progress);
    }
    // The agent of the tests allows 60 s; another 30 s later its deadline would end the call.
    void expect_hung_up_for_its_time() {
        const Call over = call();
        ASSERT_TRUE(over.is_final());
        EXPECT_EQ(executed(CommandKind::hangup), 1U);
        EXPECT_EQ(over.ended_reason, EndedReason::max_duration);
        EXPECT_EQ(over.closed_by, ClosedBy::webhook);
        EXPECT_EQ(over.status, CallStatus::completed);
        EXPECT_GE(over.duration_seconds, 60);
    }
    std::size_t executed(CommandKind kind) {
        return static_cast<std::size_t>(
            std::count_if(world.executed().begin(), world.executed().end(),
                          [&](const sim::Executed& e) { return e.kind == kind; }));
    }

private:
    std::optional<CallControlId> stays_;
};

TEST_F(LifeOf, ARingingCallIsAnsweredOnceAndTold) {
    ring();
    live_for(seconds{1});
    EXPECT_EQ(call().status, CallStatus::in_progress);
    EXPECT_EQ(executed(CommandKind::answer), 1U);
    const auto words = told();
    ASSERT_GE(words.size(), 2U);
    EXPECT_EQ(words[0], "call.ringing");
    EXPECT_EQ(words[1], "call.started");
    EXPECT_TRUE(wait(static_cast<ports::CallStore&>(store).owed_commands()).value().empty());
}

TEST_F(LifeOf, EndingIsForCallsInProgressOfOnesOwn) {
    ring();
    const auto end = [&](std::int64_t project) {
        return wait(process->calls.end(scope(project), CallId{1}, "r"));
    };
    EXPECT_EQ(end(2).error().code(), Errc::not_found);
    EXPECT_EQ(wait(process->calls.end(scope(), CallId{9}, "r")).error().code(), Errc::not_found);
    live_for(seconds{1});
    EXPECT_EQ(end(1).value(), EndOutcome::accepted);
    EXPECT_EQ(end(1).value(), EndOutcome::accepted) << "asked twice, done once";
    live_for(seconds{2});
    EXPECT_EQ(end(1).value(), EndOutcome::not_in_progress);
    EXPECT_EQ(call().ended_reason, EndedReason::api);
    EXPECT_EQ(call().status, CallStatus::completed);
    EXPECT_EQ(executed(CommandKind::hangup), 1U);
}

TEST_F(LifeOf, ARingingCallCannotBeEndedByTheApi) {
    take(initiated("v3:not-known-to-the-carrier-world")).value();
    EXPECT_EQ(wait(process->calls.end(scope(), CallId{1}, "r")).value(),
              EndOutcome::not_in_progress);
}

TEST_F(LifeOf, ACallOverItsTimeIsHungUp) {
    ring_who_stays();
    live_for(seconds{58});
    EXPECT_EQ(call().status, CallStatus::in_progress);
    live_for(seconds{3});
    expect_hung_up_for_its_time();
    EXPECT_LE(call().duration_seconds, 61);
}

TEST_F(LifeOf, ACallOverItsTimeIsHungUpThoughAnotherProcessTookItOver) {
    ring_who_stays();
    live_for(seconds{10});
    stop();
    store.reopen();
    be_away_for(seconds{20});
    start();
    live_for(seconds{27});
    EXPECT_EQ(call().status, CallStatus::in_progress);
    EXPECT_EQ(executed(CommandKind::hangup), 0U);
    live_for(seconds{5});
    expect_hung_up_for_its_time();
    EXPECT_LE(call().duration_seconds, 61);
}

TEST_F(LifeOf, ACallWhoseTimeRanOutWhileNobodyWasThereIsHungUpAtTheStart) {
    ring_who_stays();
    live_for(seconds{10});
    stop();
    store.reopen();
    be_away_for(seconds{65});
    start();
    live_for(seconds{2});
    expect_hung_up_for_its_time();
    EXPECT_LE(call().duration_seconds, 78) << "not its deadline's work";
}

TEST_F(LifeOf, AfterARestartTheCarrierIsAskedAtOnceAndALostHangupIsFound) {
    ring();
    live_for(seconds{1});
    stop();
    store.reopen();
    world.step();
    clock.advance(seconds{200});
    world.step();
    (void)world.due();  // the events of that time reach nobody
    const std::optional<UtcTime> ended_at = world.legs().begin()->second.ended_at;
    ASSERT_TRUE(ended_at);
    start();
    clock.advance(seconds{5});
    EXPECT_EQ(call().closed_by, ClosedBy::deadline)
        << "its time had run out meanwhile, and the carrier was asked";
    EXPECT_EQ(call().ended_at, ended_at);
    EXPECT_EQ(told().back(), "call.ended");
}

TEST_F(LifeOf, StatusOfALiveCallRunsAndOfAForeignOneIsNothing) {
    ring();
    live_for(seconds{1});
    const auto started = call().started_at;
    clock.advance(seconds{5});
    const auto view = process->calls.live_status(scope(), CallId{1});
    ASSERT_TRUE(view);
    EXPECT_EQ(view->duration_seconds, (clock.utc() - *started + milliseconds{500}) / seconds{1});
    EXPECT_FALSE(process->calls.live_status(scope(2), CallId{1}));
}

// The customer refuses everything, so that order and repetition can be seen.
constexpr sim::Chances refusing{.duplicate = 0,
                                .delay = 0,
                                .lost = 0,
                                .command_fails = 0,
                                .reply_lost = 0,
                                .status_unknown = 0,
                                .customer_refuses = 100};

class Delivering : public LifeOf {
protected:
    Delivering() : LifeOf(refusing) {}
};

TEST_F(Delivering, TheNextEventFollowsTheFirstAttemptOfTheOneBeforeNotItsSuccess) {
    ring();
    live_for(seconds{2});
    const auto words = told();
    ASSERT_GE(words.size(), 2U);
    EXPECT_EQ(words[0], "call.ringing");
    EXPECT_EQ(words[1], "call.started");
}

TEST_F(Delivering, AfterTheLastAttemptTheDeliveryIsOver) {
    take(initiated("v3:gone")).value();
    CarrierEvent end = hangup("v3:gone");
    end.hangup_cause = HangupCause::originator_cancel;
    take(end).value();
    clock.advance(seconds{600});
    // Ten attempts each for call.ringing and call.failed, all refused, then nothing is owed.
    EXPECT_EQ(told().size(), 20U);
    EXPECT_TRUE(wait(store.owed_endpoints(std::nullopt, 10)).value().empty());
    const auto log = wait(process->calls.deliveries(scope(), CallId{1}, {})).value();
    EXPECT_EQ(log.size(), 20U);
    EXPECT_TRUE(std::is_sorted(log.begin(), log.end(), [](const auto& a, const auto& b) {
        return a.created_at < b.created_at;
    }));
}

TEST_F(Delivering, FlushEndsWhenWhatIsDueHadItsAttempt) {
    take(initiated("v3:gone")).value();
    const MonoTime before = clock.mono();
    wait(process->dispatcher.flush(before + seconds{5}));
    EXPECT_LT(clock.mono() - before, seconds{5});
    EXPECT_EQ(told().size(), 1U);
}

}  // namespace
}  // namespace gw::app::testing
