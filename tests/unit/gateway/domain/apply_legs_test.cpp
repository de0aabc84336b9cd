// Transfers, gathers and calls that we place: the record does not depend on the order in which the
// events of the legs arrive.
#include "tests/unit/gateway/domain/life.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace gw {
namespace {

using namespace gw::cases;
// Every order of arrival, ten milliseconds apart, must end like the first.
void expect_one_record(const Life& start, const std::vector<CarrierEvent>& events,
                       const std::string& record, const std::multiset<std::string>& told) {
    std::vector<std::size_t> order(events.size());
    std::iota(order.begin(), order.end(), 0U);
    do {
        Life life = start;
        life.told.clear();
        life.at = t0 + seconds{130};
        std::string arrival;
        for (const std::size_t i : order) {
            life.at += milliseconds{10};
            life.feed(events[i]);
            arrival += events[i].id.value() + ' ';
        }
        life.wait(seconds{40});
        ASSERT_EQ(record_of(life.call), record) << arrival;
        ASSERT_EQ(std::multiset<std::string>(life.told.begin(), life.told.end()), told) << arrival;
        ASSERT_EQ(life.told.back(), "call.ended") << arrival;
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ApplyLegs, ATransferThatWasAnsweredEndsTheSameInEveryOrder) {
    Life start = transferring();
    start.call.rates.transfer_rate = {100'000};
    // 2 s to 129 s: 127 s; the target from 31 s: 98 s, 1.63 minutes.
    expect_one_record(start,
                      {target_initiated(), target_answered(), own_hangup(seconds{129}),
                       target_hangup(HangupCause::normal_clearing, seconds{129})},
                      "completed transferred transfer 2026-01-15T10:00:02.000000Z "
                      "2026-01-15T10:02:09.000000Z 127 +31850099999 98 693000 163000",
                      {"transfer.initiated", "transfer.completed", "call.ended"});
    // The target leaves first; the call lasts until the caller has left as well.
    expect_one_record(
        start,
        {target_initiated(), target_answered(),
         target_hangup(HangupCause::normal_clearing, seconds{120}), own_hangup(seconds{129})},
        "completed transferred transfer 2026-01-15T10:00:02.000000Z "
        "2026-01-15T10:02:09.000000Z 127 +31850099999 98 693000 163000",
        {"transfer.initiated", "transfer.completed", "call.ended"});
}

TEST(ApplyLegs, ATransferThatFailedGivesTheCallerBackInEveryOrder) {
    const std::string ended =
        "completed answered caller-hangup 2026-01-15T10:00:02.000000Z "
        "2026-01-15T10:02:09.000000Z 127  0 530000 0";
    expect_one_record(
        transferring(),
        {target_initiated(), target_hangup(HangupCause::user_busy), own_hangup(seconds{129})},
        ended, {"transfer.initiated", "transfer.failed:user_busy", "call.ended"});
    expect_one_record(
        transferring(),
        {target_initiated(), target_hangup(HangupCause::normal_clearing), own_hangup(seconds{129})},
        ended, {"transfer.initiated", "transfer.failed:normal_clearing", "call.ended"});
    expect_one_record(transferring(),
                      {target_initiated(), own_hangup(seconds{129}),
                       target_hangup(HangupCause::originator_cancel, seconds{129})},
                      ended, {"transfer.initiated", "transfer.failed:caller-hangup", "call.ended"});
}

// LIFECYCLE "Transfer": who left first is the reason.
TEST(ApplyLegs, WhoeverLeavesFirstIsTheReasonOfAFailure) {
    const auto reason_after = [](const std::vector<What>& inputs) {
        Life life = transferring();
        life.feed(target_initiated());
        for (const What& what : inputs) {
            life.at += seconds{1};
            life.feed(what);
        }
        life.wait(seconds{45});
        return life.call.transfer->failure;
    };
    const auto target = [](HangupCause cause) { return target_hangup(cause, seconds{40}); };
    EXPECT_EQ(reason_after({target(HangupCause::originator_cancel)}), "originator_cancel");
    EXPECT_EQ(reason_after({target(HangupCause::unspecified)}), "unspecified");
    for (const HangupCause cause : {HangupCause::no_answer, HangupCause::user_busy,
                                    HangupCause::normal_clearing, HangupCause::originator_cancel}) {
        EXPECT_EQ(reason_after({own_hangup(seconds{39}), target(cause)}), "caller-hangup")
            << word_of(cause);
        EXPECT_EQ(reason_after({EndRequested{"r"}, target(cause), own_hangup(seconds{41})}), "api")
            << word_of(cause);
    }
    EXPECT_EQ(reason_after({target(HangupCause::user_busy), own_hangup(seconds{41})}), "user_busy");
    const CarrierStatus gone{
        .view = CarrierView::gone, .end_time = {}, .detail = {}, .leg = CallControlId{"v3:leg-b1"}};
    EXPECT_EQ(reason_after({gone}), "unspecified");
    Life waited = transferring();
    waited.feed(target_initiated());
    waited.wait(seconds{45});
    EXPECT_EQ(std::count(waited.asked.begin(), waited.asked.end(), CallControlId{"v3:leg-b1"}), 1)
        << "nobody but the carrier knows";
    waited.feed(gone);
    waited.wait(seconds{3});
    EXPECT_EQ(waited.told.back(), "transfer.failed:timeout");
}

TEST(ApplyLegs, ACauseWeDoNotKnowIsToldInTheCarriersWord) {
    Life life = transferring();
    CarrierEvent gone = target_hangup(HangupCause::other);
    gone.other_cause = "destination_out_of_order";
    life.feed(gone);
    life.wait(seconds{3});
    EXPECT_EQ(life.told.back(), "transfer.failed:destination_out_of_order");
}

TEST(ApplyLegs, ATargetWithoutOurClientStateIsFoundByItsSession) {
    const auto untagged = [](CarrierEvent e) {
        e.tag = {};
        return e;
    };
    Life life = transferring();
    EXPECT_TRUE(is_related(life.call, untagged(target_initiated())));
    life.feed(untagged(target_initiated()));
    EXPECT_EQ(life.call.transfer->leg, CallControlId{"v3:leg-b1"});
    life.feed(untagged(target_answered()));
    EXPECT_EQ(life.call.disposition, Disposition::transferred);

    CarrierEvent elsewhere = untagged(target_initiated());
    elsewhere.call_control_id = CallControlId{"v3:leg-c"};
    EXPECT_FALSE(is_related(life.call, elsewhere)) << "the target is known by now";
    elsewhere.call_session_id = CallSessionId{"another"};
    EXPECT_FALSE(is_related(transferring().call, elsewhere));
    CarrierEvent incoming = untagged(target_initiated());
    incoming.direction = Direction::inbound;
    EXPECT_FALSE(is_related(transferring().call, incoming)) << "a call of its own";
    EXPECT_FALSE(is_related(talking().call, untagged(target_initiated()))) << "nobody asked for it";
}

TEST(ApplyLegs, AGatherThatTheHangupOvertakesIsToldWithItsDigits) {
    Life start = talking();
    start.feed(gather_of());
    expect_one_record(start, {gather_ended("12", true), own_hangup(seconds{129})},
                      "completed answered caller-hangup 2026-01-15T10:00:02.000000Z "
                      "2026-01-15T10:02:09.000000Z 127  0 530000 0",
                      {"call.gather.completed:12", "call.ended"});
}

TEST(ApplyLegs, ATransferWhileDigitsAreCollectedEndsTheSameInEveryOrder) {
    Life start = transferring();
    start.feed(gather_of());
    expect_one_record(
        start,
        {target_initiated(), gather_ended("12", true), target_answered(),
         target_hangup(HangupCause::normal_clearing, seconds{129}), own_hangup(seconds{129})},
        "completed transferred transfer 2026-01-15T10:00:02.000000Z "
        "2026-01-15T10:02:09.000000Z 127 +31850099999 98 530000 0",
        {"transfer.initiated", "transfer.completed", "call.gather.completed:12", "call.ended"});
    expect_one_record(
        start,
        {target_initiated(), gather_ended("", false), target_hangup(HangupCause::user_busy),
         own_hangup(seconds{129})},
        "completed answered caller-hangup 2026-01-15T10:00:02.000000Z "
        "2026-01-15T10:02:09.000000Z 127  0 530000 0",
        {"transfer.initiated", "transfer.failed:user_busy", "call.gather.completed", "call.ended"});
}

TEST(ApplyLegs, WhetherAMachineAnsweredIsTheSameInEveryOrder) {
    Life start;
    start.at = t0;
    NewOutboundCall birth = new_outbound();
    birth.order.machine_detection = "detect";
    start.take(begin_outbound_call(birth, t0));
    CarrierEvent rings = initiated();
    rings.direction = Direction::outbound;
    const CarrierEvent left = hangup(HangupCause::normal_clearing, HangupSource::callee);
    const std::string ended =
        " caller-hangup 2026-01-15T10:00:02.000000Z 2026-01-15T10:02:09.000000Z 127  0 530000 0";
    expect_one_record(start, {rings, answered(), machine(), left}, "completed voicemail" + ended,
                      {"call.started", "call.ended"});
    expect_one_record(start, {rings, answered(), human(), left}, "completed answered" + ended,
                      {"call.started", "call.ended"});
}

TEST(ApplyLegs, ACallerWhoLeavesTakesTheRingingTargetAlong) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(own_hangup(seconds{22}));
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 1U);
    life.wait(seconds{3});
    EXPECT_TRUE(life.call.is_final());
    EXPECT_EQ(life.told, (std::vector<std::string>{"transfer.initiated",
                                                   "transfer.failed:caller-hangup", "call.ended"}));
}

TEST(ApplyLegs, ATargetThatTurnsUpAfterTheEndIsHungUp) {
    Life life = transferring();
    life.feed(own_hangup(seconds{22}));
    life.wait(seconds{3});
    ASSERT_TRUE(life.call.is_final());
    life.feed(target_initiated());
    ASSERT_EQ(life.sent(CommandKind::hangup_target), 1U);
    EXPECT_EQ(life.commands.back().call_control_id, CallControlId{"v3:leg-b1"});
    EXPECT_TRUE(is_wanted(life.call, life.commands.back()));
    life.feed(target_hangup(HangupCause::normal_clearing));
    EXPECT_FALSE(is_wanted(life.call, life.commands.back()));
}

TEST(ApplyLegs, OneLegWithoutTheOtherIsHungUpAfterTenSeconds) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(target_answered());
    life.feed(own_hangup(seconds{40}));
    life.wait(seconds{9});
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 0U);
    life.wait(seconds{2});
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 1U);
    EXPECT_FALSE(life.call.is_final()) << "only the carrier ends a call";
    life.asked.clear();
    life.feed(result(CommandKind::hangup_target, CommandOutcome::call_gone));
    EXPECT_FALSE(life.call.is_final()) << "when it ended is the carrier's to say";
    ASSERT_EQ(life.asked, std::vector{CallControlId{"v3:leg-b1"}});
    life.feed(CarrierStatus{.view = CarrierView::gone,
                            .end_time = t0 + seconds{41},
                            .detail = {},
                            .leg = CallControlId{"v3:leg-b1"}});
    EXPECT_TRUE(life.call.is_final());
    EXPECT_EQ(life.call.ended_reason, EndedReason::transfer);
    EXPECT_EQ(life.call.ended_at, t0 + seconds{41});
    EXPECT_EQ(life.call.transfer_duration_seconds, 10);
}

