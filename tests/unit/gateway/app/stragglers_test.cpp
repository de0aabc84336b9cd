// Answers that are overtaken by their own events, and calls of ours that are lost sight of while
// nothing is known of their leg.
#include "tests/unit/gateway/app/rig.hpp"

#include <algorithm>

namespace gw::app::testing {
namespace {

using Kind = ControlOutcome::Kind;

class Stragglers : public Rig {
protected:
    void talk() {
        ring();
        take(answered()).value();
        ASSERT_EQ(call().status, CallStatus::in_progress);
    }
    // Asks, lets `meanwhile` happen while the carrier does not answer, and gives the answer.
    template <class Meanwhile>
    ControlOutcome ask(boost::asio::awaitable<Result<ControlOutcome>> request,
                       Meanwhile meanwhile) {
        world.answer_wishes_with(CommandOutcome::unknown);
        std::optional<ControlOutcome> answer;
        boost::asio::co_spawn(process->io, std::move(request),
                              [&](std::exception_ptr, Result<ControlOutcome> result) {
                                  answer = std::move(result).value();
                              });
        clock.advance(milliseconds{100});
        EXPECT_FALSE(answer);
        meanwhile();
        clock.advance(seconds{5});
        return answer.value();
    }
    CallId place() {
        CallRequest wish;
        wish.agent = sim::sim_directory().agents.front().id;
        wish.to = "+31612345678";
        wish.from = sim::sim_directory().agents.front().phone_numbers.front();
        return wait(process->calls.place(std::move(wish), "r")).value().id;
    }
};

TEST_F(Stragglers, ATransferThatItsTargetsEventOvertakesIsAccepted) {
    talk();
    TransferRequested wish{.request_id = "r", .destination = "+31850099999"};
    const ControlOutcome outcome =
        ask(process->calls.transfer(scope(), CallId{1}, std::move(wish)), [&] {
            CarrierEvent rings = initiated("v3:b");
            rings.direction = Direction::outbound;
            rings.tag = {.call = CallId{1}, .transfer = 1};
            take(std::move(rings)).value();
        });
    EXPECT_EQ(outcome.kind, Kind::accepted);
    EXPECT_EQ(call().transfer->phase, TransferPhase::accepted);
}

TEST_F(Stragglers, AGatherThatItsDigitsOvertakeIsAccepted) {
    talk();
    GatherRequested wish{.request_id = "r", .spec = {}};
    wish.spec.prompt = "Your number?";
    const ControlOutcome outcome =
        ask(process->calls.gather(scope(), CallId{1}, std::move(wish)), [&] {
            CarrierEvent ended = event(CarrierEventType::gather_ended, "call.gather.ended");
            ended.digits = "12";
            take(std::move(ended)).value();
        });
    EXPECT_EQ(outcome.kind, Kind::accepted);
}

TEST_F(Stragglers, ATransferThatTheEndOfItsCallOvertakesIsUncertain) {
    talk();
    TransferRequested wish{.request_id = "r", .destination = "+31850099999"};
    const ControlOutcome outcome = ask(process->calls.transfer(scope(), CallId{1}, std::move(wish)),
                                       [&] { take(hangup()).value(); });
    EXPECT_EQ(outcome.kind, Kind::unknown) << "it was sent, and may have been carried out";
}

TEST_F(Stragglers, ACallWithoutALegIsFoundAgainWhenACommitIsInDoubt) {
    world.answer_wishes_with(CommandOutcome::unknown);
    const CallId id = place();
    clock.advance(seconds{50});
    ASSERT_EQ(process->registry.live_count(), 1U);
    store.fail_write(1, fakes::WriteFault::outcome_unknown);  // the deadline's
    clock.advance(seconds{30});
    EXPECT_EQ(call(id.value()).status, CallStatus::failed);
    EXPECT_EQ(process->registry.live_count(), 0U) << "it is over, and still counted as live";
}

TEST_F(Stragglers, APlacedCallWhoseCommitWasMadeAndReportedAsFailedEndsAndOwesNothing) {
    store.fail_write(1, fakes::WriteFault::outcome_unknown);
    CallRequest wish;
    wish.agent = sim::sim_directory().agents.front().id;
    wish.to = "+31612345678";
    wish.from = sim::sim_directory().agents.front().phone_numbers.front();
    ASSERT_FALSE(wait(process->calls.place(std::move(wish), "r")));
    clock.advance(seconds{30});
    EXPECT_EQ(call().status, CallStatus::failed);
    EXPECT_TRUE(wait(store.owed_commands()).value().empty());
    EXPECT_TRUE(world.sent().empty()) << "nobody is rung for a call that was not promised";
    EXPECT_EQ(process->registry.live_count(), 0U);
}

TEST_F(Stragglers, ALegThatTurnsUpWhenItsCallHasLeftMemoryIsTheCallsAndIsHungUp) {
    world.answer_wishes_with(CommandOutcome::unknown);
    const CallId id = place();
    clock.advance(seconds{90});
    ASSERT_EQ(process->registry.find(id), nullptr);
    CarrierEvent late = answered("v3:out");
    late.tag.call = id;
    EXPECT_EQ(take(std::move(late)).value(), Intake::taken);
    EXPECT_EQ(call(id.value()).call_control_id, CallControlId{"v3:out"});
    clock.advance(seconds{60});
    const auto hangups =
        std::count_if(world.sent().begin(), world.sent().end(), [](const sim::Sent& sent) {
            return sent.command.kind == CommandKind::hangup &&
                   sent.command.call_control_id == CallControlId{"v3:out"};
        });
    EXPECT_GE(hangups, 1);
    EXPECT_EQ(process->registry.live_count(), 0U) << "no call of its own";
}

}  // namespace
}  // namespace gw::app::testing
