// A transfer: the target is a second leg of the call. Only the target's call.answered completes it;
// call.bridged proves nothing (Telnyx REFERENCE: it comes while the target still rings).
#include "gateway/domain/step.hpp"
#include "gateway/domain/words.hpp"

#include <algorithm>

namespace gw::detail {
namespace {

// A target that neither answers nor hangs up is given so much more than its ringing time.
constexpr std::chrono::seconds ring_slack{10};

void accept(Step& step) {
    Call& call = step.call;
    if (call.transfer->phase == TransferPhase::asked) {
        call.transfer->phase = TransferPhase::accepted;
        step.tell_transfer(PublicEventType::transfer_initiated);
    }
}

// The caller and the target talk.
void complete(Step& step, UtcTime answered_at) {
    Call& call = step.call;
    Transfer& transfer = *call.transfer;
    accept(step);
    transfer.phase = TransferPhase::answered;
    transfer.answered_at = answered_at;
    transfer.failure.clear();
    call.disposition = Disposition::transferred;
    call.transferred_to = transfer.destination;
    call.timers.transfer.reset();
    step.tell_transfer(PublicEventType::transfer_completed);
    follow_legs(step);
}

Verdict on_target_answered(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    Transfer& transfer = *call.transfer;
    const UtcTime answered_at = plausible(step, event.occurred_at);
    if (transfer.answered_at) {
        if (answered_at < *transfer.answered_at) {  // it was inferred from the carrier's status
            transfer.answered_at = answered_at;
            return Verdict::noted;
        }
        return Verdict::redundant;
    }
    const std::optional<UtcTime> left = left_at(call);
    if (transfer.phase == TransferPhase::failed || (left && *left <= answered_at)) {
        step.hang_up_target();
        return Verdict::applied;
    }
    complete(step, answered_at);
    if (call.hangup_asked) {
        step.hang_up_target();
    }
    return Verdict::applied;
}

// The target is gone that had not answered, for all we know: its call.answered may still be on its
// way, or the call.hangup that says why it went.
void await_last_words(Step& step) {
    Call& call = step.call;
    if (call.policy.settle.count() == 0) {
        fail_transfer(step, failure_of(call));
    } else {
        call.timers.transfer = step.at + call.policy.settle;
    }
}

Verdict on_target_hangup(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    Transfer& transfer = *call.transfer;
    if (transfer.hung_up) {
        return Verdict::redundant;
    }
    transfer.hung_up = true;
    transfer.leg_ended_at = plausible(step, event.end_time.value_or(event.occurred_at));
    if (transfer.phase == TransferPhase::answered) {
        follow_legs(step);
        return Verdict::applied;
    }
    if (transfer.phase == TransferPhase::failed) {
        return Verdict::noted;
    }
    accept(step);
    transfer.failure = cause_word(event);
    // The carrier cancels a target when the caller leaves, whose own hangup may come after.
    const bool clear = proves_unanswered(event.hangup_cause) &&
                       (transfer.failure != cancelled || is_leaving(call));
    if (clear) {
        fail_transfer(step, failure_of(call));
    } else {
        await_last_words(step);
    }
    return Verdict::applied;
}

// Takes the leg for the target's. What was taken for it before, by the session alone, was a stray
// of an earlier one: what it said is not of this transfer.
void meet(Transfer& transfer, const CarrierEvent& event) {
    const bool other = !transfer.leg.value().empty() && transfer.leg != event.call_control_id;
    if (other && !transfer.answered_at) {
        transfer.earlier_legs.push_back(transfer.leg);
        transfer.leg_ended_at.reset();
        transfer.hung_up = false;
        transfer.failure.clear();
    }
    transfer.leg = event.call_control_id;
}

// After the call's end: the target must not be left alone.
Verdict on_late_target(Step& step, const CarrierEvent& event) {
    Transfer& transfer = *step.call.transfer;
    if (event.type == CarrierEventType::hangup) {
        if (!transfer.leg_ended_at) {
            transfer.leg_ended_at = event.end_time.value_or(event.occurred_at);
        }
    } else {
        step.hang_up_target();
    }
    return Verdict::late;
}

}  // namespace

void follow_legs(Step& step) {
    Call& call = step.call;
    const bool own = own_leg_is_over(call);
    const bool target = call.transfer->leg_ended_at.has_value();
    if (own && target) {
        if (!call.timers.settle) {  // nothing more is awaited
            settle_now(step);
        }
    } else if (own || target) {
        call.timers.transfer = step.at + lone_leg;
    } else {
        call.timers.transfer.reset();
    }
}

void fail_transfer(Step& step, std::string reason) {
    Call& call = step.call;
    if (!target_rings(call)) {
        return;
    }
    call.transfer->phase = TransferPhase::failed;
    call.transfer->failure = std::move(reason);
    call.timers.transfer.reset();
    step.tell_transfer(PublicEventType::transfer_failed);
}

Verdict apply_transfer_request(Step& step, const TransferRequested& request) {
    Call& call = step.call;
    if (call.status != CallStatus::in_progress || is_leaving(call)) {
        step.refusal = RequestRefusal::not_in_progress;
    } else if (call.call_control_id.value().empty()) {
        step.refusal = RequestRefusal::no_control_channel;
    } else if (target_rings(call) || is_transferred(call)) {
        step.refusal = RequestRefusal::transfer_in_progress;
    }
    if (step.refusal) {
        return Verdict::refused;
    }
    Transfer next;
    if (call.transfer) {
        next.number = call.transfer->number;
        next.earlier_legs = std::move(call.transfer->earlier_legs);
        if (!call.transfer->leg.value().empty()) {
            next.earlier_legs.push_back(std::move(call.transfer->leg));
        }
    }
    ++next.number;
    next.destination = request.destination;
    next.asked_at = step.at;
    call.transfer = std::move(next);
    call.timers.transfer = step.at + call.policy.transfer_ring + ring_slack;
    step.order(CommandKind::transfer, call.transfer->number,
               TransferOrder{.to = request.destination,
                             // The default would be the number that we called: not ours to show.
                             .from = call.direction == Direction::outbound ? call.from : "",
                             .number = call.transfer->number,
                             .ring = call.policy.transfer_ring});
    return Verdict::applied;
}

Verdict apply_transfer_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    if (!target_rings(call) || !is_of(result, call.transfer->number)) {
        return Verdict::late;
    }
    switch (result.outcome) {
        case CommandOutcome::accepted:
            accept(step);
            return Verdict::applied;
        case CommandOutcome::call_gone:
            step.check_in(std::max(call.policy.settle, std::chrono::milliseconds{1}));
            [[fallthrough]];
        case CommandOutcome::superseded:
            if (is_leaving(call)) {
                return Verdict::noted;  // the call's end says why it failed
            }
            [[fallthrough]];
        case CommandOutcome::refused:
            // An event of the target says more than the answer to a repeated command.
            if (call.transfer->phase == TransferPhase::asked) {
                fail_transfer(step, result.detail.empty() ? "refused" : result.detail);
            }
            return Verdict::applied;
        case CommandOutcome::unknown:  // the target's events tell, or the timer
            return Verdict::noted;
    }
    return Verdict::noted;
}