TEST(ApplyLegs, AnEarlierGathersDigitsAreNotTheNextOnes) {
    Life life = talking();
    life.feed(gather_of());
    life.wait(seconds{60});  // its watchdog fires
    life.feed(gather_of());
    CarrierEvent late = gather_ended("12", true, seconds{20});  // and no client_state of ours
    life.feed(late);
    EXPECT_EQ(life.told.back(), "call.gather.completed") << "of the first, without digits";
    CarrierEvent right = gather_ended("34", true, seconds{70});
    life.feed(right);
    EXPECT_EQ(life.told.back(), "call.gather.completed:34");
}

TEST(ApplyLegs, AnEndThatWasAskedForSweepsAllLegs) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(target_answered());
    life.feed(EndRequested{"r"});
    EXPECT_EQ(life.sent(CommandKind::hangup), 1U);
    EXPECT_EQ(life.sent(CommandKind::hangup_target), 1U);
    life.feed(target_hangup(HangupCause::normal_clearing));
    life.feed(own_hangup(seconds{41}));
    EXPECT_EQ(life.call.ended_reason, EndedReason::api);
    EXPECT_EQ(life.call.disposition, Disposition::transferred);
}

TEST(ApplyLegs, AfterAFailureAnotherTransferMayBeTried) {
    Life life = transferring();
    life.feed(target_initiated());
    life.feed(target_hangup(HangupCause::no_answer));
    life.feed(transfer_to("+31850099998"));
    ASSERT_EQ(life.sent(CommandKind::transfer), 2U);
    EXPECT_NE(life.commands[0].command_id, life.commands.back().command_id);
    CarrierEvent second = target_answered();
    second.call_control_id = CallControlId{"v3:leg-b2"};
    second.call_leg_id = CallLegId{"leg-b2"};
    second.tag.transfer = 2;
    life.feed(second);
    EXPECT_EQ(life.call.transferred_to, "+31850099998");
    life.feed(target_answered());  // of the first: says nothing any more
    EXPECT_EQ(life.call.transferred_to, "+31850099998");
}

