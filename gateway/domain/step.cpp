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
    if (call.call_control_id.value().empty()) {
        return;  // no leg is known yet: there is nothing to command
    }
    const auto age = at > first_issued_at ? at - first_issued_at : UtcTime::duration{0};
    const auto period = static_cast<std::uint64_t>(age / command_memory);
    effects.emplace_back(
        SendCommand{.command_id = CommandId{derive_uuid(call.nonce, word_of(kind), period)},
                    .kind = kind,
                    .call_control_id = call.call_control_id,
                    .reject_cause = std::move(reject_cause),
                    .issued_at = at,
                    .order = {}});
}

void Step::order(CommandKind kind, std::uint32_t number,
                 std::variant<std::monostate, TransferOrder, GatherOrder, DialOrder> what) {
    effects.emplace_back(
        SendCommand{.command_id = CommandId{derive_uuid(call.nonce, word_of(kind), number)},
                    .kind = kind,
                    .call_control_id = call.call_control_id,
                    .reject_cause = {},
                    .issued_at = at,
                    .order = std::move(what)});
}

void Step::tell_transfer(PublicEventType type) {
    tell(type);
    auto& event = std::get<PublicEvent>(effects.back());
    event.destination = call.transfer->destination;
    if (type == PublicEventType::transfer_failed) {
        event.reason = call.transfer->failure;
    }
}

void Step::ask_carrier() {
    if (!own_leg_is_over(call)) {
        ask_about(call.call_control_id);
    }
    if (target_talks(call)) {
        ask_about(call.transfer->leg);
    }
}

void Step::ask_about(const CallControlId& leg) {
    if (!leg.value().empty()) {
        effects.emplace_back(AskCarrier{leg});
    }
}

void Step::hang_up_target() {
    if (call.transfer && !call.transfer->leg_ended_at) {
        hang_up_leg(call.transfer->leg);
    }
}

void Step::sweep_target() {
    if (!is_transferred(call)) {
        hang_up_target();
    }
}

void Step::hang_up_leg(const CallControlId& leg) {
    if (leg.value().empty()) {
        return;
    }
    const std::string purpose =
        std::string(word_of(CommandKind::hangup_target)) + ' ' + leg.value();
    const auto period = static_cast<std::uint64_t>(
        std::max(at - call.opened_at, UtcTime::duration{0}) / command_memory);
    effects.emplace_back(
        SendCommand{.command_id = CommandId{derive_uuid(call.nonce, purpose, period)},
                    .kind = CommandKind::hangup_target,
                    .call_control_id = leg,
                    .reject_cause = {},
                    .issued_at = at,
                    .order = {}});
}

void Step::note_machine() {
    if (call.disposition == Disposition::answered && call.turn_count == 0) {
        call.disposition = Disposition::voicemail;
        if (call.policy.hang_up_on_voicemail) {
            ask_hangup(EndedReason::agent_hangup);
        }
    }
}

void Step::ask_hangup(EndedReason reason) {
    if (!call.hangup_asked) {
        call.hangup_asked = HangupAsked{.reason = reason, .at = at};
    }
    command(CommandKind::hangup, call.hangup_asked->at);
    hang_up_target();
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
    if (call.machine_answered) {
        note_machine();
    }
}

void Step::finish(ClosedBy closed_by) {
    flush_held_digits();
    end_gather(*this, std::nullopt);
    fail_transfer(*this, failure_of(call));
    sweep_target();
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
    if (call.transfer && call.transfer->answered_at) {
        call.ended_at =
            std::max(*call.ended_at, call.transfer->leg_ended_at.value_or(*call.ended_at));
        call.transfer_duration_seconds =
            seconds_between(*call.transfer->answered_at, *call.ended_at);
    }
    call.timers = {};
    bill(call);
    tell(call.started_at ? PublicEventType::call_ended : PublicEventType::call_failed);
}

}  // namespace gw::detail
