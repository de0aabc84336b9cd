#include "gateway/domain/apply.hpp"

#include "gateway/domain/e164.hpp"
#include "gateway/domain/step.hpp"

#include <algorithm>
#include <array>

namespace gw {
namespace {

using detail::Step;

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

int rank_of(CarrierEventType type) {
    switch (type) {
        case CarrierEventType::initiated:
            return 0;
        case CarrierEventType::answered:
            return 1;
        case CarrierEventType::dtmf:
        case CarrierEventType::gather_ended:
        case CarrierEventType::machine_detected:
        case CarrierEventType::other:
            return 2;
        case CarrierEventType::hangup:
            return 3;
        case CarrierEventType::cost:
            return 4;
    }
    return 2;
}

Call born_of(const NewCall& birth, const CarrierEvent& first, UtcTime at) {
    const InboundTerms& terms = birth.terms;
    Call call;
    call.id = birth.id;
    call.nonce = birth.nonce;
    call.direction = birth.direction;
    call.agent_id = terms.agent_id;
    call.agent_public_id = terms.agent_public_id;
    call.project_id = terms.project_id;
    call.org_id = terms.org_id;
    const std::string& from = first.from.empty() ? birth.from : first.from;
    const std::string& to = first.to.empty() ? birth.to : first.to;
    call.from = e164_of(from).value_or(from);
    call.to = e164_of(to).value_or(to);
    call.language = terms.language;
    call.call_control_id = first.call_control_id;
    call.call_leg_id = first.call_leg_id;
    call.call_session_id = first.call_session_id;
    const UtcTime begun =
        first.type == CarrierEventType::initiated
            ? first.occurred_at
            : std::min(first.start_time.value_or(first.occurred_at), first.occurred_at);
    call.created_at = detail::not_ahead(std::min(begun, birth.begun.value_or(begun)), at);
    call.opened_at = at;
    call.last_alive_at = call.created_at;
    call.rates = terms.rates;
    call.policy = terms.policy;
    call.recording_enabled = terms.recording_enabled;
    return call;
}

void refuse(Step& step, Refusal refusal, bool adopted) {
    Call& call = step.call;
    call.refusal = refusal;
    step.effects.emplace_back(Refused{refusal});
    // A leg known only from stray events may be somebody else's: it goes on record and is left
    // alone.
    if (!adopted) {
        step.command(CommandKind::reject, step.at, detail::reject_cause_of(refusal));
    }
    step.finish(ClosedBy::webhook);
}

void welcome(Step& step, bool adopted) {
    Call& call = step.call;
    call.timers.deadline = step.at + call.policy.ring_timeout;
    step.check_in(call.policy.reconcile_idle);
    if (adopted) {
        step.ask_carrier();
        return;
    }
    call.answer_issued_at = step.at;
    step.command(CommandKind::answer, step.at);
}

}  // namespace

Transition begin_call(const NewCall& birth, const CarrierEvent& first, UtcTime at) {
    Transition result{.call = born_of(birth, first, at),
                      .effects = {},
                      .verdict = Verdict::applied,
                      .refusal = {}};
    Step step{.call = result.call, .at = at, .effects = result.effects};
    step.tell(PublicEventType::call_ringing);
    if (birth.terms.refusal) {
        refuse(step, *birth.terms.refusal, birth.adopted);
    } else {
        welcome(step, birth.adopted);
    }
    return result;
}

Transition apply(Call call, const Input& input) {
    Transition result{
        .call = std::move(call), .effects = {}, .verdict = Verdict::noted, .refusal = {}};
    Step step{.call = result.call, .at = input.at, .effects = result.effects};
    result.verdict = std::visit(
        Overloaded{
            [&](const CarrierEvent& event) { return detail::apply_event(step, event); },
            [&](const CommandResult& answer) { return detail::apply_result(step, answer); },
            [&](const CarrierStatus& status) { return detail::apply_status(step, status); },
            [&](const TimerFired& fired) { return detail::apply_timer(step, fired.timer); },
            [&](const EndRequested&) { return detail::apply_end_request(step); },
            [&](const Restarted&) { return detail::apply_restart(step); },
            [&](const TransferRequested& asked) {
                return detail::apply_transfer_request(step, asked);
            },
            [&](const GatherRequested& asked) { return detail::apply_gather_request(step, asked); },
            [&](const SpeechHeard&) { return detail::apply_speech(step); },
            [&](const DialRequested&) { return Verdict::redundant; },  // it began the call
        },
        input.what);
    result.refusal = step.refusal;
    return result;
}

bool is_related(const Call& call, const CarrierEvent& event) {
    return !event.tag.call &&
           (detail::is_own(call, event) || detail::is_target_by_session(call, event));
}

bool happens_before(const CarrierEvent& a, const CarrierEvent& b) {
    if (a.occurred_at != b.occurred_at) {
        return a.occurred_at < b.occurred_at;
    }
    return rank_of(a.type) < rank_of(b.type);
}

bool is_wanted(const Call& call, const SendCommand& command) {
    const bool over = detail::own_leg_is_over(call);
    const bool leaves = detail::is_leaving(call);
    switch (command.kind) {
        case CommandKind::answer:
            return call.status == CallStatus::ringing && !over && !call.hangup_asked;
        case CommandKind::reject:
            return !over;
        case CommandKind::hangup:
            // The leg of a call we placed may turn up when the call is on record as over.
            return !over && (!call.is_final() || call.direction == Direction::outbound);
        case CommandKind::hangup_target:
            // The target of an earlier transfer is wanted no more in any case.
            return call.transfer &&
                   (call.transfer->leg != command.call_control_id || !call.transfer->leg_ended_at);
        case CommandKind::transfer: {
            const auto* order = std::get_if<TransferOrder>(&command.order);
            return !leaves && order && call.transfer && call.transfer->number == order->number &&
                   call.transfer->phase == TransferPhase::asked;
        }
        case CommandKind::gather: {
            const auto* order = std::get_if<GatherOrder>(&command.order);
            return !leaves && order && call.gather && call.gather->number == order->number;
        }
        case CommandKind::dial:
            return !leaves && call.call_control_id.value().empty();
    }
    return false;
}

CommandOutcome fate_of(const Call& call, const CommandResult& result) {
    const bool superseded = result.outcome == CommandOutcome::superseded;
    const bool in_doubt =
        result.outcome == CommandOutcome::unknown || (superseded && result.attempts > 0);
    if (!in_doubt) {
        return result.outcome;
    }
    const bool leaves = detail::is_leaving(call);
    bool carried_out = false;
    if (result.kind == CommandKind::transfer) {
        // Its target's leg is known, or a later transfer has begun since it failed.
        const bool heard_of = call.transfer && (!call.transfer->leg.value().empty() ||
                                                !detail::is_of(result, call.transfer->number));
        carried_out = heard_of;
    } else if (result.kind == CommandKind::gather) {
        const bool over = !call.gather || !detail::is_of(result, call.gather->number);
        carried_out = over && !leaves && !detail::is_transferred(call);
    } else {
        return result.outcome;
    }
    return carried_out ? CommandOutcome::accepted : CommandOutcome::unknown;
}

std::optional<UtcTime> next_timer(const Call& call) {
    const CallTimers& timers = call.timers;
    std::optional<UtcTime> next;
    for (const auto& due : {timers.settle, timers.max_duration, timers.deadline, timers.check,
                            timers.transfer, timers.gather, timers.silence}) {
        if (due && (!next || *due < *next)) {
            next = due;
        }
    }
    return next;
}

}  // namespace gw