TEST(ApplyLegs, RequestsAreRefusedByTheRow) {
    const auto refusal = [](const Call& call, What what) {
        return apply(call, Input{.at = t0 + seconds{20}, .what = std::move(what)}).refusal;
    };
    const Call talks = talking().call;
    EXPECT_EQ(refusal(ringing(), transfer_to()), RequestRefusal::not_in_progress);
    EXPECT_EQ(refusal(ringing(), gather_of()), RequestRefusal::not_in_progress);
    Call no_leg = talks;
    no_leg.call_control_id = {};
    EXPECT_EQ(refusal(no_leg, transfer_to()), RequestRefusal::no_control_channel);
    EXPECT_EQ(refusal(transferring().call, transfer_to()), RequestRefusal::transfer_in_progress);
    EXPECT_EQ(refusal(after(talks, gather_of(), t0), gather_of()),
              RequestRefusal::gather_in_progress);
    EXPECT_EQ(refusal(after(talks, EndRequested{"r"}, t0), gather_of()),
              RequestRefusal::not_in_progress);
    EXPECT_EQ(refusal(talks, transfer_to()), std::nullopt);
}

TEST(ApplyLegs, AGatherIsWatchedAndItsTerminatorIsCut) {
    Life life = talking();
    life.feed(gather_of());  // 15 s, a prompt of 2 s, 30 s of grace
    life.wait(seconds{46});
    EXPECT_TRUE(life.call.gather);
    life.wait(seconds{2});
    EXPECT_FALSE(life.call.gather);
    EXPECT_EQ(life.told.back(), "call.gather.completed");
    life.feed(gather_of());
    life.feed(gather_ended("12#", false, seconds{70}));
    EXPECT_EQ(life.told.back(), "call.gather.completed:12");
    EXPECT_EQ(life.sent(CommandKind::gather), 2U);
    EXPECT_NE(life.commands[0].command_id, life.commands[1].command_id);
}

