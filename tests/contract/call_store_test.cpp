// SPDX-License-Identifier: Apache-2.0
// The promises of ports::CallStore about commits and timelines, over every implementation.
#include "gateway/domain/words.hpp"
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

namespace gw::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using CallStoreContract = StoreContract;

INSTANTIATE_TEST_SUITE_P(Stores, CallStoreContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

ports::TimelineEntry entry(std::uint32_t seq, Input input) {
    ports::TimelineEntry out;
    out.seq = seq;
    out.input = std::move(input);
    return out;
}

SendCommand command(const Call& call, const std::string& id, CommandKind kind) {
    return {CommandId(id), kind, call.call_control_id, "", at(1)};
}

std::vector<std::string> ids_of(const std::vector<EventId>& events) {
    std::vector<std::string> out;
    for (const auto& id : events) {
        out.push_back(id.value());
    }
    return out;
}

TEST_P(CallStoreContract, WhatWasCommittedIsLoadedEqual) {
    Call call = full_call(calls().next_call_id());
    ASSERT_TRUE(commit(birth(call)));
    EXPECT_EQ(text_of(load(call.id)), text_of(call));

    Call empty;
    empty.id = calls().next_call_id();
    empty.version = 1;
    empty.call_control_id = CallControlId("v3:bare");
    ports::CallCommit bare;
    bare.call = empty;
    ASSERT_TRUE(commit(bare));
    EXPECT_EQ(text_of(load(empty.id)), text_of(empty));
}

TEST_P(CallStoreContract, ALaterCommitReplacesEveryField) {
    const CallId id = calls().next_call_id();
    ASSERT_TRUE(commit(birth(plain_call(id, 1))));
    Call changed = full_call(id);
    changed.project_id = ProjectId(2);
    changed.agent_id = std::nullopt;
    changed.created_at = at(99);
    changed.version = 1;
    auto second = next_commit(changed);
    ASSERT_TRUE(commit(second));
    EXPECT_EQ(text_of(load(id)), text_of(second.call));

    Call back = plain_call(id, 1);
    back.version = 2;
    auto third = next_commit(back);
    ASSERT_TRUE(commit(third));
    EXPECT_EQ(text_of(load(id)), text_of(third.call));
}

TEST_P(CallStoreContract, UnknownCallsAndLegsAreNothing) {
    EXPECT_FALSE(run_awaitable(calls().load(CallId(77))).value().has_value());
    EXPECT_FALSE(run_awaitable(calls().load_by_leg(CallControlId("v3:none"))).value().has_value());
    EXPECT_THAT(run_awaitable(calls().timeline(CallId(77), 0, 10)).value(), IsEmpty());
}

TEST_P(CallStoreContract, ACommitOnAnotherVersionIsAConflictAndChangesNothing) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    auto stale = next_commit(call);
    stale.expected_version = 2;
    stale.call.version = 3;
    stale.entries.push_back(entry_of(event("e-stale", "call.answered", call), 2));
    stale.commands.push_back(command(call, "c-stale", CommandKind::hangup));
    EXPECT_EQ(commit_error(stale), Errc::conflict);
    EXPECT_EQ(commit_error(birth(call)), Errc::conflict);  // the same call as new
    EXPECT_EQ(text_of(load(call.id)), text_of(call));
    EXPECT_EQ(run_awaitable(calls().timeline(call.id, 0, 10)).value().size(), 1U);
    EXPECT_THAT(run_awaitable(calls().owed_commands()).value(), IsEmpty());
    // The event is not on record, so it can be committed now.
    auto good = next_commit(call);
    good.entries = stale.entries;
    EXPECT_TRUE(commit(good));
}

TEST_P(CallStoreContract, ALegHasOneCall) {
    const Call first = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(first)));
    Call second = plain_call(calls().next_call_id(), 2);
    second.call_control_id = first.call_control_id;
    ports::CallCommit twin;
    twin.call = second;
    EXPECT_EQ(commit_error(twin), Errc::conflict);
    EXPECT_FALSE(run_awaitable(calls().load(second.id)).value().has_value());
}

