// Calls of more than one leg in the hands of the application: requests that wait for the carrier,
// events of a target that find their call, calls that we place.
#include "tests/unit/gateway/app/rig.hpp"

#include <set>

namespace gw::app::testing {
namespace {

using Kind = ControlOutcome::Kind;

class Legs : public Rig {
protected:
    void talk() {
        ring();
        take(answered()).value();
        ASSERT_EQ(call().status, CallStatus::in_progress);
    }
    ControlOutcome transfer() {
        TransferRequested wish{.request_id = "r", .destination = "+31850099999"};
        return wait(process->calls.transfer(scope(), CallId{1}, std::move(wish))).value();
    }
    ControlOutcome gather() {
        GatherRequested wish{.request_id = "r", .spec = {}};
        wish.spec.prompt = "Your number?";
        return wait(process->calls.gather(scope(), CallId{1}, std::move(wish))).value();
    }
    CarrierEvent of_target(CarrierEvent e, bool tagged = true) {
        e.direction = Direction::outbound;
        if (tagged) {
            e.tag = {.call = CallId{1}, .transfer = 1};
        }
        return e;
    }
    // Commands of that kind, however often each was sent.
    std::size_t wished(CommandKind kind) {
        std::set<std::string> ids;
        for (const SendCommand& command : world.wishes()) {
            if (command.kind == kind) {
                ids.insert(command.command_id.value());
            }
        }
        return ids.size();
    }
    ports::CallStore& calls() { return store; }
};

TEST_F(Legs, ATransferAnswersWithWhatTheCarrierSaid) {
    talk();
    world.answer_wishes_with(CommandOutcome::refused);
    EXPECT_EQ(transfer().kind, Kind::refused);
    world.answer_wishes_with(CommandOutcome::unknown);
    EXPECT_EQ(transfer().kind, Kind::unknown);
    ControlOutcome again = transfer();
    EXPECT_EQ(again.kind, Kind::not_allowed);
    EXPECT_EQ(again.why, RequestRefusal::transfer_in_progress);
    clock.advance(seconds{41});  // the target was never heard of
    world.answer_wishes_with(CommandOutcome::accepted);
    EXPECT_EQ(transfer().kind, Kind::accepted);
    EXPECT_EQ(wished(CommandKind::transfer), 3U);
    EXPECT_EQ(transfer().kind, Kind::not_allowed);
    EXPECT_EQ(wished(CommandKind::transfer), 3U);
}

TEST_F(Legs, WhatTheCarrierSaidIsAnsweredAlsoWhenTheStoreCannotKeepIt) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    store.set_write_faults([writes = 0](std::uint64_t) mutable {
        return ++writes == 1 ? std::optional<fakes::WriteFault>() : fakes::WriteFault::full;
    });
    EXPECT_EQ(transfer().kind, Kind::accepted) << "a 503 would say that nothing was done";
    EXPECT_EQ(call().transfer->phase, TransferPhase::asked);
    store.set_write_faults({});
    clock.advance(seconds{2});
    EXPECT_EQ(call().transfer->phase, TransferPhase::accepted);
    EXPECT_EQ(wished(CommandKind::transfer), 1U);
}

TEST_F(Legs, AGatherAnswersWithWhatTheCarrierSaid) {
    talk();
    world.answer_wishes_with(CommandOutcome::refused);
    EXPECT_EQ(gather().kind, Kind::refused);
    world.answer_wishes_with(CommandOutcome::accepted);
    EXPECT_EQ(gather().kind, Kind::accepted);
    const ControlOutcome second = gather();
    EXPECT_EQ(second.why, RequestRefusal::gather_in_progress);
    CarrierEvent ended = event(CarrierEventType::gather_ended, "call.gather.ended");
    ended.digits = "12";
    take(std::move(ended)).value();
    EXPECT_EQ(gather().kind, Kind::accepted);
}

TEST_F(Legs, TheTargetsEventsAreTheCalls) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    transfer();
    EXPECT_EQ(take(of_target(initiated("v3:b"))).value(), Intake::taken);
    EXPECT_EQ(take(of_target(answered("v3:b"), false)).value(), Intake::taken)
        << "its name is known by now";
    EXPECT_EQ(call().disposition, Disposition::transferred);
    const auto found = wait(calls().load_by_leg(CallControlId{"v3:b"})).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->call.id, CallId{1});
    take(hangup()).value();
    take(of_target(hangup("v3:b"), false)).value();
    EXPECT_EQ(call().ended_reason, EndedReason::transfer);
    EXPECT_FALSE(wait(calls().load(CallId{2})).value()) << "a leg is no call of its own";
}