TEST(ApplyLegs, SilenceEndsTheCallButNotWhileDigitsAreCollectedOrATargetTalks) {
    Life life = talking();
    life.feed(SpeechHeard{});
    life.wait(seconds{29});
    life.feed(SpeechHeard{});
    life.wait(seconds{29});
    EXPECT_FALSE(life.call.hangup_asked);
    life.feed(gather_of());  // watched for 47 s
    life.wait(seconds{40});
    EXPECT_FALSE(life.call.hangup_asked);
    life.feed(gather_ended("1", true));
    life.wait(seconds{31});
    ASSERT_TRUE(life.call.hangup_asked);
    EXPECT_EQ(life.call.hangup_asked->reason, EndedReason::silence_timeout);

    life = transferring();
    life.feed(SpeechHeard{});
    life.feed(target_initiated());
    life.feed(target_answered());
    life.wait(seconds{300});
    EXPECT_FALSE(life.call.hangup_asked);
}

TEST(ApplyLegs, ACallThatWePlaceEndsByTheTable) {
    struct Row {
        HangupCause cause;
        CallStatus status;
        Disposition disposition;
        std::optional<EndedReason> reason;
    };
    const Row rows[] = {
        {HangupCause::user_busy, CallStatus::busy, Disposition::busy, std::nullopt},
        {HangupCause::timeout, CallStatus::no_answer, Disposition::no_answer, EndedReason::timeout},
        {HangupCause::no_answer, CallStatus::no_answer, Disposition::no_answer,
         EndedReason::timeout},
        {HangupCause::call_rejected, CallStatus::rejected, Disposition::rejected, std::nullopt},
        {HangupCause::not_found, CallStatus::failed, Disposition::failed, EndedReason::error},
        {HangupCause::unspecified, CallStatus::failed, Disposition::failed, EndedReason::error},
        {HangupCause::other, CallStatus::failed, Disposition::failed, EndedReason::error},
    };
    for (const Row& row : rows) {
        Life life;
        life.at = t0;
        life.take(begin_outbound_call(new_outbound(), t0));
        EXPECT_EQ(life.sent(CommandKind::dial), 1U);
        CarrierEvent rings = initiated();
        rings.direction = Direction::outbound;
        life.feed(rings);
        life.feed(hangup(row.cause, HangupSource::callee, seconds{9}));
        life.wait(seconds{3});
        EXPECT_EQ(life.call.status, row.status) << word_of(row.cause);
        EXPECT_EQ(life.call.disposition, row.disposition) << word_of(row.cause);
        EXPECT_EQ(life.call.ended_reason, row.reason) << word_of(row.cause);
        EXPECT_EQ(life.told.front(), "call.ringing");
        EXPECT_EQ(life.told.back(), "call.failed");
        EXPECT_EQ(life.sent(CommandKind::answer), 0U) << "never answer one's own leg";
    }
}

