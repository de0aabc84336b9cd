#include "gateway/domain/step.hpp"

#include "gateway/domain/billing.hpp"
#include "gateway/domain/ending.hpp"
#include "gateway/domain/words.hpp"

#include <algorithm>

namespace gw::detail {

std::string reject_cause_of(Refusal refusal) {
    return refusal == Refusal::no_agent ? "CALL_REJECTED" : "USER_BUSY";
}

void Step::tell(PublicEventType type, std::string digit) {
    const std::uint32_t sequence = ++call.webhook_sequence;
    effects.emplace_back(
        PublicEvent{.id = WebhookEventId{"whe_" + derive_uuid(call.nonce, "webhook", sequence)},
                    .type = type,
                    .sequence = sequence,
                    .at = at,
                    .digit = std::move(digit)});
}

void Step::command(CommandKind kind, UtcTime first_issued_at, std::string reject_cause) {
    const auto age = at > first_issued_at ? at - first_issued_at : UtcTime::duration{0};
    const auto period = static_cast<std::uint64_t>(age / command_memory);
    effects.emplace_back(
        SendCommand{.command_id = CommandId{derive_uuid(call.nonce, word_of(kind), period)},
                    .kind = kind,
                    .call_control_id = call.call_control_id,
                    .reject_cause = std::move(reject_cause),
                    .issued_at = at});
}

void Step::ask_carrier() {
    effects.emplace_back(AskCarrier{call.call_control_id});
}

void Step::ask_hangup(EndedReason reason) {
    if (!call.hangup_asked) {
        call.hangup_asked = HangupAsked{.reason = reason, .at = at};
    }
    command(CommandKind::hangup, call.hangup_asked->at);
    check_in(call.policy.reconcile_interval);
}

void Step::flush_held_digits() {
    for (HeldDigit& held : call.held_digits) {
        tell(PublicEventType::call_dtmf_received, std::move(held.digit));
    }
    call.held_digits.clear();
}

void Step::become_answered(UtcTime started_at) {
    call.status = CallStatus::in_progress;
    call.disposition = Disposition::answered;
    call.started_at = started_at;
    call.deadline_passed = false;
    call.timers.max_duration = at + call.policy.max_duration;
    call.timers.deadline = at + call.policy.max_duration + call.policy.deadline_slack;
    tell(PublicEventType::call_started);
    flush_held_digits();
}

void Step::finish(ClosedBy closed_by) {
    flush_held_digits();
    const Ending ending = ending_of(call);
    call.status = ending.status;
    call.disposition = ending.disposition;
    call.ended_reason = ending.reason;
    call.closed_by = closed_by;
    UtcTime ended_at = call.last_alive_at;
    if (call.hangup) {
        ended_at = call.hangup->at;
    } else if (call.gone && call.gone->end_time) {
        ended_at = *call.gone->end_time;
    }
    call.ended_at = std::max(ended_at, call.started_at.value_or(call.created_at));
    call.timers = {};
    bill(call);
    tell(call.started_at ? PublicEventType::call_ended : PublicEventType::call_failed);
}

}  // namespace gw::detail