Verdict apply_target_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    const Verdict otherwise = call.is_final() ? Verdict::late : Verdict::noted;
    const bool unanswered = result.outcome == CommandOutcome::unknown;
    if (!result.leg.value().empty() && call.transfer && result.leg != call.transfer->leg) {
        const auto longest = call.policy.max_duration + call.policy.deadline_slack;
        if (unanswered && step.at - call.opened_at < longest) {
            step.hang_up_leg(result.leg);
        }
        return otherwise;
    }
    if (!call.transfer || call.transfer->leg_ended_at) {
        return otherwise;
    }
    // LIFECYCLE: a hangup is repeated; as long as a target can be talking with nobody.
    if (unanswered && step.at - call.transfer->asked_at < call.policy.max_duration) {
        step.hang_up_target();
    }
    if (result.outcome != CommandOutcome::call_gone) {
        return otherwise;
    }
    if (!call.is_final() && call.transfer->phase != TransferPhase::failed) {
        step.ask_about(call.transfer->leg);  // when it ended is the carrier's to say
        return Verdict::applied;
    }
    call.transfer->leg_ended_at = step.at;
    return call.is_final() ? Verdict::late : Verdict::applied;
}

Verdict apply_target_status(Step& step, const CarrierStatus& status) {
    Call& call = step.call;
    if (!call.transfer || call.transfer->leg != status.leg || call.transfer->leg_ended_at) {
        return Verdict::noted;
    }
    if (status.view == CarrierView::alive) {
        call.last_alive_at = std::max(call.last_alive_at, step.at);
    }
    if (status.view != CarrierView::gone) {
        step.check_in(call.policy.reconcile_interval);
        const bool rang_out =
            step.at - call.transfer->asked_at >=
            call.policy.transfer_ring + ring_slack + call.policy.reconcile_interval;
        if (status.view == CarrierView::alive && target_rings(call) && !is_leaving(call) &&
            rang_out) {
            // It has lived well past its ringing time: it was answered, and the call.answered is
            // lost. Hanging up here would cut a live talk.
            complete(step, step.at);
            return Verdict::applied;
        }
        return Verdict::noted;
    }
    Transfer& transfer = *call.transfer;
    transfer.leg_ended_at = plausible(step, status.end_time.value_or(call.last_alive_at));
    if (is_transferred(call)) {
        if (!status.end_time && own_leg_is_over(call) && !call.timers.settle) {
            call.timers.settle = step.at + call.policy.settle;  // for its call.hangup
        }
        follow_legs(step);
    } else if (target_rings(call)) {
        const bool rang_out =
            status.end_time.value_or(step.at) - transfer.asked_at >= call.policy.transfer_ring;
        transfer.failure = rang_out ? "timeout" : word_of(HangupCause::unspecified);
        await_last_words(step);
    }
    return Verdict::applied;
}

