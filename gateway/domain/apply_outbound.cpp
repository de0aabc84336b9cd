// Calls that we place: on record before the carrier knows of them, dialled once.
#include "gateway/domain/step.hpp"

#include <algorithm>

namespace gw {

Transition begin_outbound_call(const NewOutboundCall& birth, UtcTime at) {
    // LIFECYCLE: a ringing outbound call is given its ringing time and so much more.
    constexpr std::chrono::seconds ring_slack{30};
    Transition result{.call = {}, .effects = {}, .verdict = Verdict::applied, .refusal = {}};
    Call& call = result.call;
    call.id = birth.id;
    call.nonce = birth.nonce;
    call.direction = Direction::outbound;
    call.agent_id = birth.terms.agent_id;
    call.agent_public_id = birth.terms.agent_public_id;
    call.project_id = birth.terms.project_id;
    call.org_id = birth.terms.org_id;
    call.from = birth.order.from;
    call.to = birth.order.to;
    call.language = birth.terms.language;
    call.created_at = at;
    call.opened_at = at;
    call.last_alive_at = at;
    call.rates = birth.terms.rates;
    call.policy = birth.terms.policy;
    call.recording_enabled = birth.terms.recording_enabled;
    call.metadata_json = birth.metadata_json;
    call.machine_awaited = !birth.order.machine_detection.empty();
    call.timers.deadline = at + birth.order.ring + ring_slack;
    detail::Step step{.call = call, .at = at, .effects = result.effects};
    step.tell(PublicEventType::call_ringing);
    step.order(CommandKind::dial, 1, birth.order);
    return result;
}

namespace detail {

void take_ids(Call& call, const CallControlId& leg, const CallLegId& leg_id,
              const CallSessionId& session) {
    if (call.call_control_id.value().empty()) {
        call.call_control_id = leg;
        call.call_leg_id = leg_id;
        call.call_session_id = session;
    }
}

Verdict apply_dial_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    switch (result.outcome) {
        case CommandOutcome::accepted:
            take_ids(call, result.leg, result.call_leg_id, result.call_session_id);
            step.check_in(call.policy.reconcile_idle);
            return Verdict::applied;
        case CommandOutcome::call_gone:
        case CommandOutcome::refused:
        case CommandOutcome::superseded:
            if (!call.call_control_id.value().empty()) {
                return Verdict::noted;  // its events have come: they say more
            }
            step.finish(ClosedBy::reconciler);
            return Verdict::applied;
        case CommandOutcome::unknown:  // it may ring: its events tell, or the deadline
            return Verdict::noted;
    }
    return Verdict::noted;
}

void hang_up_straggler(Step& step) {
    const Call& call = step.call;
    if (call.direction == Direction::outbound && call.is_final() && !own_leg_is_over(call)) {
        step.command(CommandKind::hangup, call.opened_at);
    }
}

Verdict apply_machine_detected(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    call.machine_awaited = false;
    if (!event.machine || call.direction != Direction::outbound || call.machine_answered) {
        return Verdict::noted;
    }
    call.machine_answered = true;
    if (call.status == CallStatus::in_progress) {
        step.note_machine();
    }
    return Verdict::applied;
}

}  // namespace detail
}  // namespace gw
