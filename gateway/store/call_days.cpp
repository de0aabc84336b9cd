// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_days.hpp"

#include "gateway/domain/words.hpp"

#include <string>

namespace gw::store {

CallDays::CallDays(Connection& db)
    : select_counted_(db,
                      "SELECT project_id, created_at / 86400000000, agent_id, status, "
                      "disposition, duration_seconds, minutes_used_hundredths, total_cost, "
                      "recording_cost, llm_discount FROM calls WHERE id = ? "
                      "AND status NOT IN ('ringing', 'in-progress') AND project_id IS NOT NULL"),
      add_(db,
           "INSERT INTO call_days (project_id, day, agent_id, status, disposition, calls, "
           "duration_seconds, minutes_used_hundredths, total_cost, recording_cost, llm_discount) "
           "VALUES (?, ?, coalesce(?, -1), ?, coalesce(?, ''), ?, ?, ?, ?, ?, ?) "
           "ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, "
           "duration_seconds = duration_seconds + excluded.duration_seconds, "
           "minutes_used_hundredths = minutes_used_hundredths + excluded.minutes_used_hundredths, "
           "total_cost = total_cost + excluded.total_cost, "
           "recording_cost = recording_cost + excluded.recording_cost, "
           "llm_discount = llm_discount + excluded.llm_discount") {}

void CallDays::take_out(CallId id) {
    Statement& was = select_counted_;
    was.put(id);
    const StatementGuard guard(was);
    if (!was.next()) {
        return;
    }
    const std::int64_t project = was.get_int();
    const std::int64_t day = was.get_int();
    const auto agent = was.get_optional_int();
    const std::string status = was.get_text();
    const auto disposition = was.get_optional_text();
    add_.put(project).put(day).put(agent).put(status).put(disposition).put(std::int64_t{-1});
    for (int sum = 0; sum < 5; ++sum) {
        add_.put(-was.get_int());
    }
    add_.run();
}

void CallDays::add(const Call& call) {
    if (!call.is_final() || !call.project_id) {
        return;
    }
    const auto day = std::chrono::floor<std::chrono::days>(call.created_at).time_since_epoch();
    add_.put(call.project_id).put(std::int64_t{day.count()}).put(call.agent_id);
    add_.put(word_of(call.status));
    if (call.disposition) {
        add_.put(word_of(*call.disposition));
    } else {
        add_.put_null();
    }
    add_.put(std::int64_t{1}).put(call.duration_seconds).put(call.minutes_used.hundredths);
    add_.put(call.costs.total_cost).put(call.costs.recording_cost).put(call.costs.llm_discount);
    add_.run();
}

}  // namespace gw::store
