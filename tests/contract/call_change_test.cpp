// SPDX-License-Identifier: Apache-2.0
// A commit tells how much of its call is another, and the store writes no more than that: whatever
// single field changes, it must be on record afterwards.
#include "tests/contract/store_subject.hpp"

#include <functional>

namespace gw::contract {
namespace {

class CallChangeContract : public StoreContract {};

using Take = std::function<void(Call& to, const Call& from)>;

template <class... Members>
std::vector<Take> fields(Members... members) {
    return {[members](Call& to, const Call& from) { to.*members = from.*members; }...};
}

const std::vector<Take>& every_field() {
    static const std::vector<Take> all = fields(
        &Call::nonce, &Call::direction, &Call::agent_id, &Call::agent_public_id, &Call::project_id,
        &Call::org_id, &Call::from, &Call::to, &Call::language, &Call::call_control_id,
        &Call::call_leg_id, &Call::call_session_id, &Call::status, &Call::disposition,
        &Call::ended_reason, &Call::closed_by, &Call::refusal, &Call::created_at, &Call::started_at,
        &Call::ended_at, &Call::hangup, &Call::hangup_asked, &Call::carrier_cost, &Call::rates,
        &Call::policy, &Call::timers, &Call::opened_at, &Call::last_alive_at,
        &Call::deadline_passed, &Call::answer_issued_at, &Call::answer_accepted_at, &Call::gone,
        &Call::held_digits, &Call::duration_seconds, &Call::minutes_used, &Call::costs,
        &Call::recording_enabled, &Call::has_recording, &Call::ws_unavailable, &Call::turn_count,
        &Call::tool_call_count, &Call::tools_called, &Call::transferred_to,
        &Call::transfer_duration_seconds, &Call::metadata_json, &Call::extracted_data_json,
        &Call::timeline_length, &Call::webhook_sequence, &Call::transfer, &Call::gather,
        &Call::gathers, &Call::machine_awaited, &Call::machine_answered);
    return all;
}

// All of `from` but who it is, each field another than the plain call's.
Call other_call(const Call& plain) {
    Call other = full_call(plain.id);
    other.agent_id = AgentId(12);
    other.agent_public_id = "agent_back";
    other.project_id = ProjectId(2);
    other.org_id = OrgId(6);
    other.from = "+31612340000";
    other.to = "+31850010000";
    other.call_control_id = CallControlId("v3:other-" + std::to_string(plain.id.value()));
    other.call_leg_id = CallLegId("other-leg");
    other.call_session_id = CallSessionId("other-session");
    return other;
}

TEST_P(CallChangeContract, EverySingleFieldIsOnRecordAfterItsCommit) {
    for (std::size_t i = 0; i < every_field().size(); ++i) {
        const Call before = plain_call(calls().next_call_id(), 1);
        ASSERT_TRUE(commit(birth(before)));
        Call after = before;
        every_field()[i](after, other_call(before));
        ASSERT_NE(text_of(after), text_of(before)) << "field " << i << " is not another";
        ports::CallCommit next = next_commit(after);
        next.change = change_between(before, after);
        after.version = next.call.version;
        ASSERT_TRUE(commit(std::move(next)));
        EXPECT_EQ(text_of(load(before.id)), text_of(after)) << "field " << i;
    }
}

TEST_P(CallChangeContract, AStaleVersionIsAConflictWhateverChanges) {
    for (const CallChange change :
         {CallChange::course, CallChange::outcome, CallChange::anything}) {
        Call call = plain_call(calls().next_call_id(), 1);
        ASSERT_TRUE(commit(birth(call)));
        ports::CallCommit stale = next_commit(call);
        stale.expected_version = 5;
        stale.call.version = 6;
        stale.change = change;
        EXPECT_EQ(commit_error(stale), Errc::conflict);
        EXPECT_EQ(text_of(load(call.id)), text_of(call));
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, CallChangeContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(CallChange, IsTheLeastThatCoversWhatDiffers) {
    const Call before = full_call(CallId(1));
    Call after = before;
    EXPECT_EQ(change_between(before, after), CallChange::course);
    after.version += 1;
    after.timers.check = std::nullopt;
    EXPECT_EQ(change_between(before, after), CallChange::course);
    after.status = CallStatus::completed;
    EXPECT_EQ(change_between(before, after), CallChange::outcome);
    after.call_control_id = CallControlId("v3:learned");
    EXPECT_EQ(change_between(before, after), CallChange::anything);
}

}  // namespace
}  // namespace gw::contract
