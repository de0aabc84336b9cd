// What the carrier's events do to a call.
#include "gateway/domain/ending.hpp"
#include "gateway/domain/step.hpp"

#include <algorithm>

namespace gw::detail {
namespace {

CarrierHangup hangup_of(const Step& step, const CarrierEvent& event) {
    return {.at = plausible(step, event.end_time.value_or(event.occurred_at)),
            .cause = event.hangup_cause,
            .source = event.hangup_source};
}

// Telnyx openapi CallDtmfReceived.payload.digit, read 2026-11: one of 0-9 * # A-D.
bool is_key(std::string_view digit) {
    return digit.size() == 1 &&
           std::string_view("0123456789*#ABCD").find(digit) != std::string_view::npos;
}

Verdict on_initiated(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    if (call.direction == Direction::outbound) {
        return Verdict::noted;  // it rings
    }
    // The call was made from events that overtook this one: now its beginning is known, and if it
    // still rings it gets the answer it never got.
    call.created_at = std::min(call.created_at, event.occurred_at);
    const bool unanswered = call.status == CallStatus::ringing && !call.answer_issued_at &&
                            !call.hangup && !call.gone && !call.hangup_asked;
    if (!unanswered) {
        return Verdict::redundant;
    }
    call.answer_issued_at = step.at;
    step.command(CommandKind::answer, step.at);
    return Verdict::applied;
}

Verdict on_answered(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    const UtcTime occurred_at = plausible(step, event.occurred_at);
    if (call.status == CallStatus::in_progress) {
        // Either a repetition, or the true time of an answer that was inferred from the carrier's
        // status.
        if (call.started_at == occurred_at) {
            return Verdict::redundant;
        }
        const bool inferred = call.answer_accepted_at && call.started_at == call.answer_accepted_at;
        call.started_at = inferred ? occurred_at : std::min(*call.started_at, occurred_at);
        return Verdict::noted;
    }
    step.become_answered(occurred_at);
    if (call.gone && !call.hangup && call.gone->end_time.value_or(call.created_at) < occurred_at) {
        // Alive after all, or it says so before its end is known: the carrier is asked once more.
        call.gone.reset();
        call.timers.settle.reset();
        step.ask_carrier();
    }
    if (own_leg_is_over(call) && !call.timers.settle) {
        settle_now(step);
    }
    return Verdict::applied;
}

// What belongs to the call's last moment may still be on its way: the answer, the target's answer
// or end, the collected digits, whether a machine answered.
bool more_is_awaited(const Call& call, HangupCause cause) {
    if (!call.started_at) {
        return !proves_unanswered(cause);
    }
    return target_rings(call) || target_end_awaited(call) || call.gather || call.machine_awaited;
}

Verdict on_hangup(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    if (call.hangup) {
        return Verdict::redundant;
    }
    call.hangup = hangup_of(step, event);
    const bool awaited = more_is_awaited(call, event.hangup_cause);
    step.sweep_target();
    if (!awaited || call.policy.settle.count() == 0) {
        settle_now(step);
    } else if (!call.timers.settle) {
        call.timers.settle = step.at + call.policy.settle;
    }
    return Verdict::applied;
}

Verdict on_dtmf(Step& step, const CarrierEvent& event) {
    if (!is_key(event.digit)) {
        return Verdict::noted;
    }
    if (step.call.status == CallStatus::ringing) {
        auto& held = step.call.held_digits;
        const auto place = std::upper_bound(
            held.begin(), held.end(), event.occurred_at,
            [](UtcTime at, const HeldDigit& other) { return at < other.occurred_at; });
        held.insert(place, HeldDigit{.occurred_at = event.occurred_at, .digit = event.digit});
    } else {
        step.tell(PublicEventType::call_dtmf_received, event.digit);
    }
    return Verdict::applied;
}

// After the end: facts that still inform are kept, a key the caller pressed is still told, the
// record stands.
Verdict on_late(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    switch (event.type) {
        case CarrierEventType::cost:
            call.carrier_cost = event.carrier_cost;
            break;
        case CarrierEventType::dtmf:
            if (is_key(event.digit)) {
                step.tell(PublicEventType::call_dtmf_received, event.digit);
            }
            break;
        case CarrierEventType::hangup:
            if (!call.hangup) {
                call.hangup = hangup_of(step, event);
            }
            break;
        case CarrierEventType::initiated:
        case CarrierEventType::answered:
        case CarrierEventType::gather_ended:
        case CarrierEventType::machine_detected:
        case CarrierEventType::other:
            hang_up_straggler(step);
            break;
    }
    return Verdict::late;
}

}  // namespace

Verdict apply_event(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    if (call.direction == Direction::outbound && event.tag.transfer == 0) {
        take_ids(call, event.call_control_id, event.call_leg_id, event.call_session_id);
    }
    if (!is_own(call, event)) {
        return apply_target_event(step, event);
    }
    if (call.is_final()) {
        return on_late(step, event);
    }
    call.last_alive_at = std::max(call.last_alive_at, plausible(step, event.occurred_at));
    step.check_in(call.hangup_asked ? call.policy.reconcile_interval : call.policy.reconcile_idle);
    switch (event.type) {
        case CarrierEventType::initiated:
            return on_initiated(step, event);
        case CarrierEventType::answered:
            return on_answered(step, event);
        case CarrierEventType::hangup:
            return on_hangup(step, event);
        case CarrierEventType::dtmf:
            return on_dtmf(step, event);
        case CarrierEventType::cost:
            call.carrier_cost = event.carrier_cost;
            return Verdict::noted;
        case CarrierEventType::gather_ended:
            return apply_gather_ended(step, event);
        case CarrierEventType::machine_detected:
            return apply_machine_detected(step, event);
        case CarrierEventType::other:
            return Verdict::noted;
    }
    return Verdict::noted;
}

UtcTime plausible(const Step& step, UtcTime carrier_time) {
    const UtcTime time = not_ahead(carrier_time, step.at);
    // The beginning of a call that we placed is by our clock, and says nothing of the carrier's.
    return step.call.direction == Direction::inbound
               ? std::max(time, step.call.created_at - clock_error_max)
               : time;
}

UtcTime not_ahead(UtcTime carrier_time, UtcTime now) {
    return carrier_time > now + clock_error_max ? now : carrier_time;
}

void settle_now(Step& step) {
    Call& call = step.call;
    if (target_talks(call)) {
        if (!call.timers.transfer) {
            call.timers.transfer = step.at + lone_leg;
        }
        return;
    }
    if (call.hangup) {
        step.finish(ClosedBy::webhook);
    } else {
        step.finish(call.deadline_passed ? ClosedBy::deadline : ClosedBy::reconciler);
    }
}

}  // namespace gw::detail
