// What our own commands' results, the carrier's status, timers, API requests and restarts do to a
// call.
#include "gateway/domain/step.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gw::detail {
namespace {

// How soon to ask the carrier when it says the call is gone but no call.hangup has come: long
// enough for one that is on its way.
std::chrono::milliseconds grace_of(const Call& call) {
    return std::max(call.policy.settle, std::chrono::milliseconds{1});
}

// After a restart, for the events that came while nobody listened.
constexpr std::chrono::seconds missed_events{5};

// How soon an answer of which nothing was heard is sent again: somebody hears it ring.
constexpr std::chrono::seconds answer_pause{2};

bool owes_answer(const Call& call) {
    return call.status == CallStatus::ringing && call.answer_issued_at &&
           !call.answer_accepted_at && !call.hangup_asked && !call.deadline_passed &&
           !own_leg_is_over(call);
}

Verdict on_answer_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    switch (result.outcome) {
        case CommandOutcome::accepted:
            if (!call.answer_accepted_at) {
                call.answer_accepted_at = step.at;
            }
            return Verdict::noted;
        case CommandOutcome::call_gone:
            // Another answer would say no more, and the call.hangup may be lost.
            step.check_in(call.policy.reconcile_interval);
            if (!own_leg_is_over(call)) {
                step.ask_carrier();
            }
            return Verdict::applied;
        case CommandOutcome::refused:
            step.check_in(call.policy.reconcile_interval);
            return Verdict::applied;
        case CommandOutcome::unknown:
            if (!owes_answer(call)) {
                return Verdict::noted;
            }
            step.check_in(answer_pause);
            return Verdict::applied;
        case CommandOutcome::superseded:
            return Verdict::noted;
    }
    return Verdict::noted;
}

Verdict on_hangup_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    switch (result.outcome) {
        case CommandOutcome::accepted:
            step.check_in(call.policy.reconcile_interval);
            return Verdict::noted;
        case CommandOutcome::call_gone:
            step.check_in(grace_of(call));
            return Verdict::applied;
        case CommandOutcome::refused:
        case CommandOutcome::unknown:
            step.check_in(call.policy.reconcile_interval);
            return Verdict::applied;
        case CommandOutcome::superseded:
            return Verdict::noted;
    }
    return Verdict::noted;
}

// A refused call is final, but its caller still hears ringing until the carrier has taken the
// reject.
Verdict on_refusal_result(Step& step, const CommandResult& result) {
    const Call& call = step.call;
    if (result.outcome != CommandOutcome::unknown || result.kind != CommandKind::reject ||
        call.hangup || call.gone || step.at - call.opened_at > reject_patience) {
        return Verdict::noted;
    }
    step.command(result.kind, call.opened_at, reject_cause_of(*call.refusal));
    return Verdict::applied;
}

// The call is on record as over. A dial that succeeds after all has made a leg for nobody, and its
// hangup is repeated like every other.
Verdict on_late_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    const bool dialled =
        result.kind == CommandKind::dial && result.outcome == CommandOutcome::accepted;
    if (dialled) {
        take_ids(call, result.leg, result.call_leg_id, result.call_session_id);
    }
    const bool unanswered = result.kind == CommandKind::hangup &&
                            result.outcome == CommandOutcome::unknown &&
                            step.at - call.opened_at < call.policy.max_duration;
    if (dialled || unanswered) {
        hang_up_straggler(step);
    }
    return Verdict::late;
}

// The leg lives. What is still owed to it?
void pursue(Step& step) {
    Call& call = step.call;
    if (call.hangup_asked) {
        step.ask_hangup(call.hangup_asked->reason);
        return;
    }
    if (call.deadline_passed && call.status == CallStatus::ringing && call.answer_accepted_at) {
        // The carrier took the answer and the leg has lived past the ring time-out: it was
        // answered, and the call.answered is lost. Hanging up here would cut a live talk.
        step.become_answered(*call.answer_accepted_at);
        return;
    }
    if (call.deadline_passed) {
        step.ask_hangup(call.status == CallStatus::ringing ? EndedReason::timeout
                                                           : EndedReason::max_duration);
        return;
    }
    if (owes_answer(call)) {
        step.command(CommandKind::answer, *call.answer_issued_at);
        step.check_in(call.policy.reconcile_interval);
    }
}

bool take_if_due(std::optional<UtcTime>& timer, UtcTime at) {
    if (!timer || *timer > at) {
        return false;
    }
    timer.reset();
    return true;
}

// LIFECYCLE: a gather, or a target that rings or talks, is not silence.
Verdict on_silence(Step& step) {
    Call& call = step.call;
    if (is_over(call)) {
        return Verdict::redundant;
    }
    const bool busy = call.gather || target_rings(call) || is_transferred(call);
    if (busy) {
        call.timers.silence = step.at + call.policy.silence_timeout;
        return Verdict::noted;
    }
    step.ask_hangup(EndedReason::silence_timeout);
    return Verdict::applied;
}

}  // namespace

Verdict apply_speech(Step& step) {
    Call& call = step.call;
    if (call.is_final()) {
        return Verdict::late;
    }
    call.last_alive_at = std::max(call.last_alive_at, step.at);
    if (call.status == CallStatus::in_progress && !call.hangup_asked) {
        call.timers.silence = step.at + call.policy.silence_timeout;
    }
    return Verdict::noted;
}