TEST_P(CallStoreContract, AnEventIsTakenOnceWhateverTheCall) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    auto again = next_commit(call);
    again.entries.push_back(entry_of(event("e-new", "call.answered", call), 2));
    again.entries.push_back(
        entry_of(event(call.call_control_id.value() + "-initiated", "call.initiated", call), 3));
    EXPECT_EQ(commit_error(again), Errc::duplicate);

    const Call other = plain_call(calls().next_call_id(), 1);
    auto stolen = birth(other);
    std::get<BoxedEvent>(stolen.entries[0].input.what)->id =
        EventId(call.call_control_id.value() + "-initiated");
    EXPECT_EQ(commit_error(stolen), Errc::duplicate);
    EXPECT_FALSE(run_awaitable(calls().load(other.id)).value().has_value());

    auto twice = next_commit(call);
    twice.entries.push_back(entry_of(event("e-twice", "call.answered", call), 2));
    twice.entries.push_back(entry_of(event("e-twice", "call.answered", call), 3));
    EXPECT_EQ(commit_error(twice), Errc::duplicate);
    EXPECT_EQ(load(call.id).version, 1U);
    EXPECT_EQ(run_awaitable(calls().timeline(call.id, 0, 10)).value().size(), 1U);
}

TEST_P(CallStoreContract, ACallIsFoundByItsLegWithTheEventsItHasSeen) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    auto more = next_commit(call);
    more.entries.push_back(entry(2, {at(2), TimerFired{TimerKind::check}}));
    more.entries.push_back(entry_of(event("a-later", "call.answered", call), 3));
    ASSERT_TRUE(commit(more));
    const auto found = run_awaitable(calls().load_by_leg(call.call_control_id)).value();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(text_of(found->call), text_of(more.call));
    EXPECT_THAT(ids_of(found->seen), ElementsAre("v3:leg-1-initiated", "a-later"));
}

TEST_P(CallStoreContract, OnlyCallsThatAreNotFinalAreLive) {
    Call ringing = plain_call(calls().next_call_id(), 1);
    Call talking = plain_call(calls().next_call_id(), 2);
    talking.status = CallStatus::in_progress;
    talking.project_id.reset();
    Call over = plain_call(calls().next_call_id(), 3);
    over.status = CallStatus::completed;
    for (const Call& call : {ringing, talking, over}) {
        ASSERT_TRUE(commit(birth(call)));
    }
    auto live = run_awaitable(calls().load_live()).value();
    ASSERT_EQ(live.size(), 2U);
    EXPECT_EQ(text_of(live[0].call), text_of(ringing));
    EXPECT_EQ(text_of(live[1].call), text_of(talking));
    EXPECT_THAT(ids_of(live[1].seen), ElementsAre("v3:leg-2-initiated"));

    auto end = next_commit(ringing);
    end.call.status = CallStatus::canceled;
    ASSERT_TRUE(commit(end));
    EXPECT_EQ(run_awaitable(calls().load_live()).value().size(), 1U);
}

TEST_P(CallStoreContract, TheTimelineTellsEveryInputInOrderInItsOwnWords) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    auto more = next_commit(call);
    CommandResult result{CommandId("c-1"), CommandKind::answer, CommandOutcome::unknown,
                         "timeout \"x\"", 3};
    more.entries = {entry(2, {at(2), result}),
                    entry(3, {at(3), CarrierStatus{CarrierView::gone, at(30), ""}}),
                    entry(4, {at(4), TimerFired{TimerKind::settle}}),
                    entry(5, {at(5), EndRequested{"req-1"}}), entry(6, {at(6), Restarted{}})};
    more.entries[1].verdict = Verdict::late;
    PublicEvent told{WebhookEventId("whe_1"), PublicEventType::call_started, 2, at(4), ""};
    more.entries[2].effects = {command(call, "c-2", CommandKind::hangup), told,
                               AskCarrier{call.call_control_id}};
    ASSERT_TRUE(commit(more));

    const auto rows = run_awaitable(calls().timeline(call.id, 0, 100)).value();
    ASSERT_EQ(rows.size(), 6U);
    std::vector<std::string> kinds;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].seq, i + 1);
        kinds.push_back(rows[i].kind);
    }
    EXPECT_THAT(kinds, ElementsAre("call.initiated", "command.answer", "carrier.status",
                                   "timer.settle", "api.end", "restart"));
    EXPECT_EQ(rows[0].data_json, R"({"data":{"id":"v3:leg-1-initiated"}})");
    EXPECT_EQ(rows[0].effects_json, "[]");
    EXPECT_EQ(rows[0].verdict, "applied");
    EXPECT_EQ(rows[1].at, at(2));
    EXPECT_EQ(rows[1].data_json,
              R"({"command_id":"c-1","outcome":"unknown","attempts":3,"detail":"timeout \"x\""})");
    EXPECT_EQ(rows[2].verdict, "late");
    EXPECT_EQ(rows[2].data_json,
              R"({"view":"gone","end_time":")" + to_rfc3339_micros(at(30)) + "\"}");
    EXPECT_EQ(rows[3].data_json, "{}");
    EXPECT_EQ(rows[3].effects_json,
              R"([{"command":"hangup","command_id":"c-2"},)"
              R"({"webhook":"call.started","event_id":"whe_1","sequence":2},{"ask":"carrier"}])");
    EXPECT_EQ(rows[4].data_json, R"({"request_id":"req-1"})");
}

