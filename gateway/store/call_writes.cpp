// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_writes.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/in_call_json.hpp"
#include "gateway/store/rows.hpp"
#include "gateway/store/timeline_json.hpp"

#include <stdexcept>

namespace gw::store {
namespace {

// When the commit happens, by our clock: deliveries are due from then on.
UtcTime moment_of(const ports::CallCommit& commit, const PublicEvent& event) {
    return commit.entries.empty() ? event.at : commit.entries.back().input.at;
}

}  // namespace

CallWrites::CallWrites(Connection& db)
    : db_(db),
      select_version_(db, "SELECT version FROM call_course WHERE id = ?"),
      select_id_(db, "SELECT 1 FROM calls WHERE id = ?"),
      select_leg_(db, "SELECT call_id FROM call_legs WHERE call_control_id = ?"),
      select_event_(db, "SELECT 1 FROM timeline WHERE occurred_at = ? AND event_id = ?"),
      days_(db),
      insert_call_(db, insert_call_sql()),
      insert_course_(db, insert_course_sql()),
      update_course_(db, update_course_sql()),
      update_outcome_(db, update_call_sql(CallChange::outcome)),
      update_all_(db, update_call_sql(CallChange::anything)),
      insert_leg_(db,
                  "INSERT INTO call_legs (call_control_id, call_id, call_leg_id, call_session_id, "
                  "role) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      insert_entry_(db,
                    "INSERT INTO timeline (call_id, seq, at, kind, verdict, occurred_at, "
                    "event_id, effects, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT (occurred_at, event_id) WHERE event_id IS NOT NULL DO NOTHING"),
      insert_command_(db,
                      "INSERT INTO commands (command_id, call_id, kind, call_control_id, "
                      "reject_cause, issued_at, details) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                      "DO NOTHING"),
      delete_command_(db, "DELETE FROM commands WHERE command_id = ?"),
      insert_webhook_(db,
                      "INSERT INTO webhook_events (event_id, call_id, event, sequence, at, body) "
                      "VALUES (?, ?, ?, ?, ?, ?)"),
      insert_delivery_(db,
                       "INSERT INTO deliveries (id, endpoint_id, call_id, webhook_event, next_at, "
                       "created_at) VALUES (?, ?, ?, ?, ?, ?)"),
      select_parked_(db, "SELECT 1 FROM parked_events WHERE event_id = ?"),
      insert_parked_(db,
                     "INSERT INTO parked_events (event_id, call_control_id, kind, occurred_at, "
                     "parked_at, fields, body) VALUES (?, ?, ?, ?, ?, ?, ?)"),
      delete_parked_(db, "DELETE FROM parked_events WHERE event_id = ?"),
      note_repeat_(
          db, "UPDATE timeline SET repeats = repeats + 1 WHERE occurred_at = ? AND event_id = ?"),
      insert_probe_(db, "INSERT INTO probe (id, space) VALUES (1, zeroblob(8192))"),
      delete_probe_(db, "DELETE FROM probe") {}

Result<void> CallWrites::commit(const ports::CallCommit& commit) {
    const auto written =
        commit.expected_version == 0 ? write_new(commit.call) : write_known(commit);
    if (!written) {
        return written;
    }
    write_target_leg(commit.call);
    for (const auto& entry : commit.entries) {
        write_entry(commit.call.id, entry);
    }
    write_commands(commit);
    for (const auto& event : commit.webhooks) {
        write_webhook(commit, event);
    }
    for (const auto& event : commit.unparked) {
        delete_parked_.put(event).run();
    }
    return {};
}

Result<void> CallWrites::check_new(const Call& call) {
    select_id_.put(call.id);
    const StatementGuard guard(select_id_);
    if (select_id_.next()) {
        return Error(Errc::conflict, to_public(call.id) + " is on record already");
    }
    if (!leg_is_free(call)) {
        return Error(Errc::conflict, "the leg of " + to_public(call.id) + " has a call already");
    }
    return {};
}

Result<void> CallWrites::write_new(const Call& call) {
    if (auto fresh = check_new(call); !fresh) {
        return fresh;
    }
    // A text that cannot be made must not leave the statement half filled for the next call.
    const StatementGuard whole_call(insert_call_);
    const StatementGuard whole_course(insert_course_);
    insert_call_.put(call.id);
    put_call(insert_call_, call, CallChange::anything);
    insert_call_.run();
    insert_course_.put(call.id);
    put_course(insert_course_, call);
    insert_course_.run();
    days_.add(call);
    write_leg(call);
    return {};
}

Result<void> CallWrites::write_known(const ports::CallCommit& commit) {
    if (commit.change == CallChange::anything) {
        if (auto known = check_known(commit); !known) {
            return known;
        }
        write_leg(commit.call);
    }
    put_course(update_course_, commit.call);
    update_course_.put(commit.call.id).put(commit.expected_version).run();
    if (db_.changes() == 1) {
        write_change(commit.call, commit.change);
        return {};
    }
    if (auto known = check_known(commit); !known) {
        return known;
    }
    throw std::logic_error(to_public(commit.call.id) + " cannot be updated");
}

void CallWrites::write_change(const Call& call, CallChange change) {
    if (change == CallChange::course) {
        return;
    }
    days_.take_out(call.id);
    Statement& update = change == CallChange::outcome ? update_outcome_ : update_all_;
    const StatementGuard whole(update);
    put_call(update, call, change);
    update.put(call.id).run();
    days_.add(call);
}

// Somebody else was first, or the call's leg is another one's.
Result<void> CallWrites::check_known(const ports::CallCommit& commit) {
    const Call& call = commit.call;
    select_version_.put(call.id);
    const StatementGuard guard(select_version_);
    if (!select_version_.next()) {
        return Error(Errc::conflict, to_public(call.id) + " is not on record");
    }
    if (static_cast<std::uint64_t>(select_version_.get_int()) != commit.expected_version) {
        return Error(Errc::conflict, to_public(call.id) + " was changed by another first");
    }
    if (!leg_is_free(call)) {
        return Error(Errc::conflict, "the leg of " + to_public(call.id) + " has a call already");
    }
    return {};
}

bool CallWrites::leg_is_free(const Call& call) {
    select_leg_.put(call.call_control_id);
    const StatementGuard guard(select_leg_);
    return !select_leg_.next() || select_leg_.get_int() == call.id.value();
}

bool CallWrites::is_on_timeline(const CarrierEvent& event) {
    select_event_.put(event.occurred_at).put(event.id);
    const StatementGuard guard(select_event_);
    return select_event_.next();
}

void CallWrites::write_leg(const Call& call) {
    if (call.call_control_id.value().empty()) {
        return;
    }
    insert_leg_.put(call.call_control_id).put(call.id).put(call.call_leg_id);
    insert_leg_.put(call.call_session_id).put("main").run();
}

// So that the target's events find their call, also when it has left memory.
void CallWrites::write_target_leg(const Call& call) {
    if (call.transfer && !call.transfer->leg.value().empty()) {
        insert_leg_.put(call.transfer->leg).put(call.id).put("");
        insert_leg_.put(call.call_session_id).put("transfer").run();
    }
}

void CallWrites::write_entry(CallId call_id, const ports::TimelineEntry& entry) {
    const CarrierEvent* event = carrier_event_of(entry.input);
    const std::string kind = kind_of(entry.input);
    const std::string effects = effects_json(entry.effects);
    const std::string_view data = data_of(entry.input, scratch_);
    insert_entry_.put(call_id).put(entry.seq).put(entry.input.at).put(kind);
    insert_entry_.put(word_of(entry.verdict));
    if (event != nullptr) {
        insert_entry_.put(event->occurred_at).put(event->id);
    } else {
        insert_entry_.put_null().put_null();
    }
    insert_entry_.put(effects).put(data).run();
    if (db_.changes() == 0) {
        throw RefusedMidway(
            Error(Errc::duplicate, "event " + event->id.value() + " is on record already"));
    }
}

void CallWrites::write_commands(const ports::CallCommit& commit) {
    for (const auto& id : commit.finished_commands) {
        delete_command_.put(id).run();
    }
    for (const auto& command : commit.commands) {
        insert_command_.put(command.command_id).put(commit.call.id).put(word_of(command.kind));
        insert_command_.put(command.call_control_id).put(command.reject_cause);
        const std::string details = order_json(command);
        insert_command_.put(command.issued_at).put(details).run();
    }
}

void CallWrites::write_webhook(const ports::CallCommit& commit, const ports::OutboundEvent& event) {
    insert_webhook_.put(event.event.id).put(commit.call.id).put(word_of(event.event.type));
    insert_webhook_.put(event.event.sequence).put(event.event.at).put(event.body).run();
    const std::int64_t row = db_.last_row_id();
    const UtcTime due = moment_of(commit, event.event);
    for (const auto& [delivery, endpoint] : event.deliveries) {
        insert_delivery_.put(delivery).put(endpoint).put(commit.call.id).put(row);
        insert_delivery_.put(due).put(due).run();
    }
}

Result<void> CallWrites::park(const ports::ParkedEvent& parked) {
    select_parked_.put(parked.event.id);
    const StatementGuard guard(select_parked_);
    if (select_parked_.next() || is_on_timeline(parked.event)) {
        return Error(Errc::duplicate, "event " + parked.event.id.value() + " is on record already");
    }
    const std::string fields = parked_fields_json(parked.event);
    insert_parked_.put(parked.event.id).put(parked.event.call_control_id);
    insert_parked_.put(parked.event.type_word).put(parked.event.occurred_at);
    insert_parked_.put(parked.parked_at).put(fields).put(parked.event.raw).run();
    return {};
}

Result<void> CallWrites::discard_parked(const std::vector<EventId>& events) {
    for (const auto& event : events) {
        delete_parked_.put(event).run();
    }
    return {};
}

Result<void> CallWrites::note_repeat(const EventId& id, UtcTime occurred_at) {
    note_repeat_.put(occurred_at).put(id).run();
    return {};
}

Result<void> CallWrites::ping() {
    insert_probe_.run();
    delete_probe_.run();
    return {};
}

}  // namespace gw::store
