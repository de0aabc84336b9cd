// SPDX-License-Identifier: Apache-2.0
#include "gateway/domain/call_change.hpp"

#include <tuple>

namespace gw {
namespace {

// What is neither here nor in `outcome` is of the course.
auto terms(const Call& c) {
    return std::tie(c.id, c.nonce, c.direction, c.agent_id, c.agent_public_id, c.project_id,
                    c.org_id, c.from, c.to, c.language, c.call_control_id, c.call_leg_id,
                    c.call_session_id, c.created_at, c.rates, c.policy, c.opened_at,
                    c.recording_enabled, c.metadata_json);
}

auto outcome(const Call& c) {
    return std::tie(c.status, c.disposition, c.ended_reason, c.closed_by, c.refusal, c.started_at,
                    c.ended_at, c.hangup, c.hangup_asked, c.carrier_cost, c.gone,
                    c.duration_seconds, c.minutes_used, c.costs, c.has_recording, c.ws_unavailable,
                    c.turn_count, c.tool_call_count, c.tools_called, c.transferred_to,
                    c.transfer_duration_seconds, c.extracted_data_json);
}

}  // namespace

CallChange change_between(const Call& before, const Call& after) {
    if (terms(before) != terms(after)) {
        return CallChange::anything;
    }
    return outcome(before) == outcome(after) ? CallChange::course : CallChange::outcome;
}

}  // namespace gw