TEST_P(CallStoreContract, TheTimelineIsReadInPages) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    auto more = next_commit(call);
    for (std::uint32_t seq = 2; seq <= 9; ++seq) {
        more.entries.push_back(entry(seq, {at(seq), Restarted{}}));
    }
    ASSERT_TRUE(commit(more));
    std::vector<std::uint32_t> seen;
    std::uint32_t after = 0;
    for (int page = 0; page < 4; ++page) {
        for (const auto& row : run_awaitable(calls().timeline(call.id, after, 3)).value()) {
            seen.push_back(row.seq);
            after = row.seq;
        }
    }
    EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_P(CallStoreContract, ARepeatedEventShowsOnItsRow) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ASSERT_TRUE(commit(birth(call)));
    const EventId first("v3:leg-1-initiated");
    calls().note_repeat(first, at(1));
    calls().note_repeat(first, at(1));
    calls().note_repeat(EventId("never seen"), at(1));
    ASSERT_TRUE(run_awaitable(calls().ping()));  // what was noted before is written now
    const auto rows = run_awaitable(calls().timeline(call.id, 0, 10)).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].repeats, 2U);
}

TEST_P(CallStoreContract, CommandsAreOwedUntilTheyAreFinished) {
    const Call call = plain_call(calls().next_call_id(), 1);
    auto first = birth(call);
    first.commands = {command(call, "c-answer", CommandKind::answer)};
    SendCommand reject{CommandId("c-reject"), CommandKind::reject, call.call_control_id,
                       "USER_BUSY", at(2)};
    first.commands.push_back(reject);
    ASSERT_TRUE(commit(first));
    auto owed = run_awaitable(calls().owed_commands()).value();
    ASSERT_EQ(owed.size(), 2U);
    EXPECT_EQ(owed[0].command.command_id.value(), "c-answer");
    EXPECT_EQ(owed[0].call_id, call.id);
    EXPECT_EQ(owed[1].command.kind, CommandKind::reject);
    EXPECT_EQ(owed[1].command.call_control_id, call.call_control_id);
    EXPECT_EQ(owed[1].command.reject_cause, "USER_BUSY");
    EXPECT_EQ(owed[1].command.issued_at, at(2));

    auto second = next_commit(call);
    second.finished_commands = {CommandId("c-answer")};
    ASSERT_TRUE(commit(second));
    owed = run_awaitable(calls().owed_commands()).value();
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed[0].command.command_id.value(), "c-reject");

    auto third = next_commit(second.call);  // finished and owed anew at once
    third.finished_commands = {CommandId("c-reject")};
    third.commands = {command(call, "c-reject", CommandKind::hangup)};
    ASSERT_TRUE(commit(third));
    owed = run_awaitable(calls().owed_commands()).value();
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed[0].command.kind, CommandKind::hangup);
}