Verdict apply_target_event(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    // Our client_state says more than a leg that was learned by its session alone.
    const bool known = call.transfer && (call.transfer->leg == event.call_control_id ||
                                         event.tag.transfer == call.transfer->number ||
                                         is_target_by_session(call, event));
    if (!known) {  // the leg of an earlier try, whose end was told
        const bool earlier =
            call.transfer &&
            ((event.tag.transfer != 0 && event.tag.transfer < call.transfer->number) ||
             is_earlier_target(*call.transfer, event));
        if (earlier && event.type != CarrierEventType::hangup &&
            event.type != CarrierEventType::cost) {
            step.hang_up_leg(event.call_control_id);
        }
        return call.is_final() ? Verdict::late : Verdict::noted;
    }
    meet(*call.transfer, event);
    if (call.is_final()) {
        return on_late_target(step, event);
    }
    call.last_alive_at = std::max(call.last_alive_at, plausible(step, event.occurred_at));
    switch (event.type) {
        case CarrierEventType::answered:
            return on_target_answered(step, event);
        case CarrierEventType::hangup:
            return on_target_hangup(step, event);
        case CarrierEventType::initiated:
        case CarrierEventType::dtmf:
        case CarrierEventType::cost:
        case CarrierEventType::gather_ended:
        case CarrierEventType::machine_detected:
        case CarrierEventType::other:
            break;
    }
    if (target_rings(call)) {
        accept(step);
    }
    if (is_leaving(call) || call.transfer->phase == TransferPhase::failed) {
        step.sweep_target();  // nobody waits for it any more
    }
    return Verdict::applied;
}

Verdict apply_transfer_timer(Step& step) {
    Call& call = step.call;
    if (!call.transfer) {
        return Verdict::redundant;
    }
    if (target_rings(call) &&
        (call.transfer->leg.value().empty() || call.transfer->leg_ended_at || is_leaving(call))) {
        fail_transfer(step, failure_of(call));
        step.hang_up_target();
        return Verdict::applied;
    }
    if (target_rings(call)) {  // it may talk, and the call.answered be late: the carrier knows
        call.timers.transfer = step.at + call.policy.reconcile_interval;
        step.ask_about(call.transfer->leg);
        return Verdict::applied;
    }
    if (call.transfer->phase != TransferPhase::answered) {
        return Verdict::redundant;
    }
    if (!own_leg_is_over(call) && target_talks(call)) {
        return Verdict::redundant;
    }
    // One leg without the other. Repeated until the carrier says that it is over.
    call.timers.transfer = step.at + call.policy.reconcile_interval;
    if (own_leg_is_over(call)) {
        step.hang_up_target();
    } else {
        step.command(CommandKind::hangup, *call.transfer->leg_ended_at);
    }
    step.ask_carrier();
    return Verdict::applied;
}

}  // namespace gw::detail
