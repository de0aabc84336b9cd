#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the writer does for calls, inside a transaction somebody else began. What is refused before
// the first write is returned, what is refused after it is thrown as RefusedMidway. The usual
// commit costs no look-up: the update itself compares the version, the index itself finds the
// repetition.
#include "gateway/ports/call_store.hpp"
#include "gateway/store/call_days.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

class CallWrites {
public:
    explicit CallWrites(Connection& db);

    Result<void> commit(const ports::CallCommit& commit);
    Result<void> park(const ports::ParkedEvent& parked);
    Result<void> discard_parked(const std::vector<EventId>& events);
    Result<void> note_repeat(const EventId& id, UtcTime occurred_at);
    // Writes something that needs room, so that a full disk is noticed.
    Result<void> ping();

private:
    Result<void> check_new(const Call& call);
    Result<void> check_known(const ports::CallCommit& commit);
    bool leg_is_free(const Call& call);
    bool is_on_timeline(const CarrierEvent& event);
    Result<void> write_new(const Call& call);
    Result<void> write_known(const ports::CallCommit& commit);
    void write_change(const Call& call, CallChange change);
    void write_leg(const Call& call);
    void write_target_leg(const Call& call);
    void write_entry(CallId call_id, const ports::TimelineEntry& entry);
    void write_webhook(const ports::CallCommit& commit, const ports::OutboundEvent& event);
    void write_commands(const ports::CallCommit& commit);

    Connection& db_;
    std::string scratch_;
    Statement select_version_;
    Statement select_id_;
    Statement select_leg_;
    Statement select_event_;
    CallDays days_;
    Statement insert_call_;
    Statement insert_course_;
    Statement update_course_;
    Statement update_outcome_;
    Statement update_all_;
    Statement insert_leg_;
    Statement insert_entry_;
    Statement insert_command_;
    Statement delete_command_;
    Statement insert_webhook_;
    Statement insert_delivery_;
    Statement select_parked_;
    Statement insert_parked_;
    Statement delete_parked_;
    Statement note_repeat_;
    Statement insert_probe_;
    Statement delete_probe_;
};

}  // namespace gw::store