TEST(ApplyLegs, ADialThatIsRefusedOrNeverHeardOfEnds) {
    for (const CommandOutcome outcome :
         {CommandOutcome::refused, CommandOutcome::superseded, CommandOutcome::call_gone}) {
        Life life;
        life.at = t0;
        life.take(begin_outbound_call(new_outbound(), t0));
        life.feed(result(CommandKind::dial, outcome));
        EXPECT_EQ(life.call.status, CallStatus::failed);
    }
    Life life;
    life.at = t0;
    life.take(begin_outbound_call(new_outbound(), t0));
    life.feed(result(CommandKind::dial, CommandOutcome::unknown));
    life.wait(seconds{59});
    EXPECT_FALSE(life.call.is_final());
    life.wait(seconds{2});
    EXPECT_EQ(life.call.status, CallStatus::failed);
    EXPECT_EQ(life.call.ended_reason, EndedReason::error);
}

TEST(ApplyLegs, EventsMayComeBeforeTheDialsAnswer) {
    Life life;
    life.at = t0;
    life.take(begin_outbound_call(new_outbound(), t0));
    CarrierEvent early = answered();
    early.tag.call = CallId{1};
    life.feed(early);
    EXPECT_EQ(life.call.status, CallStatus::in_progress);
    EXPECT_EQ(life.call.call_control_id, CallControlId{"v3:leg-a"});
    CommandResult taken = result(CommandKind::dial, CommandOutcome::accepted);
    taken.leg = CallControlId{"v3:another-name"};
    life.feed(taken);
    EXPECT_EQ(life.call.call_control_id, CallControlId{"v3:leg-a"});
}

TEST(ApplyLegs, ADialledLegIsKnownUnderAnotherControlId) {
    Life life;
    life.at = t0;
    life.take(begin_outbound_call(new_outbound(), t0));
    CommandResult taken = result(CommandKind::dial, CommandOutcome::accepted);
    taken.leg = CallControlId{"v3:of-the-dial"};
    taken.call_leg_id = CallLegId{"leg-a"};
    taken.call_session_id = CallSessionId{"session"};
    life.feed(taken);
    CarrierEvent by_leg = answered();
    by_leg.call_session_id = {};
    CarrierEvent by_session = answered();
    by_session.call_leg_id = CallLegId{"another"};
    CarrierEvent neither = by_session;
    neither.call_session_id = CallSessionId{"another"};
    EXPECT_FALSE(is_related(life.call, neither));
    EXPECT_TRUE(is_related(life.call, by_leg));
    EXPECT_TRUE(is_related(life.call, by_session));
    CarrierEvent tagged = neither;
    tagged.tag.call = CallId{1};
    for (const CarrierEvent& event : {by_leg, by_session, tagged}) {
        EXPECT_EQ(apply(life.call, Input{.at = t0 + seconds{2}, .what = event}).call.status,
                  CallStatus::in_progress);
    }
}

TEST(ApplyLegs, AMachineThatAnswersMakesItVoicemailUnlessSomebodyTalked) {
    const auto placed = [](bool hang_up) {
        Life life;
        life.at = t0;
        NewOutboundCall birth = new_outbound();
        birth.terms.policy.hang_up_on_voicemail = hang_up;
        life.take(begin_outbound_call(birth, t0));
        return life;
    };
    Life life = placed(false);
    life.feed(answered());
    life.feed(machine());
    EXPECT_EQ(life.call.disposition, Disposition::voicemail);
    EXPECT_EQ(life.sent(CommandKind::hangup), 0U);
    life = placed(true);
    life.feed(machine());  // before its answer
    EXPECT_EQ(life.call.status, CallStatus::ringing);
    life.feed(answered());
    EXPECT_EQ(life.call.disposition, Disposition::voicemail);
    EXPECT_EQ(life.sent(CommandKind::hangup), 1U);
    life = placed(false);
    life.feed(answered());
    life.call.turn_count = 2;
    life.feed(machine());
    EXPECT_EQ(life.call.disposition, Disposition::answered);
}

}  // namespace
}  // namespace gw