TEST_F(Legs, AStrayEventOfTheTargetWaitsForItsName) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    transfer();
    CarrierEvent early = of_target(hangup("v3:b"), false);
    early.hangup_cause = HangupCause::user_busy;
    EXPECT_EQ(take(std::move(early)).value(), Intake::parked);
    take(of_target(initiated("v3:b"))).value();
    EXPECT_EQ(call().transfer->phase, TransferPhase::failed);
    EXPECT_EQ(call().transfer->failure, "user_busy");
    take(hangup()).value();
    EXPECT_TRUE(wait(calls().parked()).value().empty());
}

TEST_F(Legs, ATargetWithoutOurClientStateIsFoundByItsSession) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    transfer();
    const auto untagged = [this](CarrierEvent e) {
        e.call_session_id = call().call_session_id;
        return of_target(std::move(e), false);
    };
    restart();
    EXPECT_EQ(take(untagged(initiated("v3:b"))).value(), Intake::taken);
    CarrierEvent nameless = of_target(answered("v3:b"), false);
    EXPECT_EQ(take(std::move(nameless)).value(), Intake::taken) << "its name is known by now";
    EXPECT_EQ(call().disposition, Disposition::transferred);
    EXPECT_EQ(take(untagged(initiated("v3:c"))).value(), Intake::parked) << "a stranger";
}

