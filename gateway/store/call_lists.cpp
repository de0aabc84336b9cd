// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_lists.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/rows.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace gw::store {
namespace {

constexpr std::string_view live_words = "('ringing', 'in-progress')";
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

// The list is walked along one of these; which holds the rows of a filter is decided in one place.
struct Walk {
    std::string_view index;
    std::string_view equal;  // the columns of the index before created_at
    std::string_view only;   // the condition of a partial index
};
constexpr std::string_view live_only = " AND status IN ('ringing', 'in-progress')";
constexpr std::string_view over_only = " AND status NOT IN ('ringing', 'in-progress')";
constexpr Walk of_project{"calls_by_project", "project_id = ?1", ""};
constexpr Walk of_agent{"calls_by_agent", "agent_id = ?2", ""};
constexpr Walk live{"calls_live", "project_id = ?1", live_only};
constexpr Walk by_status{"calls_over_by_status", "project_id = ?1 AND status = ?6", over_only};
constexpr Walk by_agent_status{"calls_over_by_agent_status", "agent_id = ?2 AND status = ?6",
                               over_only};
constexpr Walk by_disposition{"calls_over_by_disposition", "project_id = ?1 AND disposition = ?7",
                              over_only};
constexpr Walk by_agent_disposition{"calls_over_by_agent_disposition",
                                    "agent_id = ?2 AND disposition = ?7", over_only};

bool is_live(CallStatus status) {
    return status == CallStatus::ringing || status == CallStatus::in_progress;
}

std::vector<Walk> walks_of(const ports::CallFilter& filter) {
    if (filter.status && is_live(*filter.status)) {
        return {live};
    }
    if (filter.disposition) {  // a call has one from its answer on
        const Walk over = filter.agent_id ? by_agent_disposition : by_disposition;
        return filter.status ? std::vector{over} : std::vector{over, live};
    }
    if (filter.status) {
        return {filter.agent_id ? by_agent_status : by_status};
    }
    return {filter.agent_id ? of_agent : of_project};
}

std::string sql_of(const Walk& walk, const ports::CallFilter& filter) {
    std::string sql = "SELECT " + call_columns() + " FROM calls INDEXED BY ";
    sql += walk.index;
    sql += " CROSS JOIN call_course USING (id) WHERE ";
    sql += walk.equal;
    sql += walk.only;
    sql += " AND project_id = ?1 AND created_at >= ?3 AND (created_at, calls.id) < (?4, ?5)";
    // A parameter stands in the text only when it is meant: an "or" would hide it from the index.
    sql += filter.agent_id ? " AND agent_id = ?2" : "";
    sql += filter.status ? " AND status = ?6" : "";
    sql += filter.disposition ? " AND disposition = ?7" : "";
    return sql + " ORDER BY created_at DESC, calls.id DESC LIMIT ?8";
}

bool is_newer(const Call& a, const Call& b) {
    return std::pair(a.created_at, a.id) > std::pair(b.created_at, b.id);
}

std::int64_t sql_limit(std::size_t limit) {
    return static_cast<std::int64_t>(std::min<std::size_t>(limit, highest - 1)) + 1;
}

// Keeps the newest `limit` calls and says where the next page starts.
void cut_to(ports::CallPage& page, std::size_t limit) {
    std::ranges::sort(page.calls, is_newer);
    if (page.calls.size() > limit) {
        page.calls.erase(page.calls.begin() + static_cast<std::ptrdiff_t>(limit), page.calls.end());
        if (!page.calls.empty()) {
            page.next = ports::CallCursor{page.calls.back().created_at, page.calls.back().id};
        }
    }
}

// The three that both statements of a summary end with.
void put_choice(Statement& statement, const ports::SummaryFilter& filter) {
    statement.put(filter.agent_id);
    statement.put(filter.status ? std::optional(word_of(*filter.status)) : std::nullopt);
    statement.put(filter.disposition ? std::optional(word_of(*filter.disposition)) : std::nullopt);
}

std::int64_t day_number(std::chrono::sys_days day) {
    return day.time_since_epoch().count();
}

}  // namespace

