// SPDX-License-Identifier: Apache-2.0
#include "gateway/domain/legs.hpp"

#include "gateway/domain/words.hpp"

#include <algorithm>

namespace gw::detail {

// A project saw later events of a dialled leg under another control id (Telnyx REFERENCE 3.2):
// then our client_state, the leg id and the session say whose they are.
bool is_own(const Call& call, const CarrierEvent& event) {
    if (event.call_control_id == call.call_control_id ||
        (!event.call_leg_id.value().empty() && event.call_leg_id == call.call_leg_id)) {
        return true;
    }
    const bool dialled = call.direction == Direction::outbound && event.tag.transfer == 0;
    const bool of_target = call.transfer && event.call_control_id == call.transfer->leg;
    const bool only_leg = !call.transfer && is_of_session(call, event);
    return dialled && !of_target && (event.tag.call == call.id || only_leg);
}

bool is_of_session(const Call& call, const CarrierEvent& event) {
    return event.direction != Direction::inbound && !event.call_session_id.value().empty() &&
           event.call_session_id == call.call_session_id;
}

bool is_target_by_session(const Call& call, const CarrierEvent& event) {
    return call.transfer && call.transfer->leg.value().empty() && event.tag.transfer == 0 &&
           is_of_session(call, event) && !is_earlier_target(*call.transfer, event);
}

bool is_earlier_target(const Transfer& transfer, const CarrierEvent& event) {
    return std::ranges::find(transfer.earlier_legs, event.call_control_id) !=
           transfer.earlier_legs.end();
}

bool own_leg_is_over(const Call& call) {
    return call.hangup.has_value() || call.gone.has_value();
}

bool is_leaving(const Call& call) {
    return call.is_final() || own_leg_is_over(call) || call.hangup_asked.has_value();
}

bool is_over(const Call& call) {
    return own_leg_is_over(call) && !target_talks(call);
}

bool target_rings(const Call& call) {
    return call.transfer && (call.transfer->phase == TransferPhase::asked ||
                             call.transfer->phase == TransferPhase::accepted);
}

bool is_transferred(const Call& call) {
    return call.transfer && call.transfer->phase == TransferPhase::answered;
}

bool target_talks(const Call& call) {
    return is_transferred(call) && !call.transfer->leg_ended_at;
}

bool target_end_awaited(const Call& call) {
    return is_transferred(call) && call.transfer->leg_ended_at && !call.transfer->hung_up;
}

std::optional<UtcTime> left_at(const Call& call) {
    if (call.hangup_asked) {
        return call.hangup_asked->at;
    }
    if (call.hangup) {
        return call.hangup->at;
    }
    return call.gone ? std::optional(call.gone->end_time.value_or(call.last_alive_at))
                     : std::nullopt;
}

std::string failure_of(const Call& call) {
    if (!call.transfer) {
        return {};
    }
    const Transfer& transfer = *call.transfer;
    const std::optional<UtcTime> left = left_at(call);
    const bool target_first = transfer.leg_ended_at && (!left || *transfer.leg_ended_at < *left);
    if (left && (!target_first || transfer.failure == cancelled)) {
        return call.hangup_asked ? std::string(word_of(call.hangup_asked->reason))
                                 : "caller-hangup";
    }
    return target_first ? transfer.failure : "timeout";
}

}  // namespace gw::detail