TEST_P(CallStoreContract, AParkedEventWaitsUntilItIsOnATimelineOrDiscarded) {
    const Call call = plain_call(calls().next_call_id(), 1);
    ports::ParkedEvent parked{event("p-1", "call.hangup", call), at(5)};
    parked.event.type = CarrierEventType::hangup;
    parked.event.direction = Direction::inbound;
    parked.event.start_time = at(1);
    parked.event.end_time = at(2);
    parked.event.hangup_cause = HangupCause::originator_cancel;
    parked.event.hangup_source = HangupSource::caller;
    parked.event.carrier_cost = MicroMoney{9};
    parked.event.client_state = "state \xff";  // decoded bytes, not always UTF-8
    parked.event.from = "+31612345678";
    parked.event.to = "sip:x@y";
    parked.event.connection_id = "conn";
    parked.event.digit = "*";
    parked.event.delivery_attempt = 2;
    ASSERT_TRUE(run_awaitable(calls().park(parked)));
    const auto again = run_awaitable(calls().park(parked));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), Errc::duplicate);
    ports::ParkedEvent strange{event("p-2", "call.hangup", call), at(4)};
    strange.event.type = CarrierEventType::hangup;
    strange.event.other_cause = "destination_out_of_order";
    ASSERT_TRUE(run_awaitable(calls().park(strange)));
    ASSERT_TRUE(run_awaitable(calls().park({event("p-3", "call.cost", call), at(6)})));

    auto waiting = run_awaitable(calls().parked()).value();
    ASSERT_EQ(waiting.size(), 3U);
    EXPECT_EQ(waiting[0].event.id.value(), "p-2");
    EXPECT_EQ(waiting[0].event.hangup_cause, HangupCause::other);
    EXPECT_EQ(waiting[0].event.other_cause, "destination_out_of_order");
    const CarrierEvent& read = waiting[1].event;
    EXPECT_EQ(waiting[1].parked_at, at(5));
    EXPECT_EQ(read.type, CarrierEventType::hangup);
    EXPECT_EQ(read.type_word, "call.hangup");
    EXPECT_EQ(read.raw, parked.event.raw);
    EXPECT_EQ(read.occurred_at, parked.event.occurred_at);
    EXPECT_EQ(read.call_control_id, call.call_control_id);
    EXPECT_EQ(read.call_leg_id, call.call_leg_id);
    EXPECT_EQ(read.call_session_id, call.call_session_id);
    EXPECT_EQ(read.direction, Direction::inbound);
    EXPECT_EQ(read.start_time, at(1));
    EXPECT_EQ(read.end_time, at(2));
    EXPECT_EQ(read.hangup_cause, HangupCause::originator_cancel);
    EXPECT_EQ(read.other_cause, "");
    EXPECT_EQ(read.hangup_source, HangupSource::caller);
    EXPECT_EQ(read.carrier_cost, MicroMoney{9});
    EXPECT_EQ(read.client_state, parked.event.client_state);
    EXPECT_EQ(read.from, "+31612345678");
    EXPECT_EQ(read.to, "sip:x@y");
    EXPECT_EQ(read.connection_id, "conn");
    EXPECT_EQ(read.digit, "*");
    EXPECT_EQ(read.delivery_attempt, 2U);

    auto adopting = birth(call);
    adopting.entries.push_back(entry_of(read, 2));
    adopting.unparked = {read.id};
    ASSERT_TRUE(commit(adopting));
    const auto late = run_awaitable(calls().park(parked));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), Errc::duplicate);
    const std::vector<EventId> strays = {EventId("p-2"), EventId("unknown")};
    ASSERT_TRUE(run_awaitable(calls().discard_parked(strays)));
    waiting = run_awaitable(calls().parked()).value();
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].event.id.value(), "p-3");
}

TEST_P(CallStoreContract, NumbersInUseAreNeverGivenAgain) {
    const Call call = plain_call(calls().next_call_id(), 1);
    auto first = birth(call);
    first.webhooks.push_back(outbound(calls(), "whe_1", 1, {8}));
    const DeliveryId delivery = first.webhooks[0].deliveries[0].first;
    ASSERT_TRUE(commit(first));
    const AttemptId attempt = outbox().next_attempt_id();
    ports::AttemptStart start{attempt, delivery, 1, at(4), "https://example.com/hook"};
    ASSERT_TRUE(run_awaitable(outbox().begin_attempt(start)));
    ports::AttemptEnd end{attempt, delivery, at(5), 200U, true, "", std::nullopt};
    ASSERT_TRUE(run_awaitable(outbox().finish_attempt(end)));  // the delivery leaves

    subject_->reopen();
    EXPECT_GT(calls().next_call_id(), call.id);
    EXPECT_GT(calls().next_delivery_id(), delivery);
    EXPECT_GT(outbox().next_attempt_id(), attempt);
    EXPECT_EQ(text_of(load(call.id)), text_of(call));
    EXPECT_NE(calls().next_call_id(), calls().next_call_id());
}

TEST_P(CallStoreContract, AHealthyStoreAnswersAPing) {
    EXPECT_TRUE(run_awaitable(calls().ping()));
    EXPECT_TRUE(run_awaitable(calls().ping()));
}

}  // namespace
}  // namespace gw::contract