TEST_F(Legs, ALegThatRingsHereIsACallOfItsOwnWhateverItIsTagged) {
    talk();
    CarrierEvent rings = initiated("v3:b");
    rings.tag.call = CallId{1};
    rings.call_session_id = call().call_session_id;
    EXPECT_EQ(take(std::move(rings)).value(), Intake::taken);
    EXPECT_EQ(call(2).status, CallStatus::ringing);
    EXPECT_EQ(take(hangup("v3:b")).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
}

TEST_F(Legs, ACallThatWePlaceIsFoundByItsSessionUnderAnotherControlId) {
    world.answer_wishes_with(CommandOutcome::accepted);
    CallRequest wish;
    wish.agent = sim::sim_directory().agents.front().id;
    wish.to = "+31612345678";
    wish.from = sim::sim_directory().agents.front().phone_numbers.front();
    ASSERT_TRUE(wait(process->calls.place(std::move(wish), "r")));
    // It comes before the dial's answer, without our client_state: kept, and looked at again.
    CarrierEvent rings = initiated("v3:other");
    rings.direction = Direction::outbound;
    rings.call_session_id = CallSessionId{"of-the-dial"};
    EXPECT_EQ(take(rings).value(), Intake::parked);
    CommandResult made;
    made.kind = CommandKind::dial;
    made.outcome = CommandOutcome::accepted;
    made.leg = CallControlId{"v3:dialled"};
    made.call_session_id = rings.call_session_id;
    process->registry.submit(CallId{1}, std::move(made));
    clock.advance(seconds{31});
    EXPECT_TRUE(wait(calls().parked()).value().empty()) << "on the call's timeline";
    CarrierEvent picks_up = answered("v3:other");
    picks_up.call_session_id = rings.call_session_id;
    EXPECT_EQ(take(std::move(picks_up)).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
    EXPECT_FALSE(wait(calls().load(CallId{2})).value()) << "one call";
}

TEST_F(Legs, ARestartKnowsTheTargetByName) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    transfer();
    take(of_target(initiated("v3:b"))).value();
    restart();
    EXPECT_EQ(take(of_target(answered("v3:b"), false)).value(), Intake::taken);
    EXPECT_EQ(call().disposition, Disposition::transferred);
    EXPECT_EQ(wished(CommandKind::transfer), 1U);
}

TEST_F(Legs, ATargetThatTurnsUpWhenTheCallHasLeftMemoryIsHungUp) {
    talk();
    world.answer_wishes_with(CommandOutcome::accepted);
    transfer();
    take(hangup()).value();
    clock.advance(seconds{60});
    ASSERT_EQ(process->registry.find(CallId{1}), nullptr);
    EXPECT_EQ(take(of_target(initiated("v3:b"))).value(), Intake::taken);
    clock.advance(seconds{1});
    EXPECT_EQ(wished(CommandKind::hangup_target), 1U);
    EXPECT_EQ(world.wishes().back().call_control_id, CallControlId{"v3:b"});
    EXPECT_EQ(take(of_target(hangup("v3:b"), false)).value(), Intake::taken);
}

TEST_F(Legs, ACallThatWePlaceIsFoundByItsTagAndThenByItsLeg) {
    world.answer_wishes_with(CommandOutcome::unknown);
    CallRequest wish;
    wish.agent = sim::sim_directory().agents.front().id;
    wish.to = "+31612345678";
    wish.from = sim::sim_directory().agents.front().phone_numbers.front();
    const auto placed = wait(process->calls.place(std::move(wish), "r"));
    ASSERT_TRUE(placed) << placed.error().context();
    EXPECT_EQ(placed->status, CallStatus::ringing);
    EXPECT_EQ(placed->direction, Direction::outbound);
    clock.advance(seconds{1});
    EXPECT_EQ(wished(CommandKind::dial), 1U);
    CarrierEvent rings = initiated("v3:out");
    rings.direction = Direction::outbound;
    rings.tag.call = placed->id;
    EXPECT_EQ(take(std::move(rings)).value(), Intake::taken);
    EXPECT_EQ(take(answered("v3:out")).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
    restart();
    EXPECT_EQ(take(hangup("v3:out")).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::completed);
    EXPECT_EQ(wished(CommandKind::dial), 1U);
    EXPECT_EQ(wished(CommandKind::hangup_target), 0U);
}

TEST_F(Legs, ADialIsNeverSentByALaterProcess) {
    world.answer_wishes_with(CommandOutcome::accepted);
    CallRequest wish;
    wish.agent = sim::sim_directory().agents.front().id;
    wish.to = "+31612345678";
    wish.from = sim::sim_directory().agents.front().phone_numbers.front();
    ASSERT_TRUE(wait(process->calls.place(std::move(wish), "r")));
    restart();
    clock.advance(seconds{2});
    const std::size_t sent = wished(CommandKind::dial);
    EXPECT_LE(sent, 1U);
    clock.advance(seconds{120});
    EXPECT_EQ(wished(CommandKind::dial), sent);
    EXPECT_EQ(call().status, CallStatus::failed);
    EXPECT_TRUE(wait(calls().owed_commands()).value().empty());
}

// Telnyx takes 150 dials in any five seconds (its limits of dialling, error 90103, read 2026-11).
TEST_F(Legs, DialsArePacedToWhatTheCarrierTakes) {
    world.answer_wishes_with(CommandOutcome::accepted);
    const MonoTime began = clock.mono();
    for (int i = 0; i < 155; ++i) {
        CallRequest wish;
        wish.agent = sim::sim_directory().agents.front().id;
        wish.to = "+31612345678";
        wish.from = sim::sim_directory().agents.front().phone_numbers.front();
        ASSERT_TRUE(wait(process->calls.place(std::move(wish), "r"))) << "on record all the same";
    }
    clock.advance(milliseconds{100});
    ASSERT_LT(clock.mono() - began, seconds{5});
    EXPECT_EQ(wished(CommandKind::dial), 150U);
    clock.advance(seconds{5});
    EXPECT_EQ(wished(CommandKind::dial), 155U);
}

}  // namespace
}  // namespace gw::app::testing
