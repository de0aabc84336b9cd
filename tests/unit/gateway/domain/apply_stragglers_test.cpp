// What turns up late: legs of calls that are on record as over, hangups that go unanswered, and
// answers that were overtaken by their own events.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gw {
namespace {

using namespace gw::cases;

struct Step {
    Call call;
    std::vector<SendCommand> commands;
    std::vector<PublicEvent> told;
};

// One input, and what is sent because of it.
Step feed(Call call, decltype(Input::what) what, UtcTime at) {
    Transition made = apply(std::move(call), Input{.at = at, .what = std::move(what)});
    Step step{.call = std::move(made.call), .commands = {}, .told = {}};
    for (const Effect& effect : made.effects) {
        if (const auto* command = std::get_if<SendCommand>(&effect)) {
            if (is_wanted(step.call, *command)) {
                step.commands.push_back(*command);
            }
        } else if (const auto* event = std::get_if<PublicEvent>(&effect)) {
            step.told.push_back(*event);
        }
    }
    return step;
}

Call given_up() {
    Call call = begin_outbound_call(new_outbound(), t0).call;
    call = feed(call, result(CommandKind::dial, CommandOutcome::unknown), t0 + seconds{10}).call;
    call = feed(call, TimerFired{TimerKind::deadline}, t0 + seconds{61}).call;
    EXPECT_TRUE(call.is_final());
    return call;
}

CarrierEvent of_dialled(CarrierEvent event) {
    event.tag.call = CallId{1};
    event.direction = Direction::outbound;
    return event;
}

TEST(ApplyStragglers, ALegThatTurnsUpAfterItsCallWasGivenUpIsHungUpUntilItIsGone) {
    Step step = feed(given_up(), of_dialled(answered()), t0 + seconds{70});
    ASSERT_EQ(step.commands.size(), 1U);
    EXPECT_EQ(step.commands[0].kind, CommandKind::hangup);
    EXPECT_EQ(step.commands[0].call_control_id, CallControlId{"v3:leg-a"});
    EXPECT_TRUE(step.told.empty()) << "the record stands";
    EXPECT_EQ(step.call.status, CallStatus::failed);
    step = feed(step.call, result(CommandKind::hangup, CommandOutcome::unknown), t0 + seconds{80});
    ASSERT_EQ(step.commands.size(), 1U) << "without an answer it is repeated";
    step = feed(step.call, result(CommandKind::hangup, CommandOutcome::accepted), t0 + seconds{82});
    EXPECT_TRUE(step.commands.empty());
    step = feed(step.call, of_dialled(hangup(HangupCause::normal_clearing, HangupSource::caller)),
                t0 + seconds{83});
    EXPECT_TRUE(step.commands.empty());
    step = feed(step.call, of_dialled(initiated()), t0 + seconds{84});
    EXPECT_TRUE(step.commands.empty()) << "its end is known";
}

TEST(ApplyStragglers, ADialThatSucceedsAfterTheCallWasGivenUpIsHungUp) {
    CommandResult taken = result(CommandKind::dial, CommandOutcome::accepted);
    taken.leg = CallControlId{"v3:late"};
    const Step step = feed(given_up(), taken, t0 + seconds{62});
    ASSERT_EQ(step.commands.size(), 1U);
    EXPECT_EQ(step.commands[0].kind, CommandKind::hangup);
    EXPECT_EQ(step.commands[0].call_control_id, CallControlId{"v3:late"});
}

CarrierEvent target_rings() {
    CarrierEvent rings = initiated();
    rings.id = EventId{"target-initiated"};
    rings.call_control_id = CallControlId{"v3:leg-b"};
    rings.call_leg_id = CallLegId{"leg-b"};
    rings.direction = Direction::outbound;
    rings.tag = {.call = CallId{1}, .transfer = 1, .gather = 0};
    return rings;
}

Call with_ringing_target() {
    Call call = after(ringing(), answered(), t0 + seconds{2});
    call = feed(call, transfer_to(), t0 + seconds{20}).call;
    return feed(call, target_rings(), t0 + seconds{21}).call;
}

// Nothing was heard of the target until its transfer had been given up; now it rings.
Step with_late_target() {
    Call call = after(ringing(), answered(), t0 + seconds{2});
    call = feed(call, transfer_to(), t0 + seconds{20}).call;
    call = feed(call, TimerFired{TimerKind::transfer}, t0 + seconds{60}).call;
    EXPECT_EQ(call.transfer->phase, TransferPhase::failed);
    return feed(call, target_rings(), t0 + seconds{61});
}

TEST(ApplyStragglers, ATargetThatTurnsUpAfterItsTransferFailedIsHungUpUntilThatIsAnswered) {
    Step step = with_late_target();
    EXPECT_TRUE(step.told.empty()) << "its end was told";
    ASSERT_EQ(step.commands.size(), 1U);
    EXPECT_EQ(step.commands[0].kind, CommandKind::hangup_target);
    step = feed(step.call, result(CommandKind::hangup_target, CommandOutcome::unknown),
                t0 + seconds{72});
    ASSERT_EQ(step.commands.size(), 1U);
    EXPECT_EQ(step.commands[0].call_control_id, CallControlId{"v3:leg-b"});
}

TEST(ApplyStragglers, ATargetThatTurnsUpWhenTheNextTransferHasBegunIsHungUp) {
    Call call = after(ringing(), answered(), t0 + seconds{2});
    call = feed(call, transfer_to(), t0 + seconds{20}).call;
    call = feed(call, TimerFired{TimerKind::transfer}, t0 + seconds{61}).call;
    call = feed(call, transfer_to(), t0 + seconds{62}).call;
    CarrierEvent late = answered();
    late.id = EventId{"first-target"};
    late.call_control_id = CallControlId{"v3:leg-b"};
    late.call_leg_id = CallLegId{"leg-b"};
    late.tag = {.call = CallId{1}, .transfer = 1, .gather = 0};
    const Step step = feed(call, late, t0 + seconds{63});
    ASSERT_EQ(step.commands.size(), 1U);
    EXPECT_EQ(step.commands[0].kind, CommandKind::hangup_target);
    EXPECT_EQ(step.commands[0].call_control_id, CallControlId{"v3:leg-b"});
    EXPECT_EQ(step.call.transfer->phase, TransferPhase::asked) << "the second goes on";
}

TEST(ApplyStragglers, DigitsThatFollowTheHangupAreToldThoughTheGathersCommandWasOvertaken) {
    for (const CommandOutcome outcome : {CommandOutcome::superseded, CommandOutcome::call_gone}) {
        Call call = after(ringing(), answered(), t0 + seconds{2});
        call = feed(call, GatherRequested{.request_id = "r", .spec = {}}, t0 + seconds{5}).call;
        call =
            feed(call, hangup(HangupCause::normal_clearing, HangupSource::caller), t0 + seconds{9})
                .call;
        CommandResult overtaken = result(CommandKind::gather, outcome);
        overtaken.attempts = 1;
        Step step = feed(call, overtaken, t0 + seconds{10});
        EXPECT_TRUE(step.told.empty()) << "its digits may be on their way";
        CarrierEvent ended = answered();
        ended.id = EventId{"digits"};
        ended.type = CarrierEventType::gather_ended;
        ended.digits = "12";
        step = feed(step.call, ended, t0 + seconds{10});
        ASSERT_EQ(step.told.size(), 1U);
        EXPECT_EQ(step.told[0].input, "12");
    }
}

TEST(ApplyStragglers, TheTargetOfAnEarlierTransferIsStillHungUpAndIsNotTakenForTheNewOne) {
    Step step = with_late_target();
    const SendCommand first = step.commands.at(0);
    step = feed(step.call, transfer_to(), t0 + seconds{62});
    ASSERT_EQ(step.call.transfer->number, 2U);
    EXPECT_TRUE(is_wanted(step.call, first));
    CarrierEvent rings = initiated();
    rings.id = EventId{"second-target"};
    rings.call_control_id = CallControlId{"v3:leg-c"};
    rings.call_leg_id = CallLegId{"leg-c"};
    rings.tag = {.call = CallId{1}, .transfer = 2, .gather = 0};
    step = feed(step.call, rings, t0 + seconds{63});
    CommandResult gone = result(CommandKind::hangup_target, CommandOutcome::call_gone);
    gone.leg = first.call_control_id;
    step = feed(step.call, gone, t0 + seconds{64});
    EXPECT_FALSE(step.call.transfer->leg_ended_at) << "that is the new target's";
    gone.outcome = CommandOutcome::unknown;
    step = feed(step.call, gone, t0 + seconds{65});
    ASSERT_EQ(step.commands.size(), 1U) << "without an answer it is repeated";
    EXPECT_EQ(step.commands[0].call_control_id, first.call_control_id);
}

TEST(ApplyStragglers, ATransferThatACallsEndOvertakesFailsForTheReasonOfTheEnd) {
    Call call = after(ringing(), answered(), t0 + seconds{2});
    call = feed(call, transfer_to(), t0 + seconds{20}).call;
    call = feed(call, hangup(HangupCause::normal_clearing, HangupSource::caller), t0 + seconds{21})
               .call;
    for (const CommandOutcome outcome : {CommandOutcome::superseded, CommandOutcome::call_gone}) {
        CommandResult answer = result(CommandKind::transfer, outcome);
        answer.detail = "Call has already ended";
        Step step = feed(call, answer, t0 + seconds{22});
        EXPECT_TRUE(step.told.empty());
        step = feed(step.call, TimerFired{TimerKind::settle}, t0 + seconds{24});
        ASSERT_EQ(step.told.size(), 2U);
        EXPECT_EQ(step.told[0].type, PublicEventType::transfer_failed);
        EXPECT_EQ(step.told[0].reason, "caller-hangup");
    }
}

TEST(ApplyStragglers, TheAnswerOfAnEarlierTransferIsNotTheNewOnes) {
    Step step = with_late_target();
    step = feed(step.call, transfer_to(), t0 + seconds{62});
    for (const CommandOutcome outcome :
         {CommandOutcome::accepted, CommandOutcome::refused, CommandOutcome::superseded}) {
        CommandResult first = result(CommandKind::transfer, outcome);
        first.number = 1;
        step = feed(step.call, first, t0 + seconds{63});
        EXPECT_EQ(step.call.transfer->phase, TransferPhase::asked) << word_of(outcome);
        EXPECT_TRUE(step.told.empty()) << word_of(outcome);
    }
}

TEST(ApplyStragglers, TheAnswerOfAnEarlierGatherIsNotTheNewOnes) {
    Call call = after(ringing(), answered(), t0 + seconds{2});
    call = feed(call, GatherRequested{.request_id = "r", .spec = {}}, t0 + seconds{20}).call;
    CarrierEvent ended = answered();
    ended.id = EventId{"gather-ended"};
    ended.type = CarrierEventType::gather_ended;
    ended.occurred_at = t0 + seconds{21};
    ended.digits = "1";
    call = feed(call, ended, t0 + seconds{21}).call;
    call = feed(call, GatherRequested{.request_id = "s", .spec = {}}, t0 + seconds{22}).call;
    CommandResult first = result(CommandKind::gather, CommandOutcome::superseded);
    first.number = 1;
    const Step step = feed(call, first, t0 + seconds{23});
    EXPECT_TRUE(step.call.gather) << "the second one goes on";
    EXPECT_TRUE(step.told.empty());
}

CommandResult overtaken(CommandKind kind, std::uint32_t attempts) {
    CommandResult made = result(kind, CommandOutcome::superseded);
    made.attempts = attempts;
    return made;
}

TEST(ApplyStragglers, ACommandThatItsOwnEventsOvertookWasCarriedOut) {
    const Call rings = with_ringing_target();
    EXPECT_EQ(fate_of(rings, overtaken(CommandKind::transfer, 1)), CommandOutcome::accepted);
    EXPECT_EQ(fate_of(rings, overtaken(CommandKind::transfer, 0)), CommandOutcome::superseded)
        << "it was never sent";
    EXPECT_EQ(fate_of(rings, result(CommandKind::transfer, CommandOutcome::refused)),
              CommandOutcome::refused);
    EXPECT_EQ(fate_of(rings, result(CommandKind::transfer, CommandOutcome::unknown)),
              CommandOutcome::accepted);
    const Call talks = after(ringing(), answered(), t0 + seconds{2});
    const Call asked = feed(talks, transfer_to(), t0 + seconds{20}).call;
    EXPECT_EQ(fate_of(asked, result(CommandKind::transfer, CommandOutcome::unknown)),
              CommandOutcome::unknown);
    const Call collects =
        feed(talks, GatherRequested{.request_id = "r", .spec = {}}, t0 + seconds{20}).call;
    EXPECT_EQ(fate_of(collects, result(CommandKind::gather, CommandOutcome::unknown)),
              CommandOutcome::unknown);
    EXPECT_EQ(fate_of(talks, result(CommandKind::gather, CommandOutcome::unknown)),
              CommandOutcome::accepted);
    EXPECT_EQ(fate_of(talks, overtaken(CommandKind::gather, 2)), CommandOutcome::accepted);
    const Call leaves = feed(talks, EndRequested{"r"}, t0 + seconds{30}).call;
    EXPECT_EQ(fate_of(leaves, overtaken(CommandKind::gather, 2)), CommandOutcome::unknown);
    EXPECT_EQ(fate_of(leaves, overtaken(CommandKind::transfer, 2)), CommandOutcome::unknown);
    EXPECT_EQ(fate_of(leaves, overtaken(CommandKind::answer, 2)), CommandOutcome::superseded);
    EXPECT_EQ(fate_of(leaves, result(CommandKind::hangup, CommandOutcome::unknown)),
              CommandOutcome::unknown);
}

}  // namespace
}  // namespace gw
