// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_reads.hpp"

#include "gateway/domain/words.hpp"
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

bool is_newer(const Call& a, const Call& b) {
    return std::pair(a.created_at, a.id) > std::pair(b.created_at, b.id);
}

bool is_live(CallStatus status) {
    return status == CallStatus::ringing || status == CallStatus::in_progress;
}

}  // namespace

CallReads::CallReads(Connection& db)
    : db_(db),
      select_call_(db, "SELECT " + call_columns() + " FROM calls WHERE id = ?"),
      select_by_leg_(db, "SELECT call_id FROM call_legs WHERE call_control_id = ?"),
      select_events_(db,
                     "SELECT event_id FROM timeline WHERE call_id = ? AND event_id IS NOT NULL "
                     "ORDER BY seq"),
      select_live_(db, "SELECT " + call_columns() + " FROM calls WHERE status IN " +
                           std::string(live_words) + " ORDER BY id"),
      select_timeline_(db,
                       "SELECT seq, at, kind, verdict, repeats, data, effects FROM timeline "
                       "WHERE call_id = ? AND seq > ? ORDER BY seq LIMIT ?"),
      select_commands_(db,
                       "SELECT call_id, command_id, kind, call_control_id, reject_cause, "
                       "issued_at FROM commands ORDER BY issued_at, call_id, command_id"),
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

Statement& CallReads::list_statement(const ports::CallFilter& filter) {
    std::string sql = "SELECT " + call_columns() + " FROM calls INDEXED BY ";
    const bool live = filter.status && is_live(*filter.status);
    // The index is named because without statistics SQLite guesses, and a wrong guess reads all
    // history.
    sql += live ? "calls_live" : filter.agent_id ? "calls_by_agent" : "calls_by_project";
    sql += live || !filter.agent_id ? " WHERE project_id = ?1 AND (?2 IS NULL OR agent_id = ?2)"
                                    : " WHERE agent_id = ?2 AND project_id = ?1";
    sql += " AND created_at >= ?3 AND (created_at, id) < (?4, ?5)";
    if (live) {
        sql += " AND status IN ";
        sql += live_words;
    }
    sql += " AND (?6 IS NULL OR status = ?6) AND (?7 IS NULL OR disposition = ?7)";
    sql += " ORDER BY created_at DESC, id DESC LIMIT ?8";
    auto& statement = lists_[sql];
    if (!statement) {
        statement = std::make_unique<Statement>(db_, sql);
    }
    return *statement;
}

Result<ports::CallPage> CallReads::list(const ports::ProjectScope& scope,
                                        const ports::CallFilter& filter,
                                        const std::optional<ports::CallCursor>& after,
                                        std::size_t limit) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    // Both upper bounds as one, or the index could serve only one of them.
    std::pair<std::int64_t, std::int64_t> below{highest, highest};
    if (filter.created_before) {
        below = {micros_of(*filter.created_before), lowest};
    }
    if (after) {
        below = std::min(below, {micros_of(after->created_at), after->id.value()});
    }
    Statement& statement = list_statement(filter);
    ports::CallPage page;
    for (const ProjectId& project : scope.projects) {
        statement.put(project).put(filter.agent_id);
        statement.put(filter.created_from ? micros_of(*filter.created_from) : lowest);
        statement.put(below.first).put(below.second);
        statement.put(filter.status ? std::optional(word_of(*filter.status)) : std::nullopt);
        statement.put(filter.disposition ? std::optional(word_of(*filter.disposition))
                                         : std::nullopt);
        statement.put(sql_limit(limit) + 1);
        const StatementGuard guard(statement);
        while (statement.next()) {
            page.calls.push_back(get_call(statement));
        }
    }
    std::ranges::sort(page.calls, is_newer);
    const auto same = [](const Call& a, const Call& b) { return a.id == b.id; };
    page.calls.erase(std::unique(page.calls.begin(), page.calls.end(), same), page.calls.end());
    if (page.calls.size() > limit) {
        page.calls.erase(page.calls.begin() + static_cast<std::ptrdiff_t>(limit), page.calls.end());
        if (!page.calls.empty()) {
            page.next = ports::CallCursor{page.calls.back().created_at, page.calls.back().id};
        }
    }
    return page;
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