Verdict apply_result(Step& step, const CommandResult& result) {
    if (result.kind == CommandKind::hangup_target) {
        return apply_target_result(step, result);
    }
    if (step.call.is_final()) {
        return step.call.refusal ? on_refusal_result(step, result) : on_late_result(step, result);
    }
    switch (result.kind) {
        case CommandKind::answer:
            return on_answer_result(step, result);
        case CommandKind::hangup:
            return on_hangup_result(step, result);
        case CommandKind::reject:
            return Verdict::noted;  // only final calls are rejected
        case CommandKind::hangup_target:
            break;
        case CommandKind::transfer:
            return apply_transfer_result(step, result);
        case CommandKind::gather:
            return apply_gather_result(step, result);
        case CommandKind::dial:
            return apply_dial_result(step, result);
    }
    return Verdict::noted;
}

Verdict apply_status(Step& step, const CarrierStatus& status) {
    Call& call = step.call;
    if (call.is_final()) {
        return Verdict::late;
    }
    if (!status.leg.value().empty() && status.leg != call.call_control_id) {
        return apply_target_status(step, status);
    }
    switch (status.view) {
        case CarrierView::alive:
            if (call.hangup) {
                return Verdict::noted;  // its call.hangup has come and is settling; that is the
                                        // later word
            }
            call.timers.settle.reset();
            if (std::exchange(call.gone, std::nullopt) && is_transferred(call)) {
                follow_legs(step);  // its leg was taken for gone
            }
            call.last_alive_at = std::max(call.last_alive_at, step.at);
            step.check_in(call.policy.reconcile_idle);
            pursue(step);
            return Verdict::applied;
        case CarrierView::gone:
            if (call.gone || call.hangup) {
                return Verdict::redundant;
            }
            call.gone = CarrierGone{.end_time = status.end_time};
            if (call.gone->end_time && *call.gone->end_time > step.at + std::chrono::hours{24}) {
                call.gone->end_time.reset();  // a clock out of order must not be billed
            }
            if (call.policy.settle.count() == 0) {
                settle_now(step);
            } else {
                call.timers.settle = step.at + call.policy.settle;
            }
            return Verdict::applied;
        case CarrierView::unknown:
            step.check_in(call.policy.reconcile_interval);
            if (call.hangup_asked && !own_leg_is_over(call)) {
                step.ask_hangup(call.hangup_asked->reason);  // it may never have got there
                return Verdict::applied;
            }
            return Verdict::noted;
    }
    return Verdict::noted;
}

Verdict apply_timer(Step& step, TimerKind timer) {
    Call& call = step.call;
    if (call.is_final()) {
        return Verdict::late;
    }
    switch (timer) {
        case TimerKind::settle:
            if (!take_if_due(call.timers.settle, step.at)) {
                return Verdict::redundant;
            }
            settle_now(step);
            return Verdict::applied;
        case TimerKind::max_duration:
            if (!take_if_due(call.timers.max_duration, step.at)) {
                return Verdict::redundant;
            }
            if (call.hangup_asked || is_over(call)) {
                return Verdict::redundant;
            }
            step.ask_hangup(EndedReason::max_duration);
            return Verdict::applied;
        case TimerKind::deadline:
            if (!take_if_due(call.timers.deadline, step.at)) {
                return Verdict::redundant;
            }
            call.deadline_passed = true;
            if (call.call_control_id.value().empty()) {  // dialled, and never heard of again
                step.finish(ClosedBy::deadline);
                return Verdict::applied;
            }
            call.timers.deadline = step.at + call.policy.reconcile_interval;
            step.ask_carrier();
            return Verdict::applied;
        case TimerKind::check:
            if (!take_if_due(call.timers.check, step.at)) {
                return Verdict::redundant;
            }
            step.check_in(call.policy.reconcile_interval);
            if (owes_answer(call)) {  // which says as well whether the call is still there
                step.command(CommandKind::answer, *call.answer_issued_at);
            } else {
                step.ask_carrier();
            }
            return Verdict::applied;
        case TimerKind::transfer:
            return take_if_due(call.timers.transfer, step.at) ? apply_transfer_timer(step)
                                                              : Verdict::redundant;
        case TimerKind::silence:
            return take_if_due(call.timers.silence, step.at) ? on_silence(step)
                                                             : Verdict::redundant;
        case TimerKind::gather:
            return take_if_due(call.timers.gather, step.at) ? apply_gather_timer(step)
                                                            : Verdict::redundant;
    }
    return Verdict::redundant;
}

Verdict apply_end_request(Step& step) {
    Call& call = step.call;
    if (call.status != CallStatus::in_progress || is_over(call)) {
        step.refusal = RequestRefusal::not_in_progress;
        return Verdict::refused;
    }
    if (call.hangup_asked) {
        return Verdict::redundant;
    }
    step.ask_hangup(EndedReason::api);
    return Verdict::applied;
}

Verdict apply_restart(Step& step) {
    Call& call = step.call;
    if (call.is_final()) {
        return Verdict::late;
    }
    // Events may have been lost while nobody listened: ask at once instead of when the call is next
    // idle.
    step.check_in(call.policy.reconcile_interval);
    step.ask_carrier();
    // The carrier sends again what nobody took: a wait that ran out meanwhile gets time for it.
    for (auto* timer : {&call.timers.settle, &call.timers.transfer, &call.timers.gather}) {
        if (*timer) {
            *timer = std::max(**timer, step.at + missed_events);
        }
    }
    return Verdict::applied;
}

}  // namespace gw::detail