CallLists::CallLists(Connection& db)
    : db_(db),
      sum_days_(db,
                "SELECT coalesce(sum(calls), 0), coalesce(sum(iif(status = 'completed', calls, "
                "0)), 0), coalesce(sum(iif(status = 'failed', calls, 0)), 0), "
                "coalesce(sum(iif(disposition = 'answered', calls, 0)), 0), "
                "coalesce(sum(iif(disposition = 'no-answer', calls, 0)), 0), "
                "coalesce(sum(duration_seconds), 0), coalesce(sum(minutes_used_hundredths), 0), "
                "coalesce(sum(total_cost), 0), coalesce(sum(recording_cost), 0), "
                "coalesce(sum(llm_discount), 0) FROM call_days "
                "WHERE project_id = ?1 AND day BETWEEN ?2 AND ?3 "
                "AND (?4 IS NULL OR agent_id = ?4) AND (?5 IS NULL OR status = ?5) "
                "AND (?6 IS NULL OR disposition = ?6)"),
      sum_live_(db,
                "SELECT count(*), coalesce(sum(disposition IS 'answered'), 0), "
                "coalesce(sum(disposition IS 'no-answer'), 0) FROM calls INDEXED BY calls_live "
                "WHERE project_id = ?1 AND created_at >= ?2 AND created_at < ?3 "
                "AND (?4 IS NULL OR agent_id = ?4) AND (?5 IS NULL OR status = ?5) "
                "AND (?6 IS NULL OR disposition = ?6) AND status IN " +
                    std::string(live_words)) {}

Statement& CallLists::statement_of(const std::string& sql) {
    auto& statement = statements_[sql];
    if (!statement) {
        statement = std::make_unique<Statement>(db_, sql);
    }
    return *statement;
}

Result<ports::CallPage> CallLists::list(const ports::ProjectScope& scope,
                                        const ports::CallFilter& filter,
                                        const std::optional<ports::CallCursor>& after,
                                        std::size_t limit) {
    // Both upper bounds as one, or the index could serve only one of them.
    std::pair<std::int64_t, std::int64_t> below{highest, highest};
    if (filter.created_before) {
        below = {micros_of(*filter.created_before), lowest};
    }
    if (after) {
        below = std::min(below, {micros_of(after->created_at), after->id.value()});
    }
    ports::CallPage page;
    for (const Walk& walk : walks_of(filter)) {
        Statement& statement = statement_of(sql_of(walk, filter));
        for (const ProjectId& project :
             std::set<ProjectId>(scope.projects.begin(), scope.projects.end())) {
            statement.put(project).put(filter.agent_id);
            statement.put(filter.created_from ? micros_of(*filter.created_from) : lowest);
            statement.put(below.first).put(below.second);
            statement.put(filter.status ? std::optional(word_of(*filter.status)) : std::nullopt);
            statement.put(filter.disposition ? std::optional(word_of(*filter.disposition))
                                             : std::nullopt);
            statement.put(sql_limit(limit));
            const StatementGuard guard(statement);
            while (statement.next()) {
                page.calls.push_back(get_call(statement));
            }
        }
    }
    cut_to(page, limit);
    return page;
}

void CallLists::add_days(ports::CallSummary& sum, ProjectId project,
                         const ports::SummaryFilter& filter) {
    Statement& s = sum_days_;
    s.put(project).put(filter.from_day ? day_number(*filter.from_day) : lowest);
    s.put(filter.to_day ? day_number(*filter.to_day) : highest);
    put_choice(s, filter);
    const StatementGuard guard(s);
    s.next();
    sum.total_calls += s.get_int();
    sum.completed_calls += s.get_int();
    sum.failed_calls += s.get_int();
    sum.answered_calls += s.get_int();
    sum.no_answer_calls += s.get_int();
    sum.total_duration_seconds += s.get_int();
    sum.total_minutes_used.hundredths += s.get_int();
    sum.total_cost.micros += s.get_int();
    sum.total_recording_cost.micros += s.get_int();
    sum.total_llm_discount.micros += s.get_int();
}

void CallLists::add_live(ports::CallSummary& sum, ProjectId project,
                         const ports::SummaryFilter& filter) {
    Statement& s = sum_live_;
    s.put(project).put(filter.from_day ? micros_of(*filter.from_day) : lowest);
    s.put(filter.to_day ? micros_of(*filter.to_day + std::chrono::days(1)) : highest);
    put_choice(s, filter);
    const StatementGuard guard(s);
    s.next();
    sum.total_calls += s.get_int();
    sum.answered_calls += s.get_int();
    sum.no_answer_calls += s.get_int();
}

Result<ports::CallSummary> CallLists::summarize(const ports::ProjectScope& scope,
                                                const ports::SummaryFilter& filter) {
    ports::CallSummary sum;
    for (const ProjectId& project :
         std::set<ProjectId>(scope.projects.begin(), scope.projects.end())) {
        add_days(sum, project, filter);
        add_live(sum, project, filter);
    }
    return sum;
}

}  // namespace gw::store
