// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_reads.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/in_call_json.hpp"
#include "gateway/store/rows.hpp"

#include <algorithm>
#include <limits>

namespace gw::store {
namespace {

constexpr std::string_view live_words = "('ringing', 'in-progress')";

std::int64_t sql_limit(std::size_t limit) {
    return static_cast<std::int64_t>(
        std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

CallReads::CallReads(Connection& db)
    : select_call_(db, "SELECT " + call_columns() +
                           " FROM calls CROSS JOIN call_course USING (id) WHERE calls.id = ?"),
      select_by_leg_(db, "SELECT call_id FROM call_legs WHERE call_control_id = ?"),
      select_events_(db,
                     "SELECT event_id FROM timeline WHERE call_id = ? AND event_id IS NOT NULL "
                     "ORDER BY seq"),
      select_live_(db, "SELECT " + call_columns() +
                           " FROM calls INDEXED BY calls_live CROSS JOIN call_course USING (id) "
                           "WHERE status IN " +
                           std::string(live_words) + " ORDER BY calls.id"),
      select_timeline_(db,
                       "SELECT seq, at, kind, verdict, repeats, data, effects FROM timeline "
                       "WHERE call_id = ? AND seq > ? ORDER BY seq LIMIT ?"),
      select_commands_(db,
                       "SELECT call_id, command_id, kind, call_control_id, reject_cause, "
                       "issued_at, details FROM commands ORDER BY issued_at, call_id, command_id"),
      select_parked_(db,
                     "SELECT event_id, call_control_id, kind, occurred_at, parked_at, fields, "
                     "body FROM parked_events ORDER BY parked_at, event_id") {}

Result<std::optional<Call>> CallReads::load(CallId id) {
    select_call_.put(id);
    const StatementGuard guard(select_call_);
    if (!select_call_.next()) {
        return std::optional<Call>();
    }
    return std::optional(get_call(select_call_));
}

Result<std::optional<ports::LoadedCall>> CallReads::load_by_leg(const CallControlId& leg) {
    CallId id;
    {
        select_by_leg_.put(leg);
        const StatementGuard guard(select_by_leg_);
        if (!select_by_leg_.next()) {
            return std::optional<ports::LoadedCall>();
        }
        id = select_by_leg_.get_id<CallId>();
    }
    auto call = load(id);
    if (!call) {
        return call.error();
    }
    if (!call->has_value()) {
        return Error(Errc::internal, "a leg on record names a call that is not");
    }
    return std::optional(ports::LoadedCall{std::move(**call), events_of(id)});
}

std::vector<EventId> CallReads::events_of(CallId id) {
    std::vector<EventId> events;
    select_events_.put(id);
    const StatementGuard guard(select_events_);
    while (select_events_.next()) {
        events.push_back(select_events_.get_id<EventId>());
    }
    return events;
}

Result<std::vector<ports::LoadedCall>> CallReads::load_live() {
    std::vector<ports::LoadedCall> calls;
    {
        const StatementGuard guard(select_live_);
        while (select_live_.next()) {
            calls.push_back({get_call(select_live_), {}});
        }
    }
    for (auto& loaded : calls) {
        loaded.seen = events_of(loaded.call.id);
    }
    return calls;
}

Result<std::vector<ports::TimelineRow>> CallReads::timeline(CallId id, std::uint32_t after_seq,
                                                            std::size_t limit) {
    std::vector<ports::TimelineRow> rows;
    Statement& s = select_timeline_;
    s.put(id).put(after_seq).put(sql_limit(limit));
    const StatementGuard guard(s);
    while (s.next()) {
        ports::TimelineRow row;
        row.seq = static_cast<std::uint32_t>(s.get_int());
        row.at = s.get_time();
        row.kind = s.get_text();
        row.verdict = s.get_text();
        row.repeats = static_cast<std::uint32_t>(s.get_int());
        row.data_json = s.get_text();
        row.effects_json = s.get_text();
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<std::vector<ports::OwedCommand>> CallReads::owed_commands() {
    std::vector<ports::OwedCommand> owed;
    Statement& s = select_commands_;
    const StatementGuard guard(s);
    while (s.next()) {
        ports::OwedCommand command;
        command.call_id = s.get_id<CallId>();
        command.command.command_id = s.get_id<CommandId>();
        const std::string kind = s.get_text();
        const auto known = parse_word<CommandKind>(kind);
        if (!known) {
            return Error(Errc::internal, "unknown command in the database: " + kind);
        }
        command.command.kind = *known;
        command.command.call_control_id = s.get_id<CallControlId>();
        command.command.reject_cause = s.get_text();
        command.command.issued_at = s.get_time();
        read_order(s.get_view(), command.command);
        owed.push_back(std::move(command));
    }
    return owed;
}

Result<std::vector<ports::ParkedEvent>> CallReads::parked() {
    std::vector<ports::ParkedEvent> events;
    Statement& s = select_parked_;
    const StatementGuard guard(s);
    while (s.next()) {
        ports::ParkedEvent parked;
        parked.event.id = s.get_id<EventId>();
        parked.event.call_control_id = s.get_id<CallControlId>();
        parked.event.type_word = s.get_text();
        parked.event.occurred_at = s.get_time();
        parked.parked_at = s.get_time();
        read_parked_fields(s.get_view(), parked.event);
        parked.event.raw = s.get_text();
        events.push_back(std::move(parked));
    }
    return events;
}

}  // namespace gw::store
