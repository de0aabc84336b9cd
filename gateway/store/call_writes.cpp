// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_writes.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/rows.hpp"
#include "gateway/store/timeline_json.hpp"

namespace gw::store {
namespace {

// When the commit happens, by our clock: deliveries are due from then on.
UtcTime moment_of(const ports::CallCommit& commit, const PublicEvent& event) {
    return commit.entries.empty() ? event.at : commit.entries.back().input.at;
}

}  // namespace

CallWrites::CallWrites(Connection& db)
    : db_(db),
      select_version_(db,
                      "SELECT version, project_id, agent_id, created_at, call_control_id "
                      "FROM calls WHERE id = ?"),
      select_id_(db, "SELECT 1 FROM calls WHERE id = ?"),
      select_leg_(db, "SELECT call_id FROM call_legs WHERE call_control_id = ?"),
      select_event_(db, "SELECT 1 FROM timeline WHERE occurred_at = ? AND event_id = ?"),
      insert_call_(db, insert_call_sql()),
      update_call_(db, update_call_sql()),
      update_keys_(db,
                   "UPDATE calls SET project_id = ?, agent_id = ?, created_at = ? WHERE id = ?"),
      insert_leg_(db,
                  "INSERT INTO call_legs (call_control_id, call_id, call_leg_id, call_session_id, "
                  "role) VALUES (?, ?, ?, ?, 'main') ON CONFLICT DO NOTHING"),
      insert_entry_(db,
                    "INSERT INTO timeline (call_id, seq, at, kind, verdict, occurred_at, "
                    "event_id, effects, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_command_(db,
                      "INSERT INTO commands (command_id, call_id, kind, call_control_id, "
                      "reject_cause, issued_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
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
    bool keys_changed = false;
    bool leg_changed = false;
    const auto checked = commit.expected_version == 0
                             ? check_new(commit.call)
                             : check_known(commit, keys_changed, leg_changed);
    if (!checked) {
        return checked;
    }
    if (auto fresh = check_events(commit); !fresh) {
        return fresh;
    }
    write_call(commit, keys_changed, leg_changed);
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

Result<void> CallWrites::check_known(const ports::CallCommit& commit, bool& keys_changed,
                                     bool& leg_changed) {
    const Call& call = commit.call;
    select_version_.put(call.id);
    const StatementGuard guard(select_version_);
    if (!select_version_.next()) {
        return Error(Errc::conflict, to_public(call.id) + " is not on record");
    }
    if (static_cast<std::uint64_t>(select_version_.get_int()) != commit.expected_version) {
        return Error(Errc::conflict, to_public(call.id) + " was changed by another first");
    }
    const bool same_project = select_version_.get_optional_id<ProjectId>() == call.project_id;
    const bool same_agent = select_version_.get_optional_id<AgentId>() == call.agent_id;
    const bool same_time = select_version_.get_time() == call.created_at;
    keys_changed = !(same_project && same_agent && same_time);
    leg_changed = select_version_.get_view() != call.call_control_id.value();
    if (leg_changed && !leg_is_free(call)) {
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

Result<void> CallWrites::check_events(const ports::CallCommit& commit) {
    for (auto entry = commit.entries.begin(); entry != commit.entries.end(); ++entry) {
        const CarrierEvent* event = carrier_event_of(entry->input);
        if (event == nullptr) {
            continue;
        }
        for (auto earlier = commit.entries.begin(); earlier != entry; ++earlier) {
            const CarrierEvent* other = carrier_event_of(earlier->input);
            if (other != nullptr && other->id == event->id) {
                return Error(Errc::duplicate, "event " + event->id.value() + " twice in a commit");
            }
        }
        if (is_on_timeline(*event)) {
            return Error(Errc::duplicate, "event " + event->id.value() + " is on record already");
        }
    }
    return {};
}

void CallWrites::write_call(const ports::CallCommit& commit, bool keys_changed, bool leg_changed) {
    const Call& call = commit.call;
    if (commit.expected_version == 0) {
        put_call(insert_call_, call);
        insert_call_.run();
        write_leg(call);
        return;
    }
    put_call_update(update_call_, call);
    update_call_.run();
    if (keys_changed) {
        update_keys_.put(call.project_id)
            .put(call.agent_id)
            .put(call.created_at)
            .put(call.id)
            .run();
    }
    if (leg_changed) {
        write_leg(call);
    }
}

void CallWrites::write_leg(const Call& call) {
    if (call.call_control_id.value().empty()) {
        return;
    }
    insert_leg_.put(call.call_control_id).put(call.id).put(call.call_leg_id);
    insert_leg_.put(call.call_session_id).run();
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
}

void CallWrites::write_commands(const ports::CallCommit& commit) {
    for (const auto& id : commit.finished_commands) {
        delete_command_.put(id).run();
    }
    for (const auto& command : commit.commands) {
        insert_command_.put(command.command_id).put(commit.call.id).put(word_of(command.kind));
        insert_command_.put(command.call_control_id).put(command.reject_cause);
        insert_command_.put(command.issued_at).run();
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
