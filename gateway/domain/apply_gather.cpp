// A gather: a prompt is spoken and keys are collected. One at a time, decided by the call's row.
#include "gateway/domain/step.hpp"

#include <algorithm>

namespace gw::detail {
namespace {

// LIFECYCLE: the prompt's length is estimated at 15 characters a second. The text is UTF-8.
std::chrono::seconds spoken_for(const std::string& prompt) {
    constexpr std::int64_t characters_a_second = 15;
    const auto characters = std::count_if(prompt.begin(), prompt.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    });
    return std::chrono::seconds{(characters + characters_a_second - 1) / characters_a_second};
}

// Whether Telnyx leaves the terminating key in `digits` is not documented: one at the end is cut.
std::string without_terminator(std::string digits, const std::string& terminator) {
    if (!terminator.empty() && digits.ends_with(terminator)) {
        digits.resize(digits.size() - terminator.size());
    }
    return digits;
}

// The end of an earlier gather, whose watchdog has fired. Without our client_state its time tells,
// as far as clocks agree.
bool is_of_another(const Call& call, const CarrierEvent& event) {
    if (event.tag.gather != 0) {
        return event.tag.gather != call.gather->number;
    }
    constexpr std::chrono::seconds clocks_differ_max{15};
    return call.gather->number > 1 && event.occurred_at + clocks_differ_max < call.gather->asked_at;
}

}  // namespace

void end_gather(Step& step, std::optional<std::string> digits) {
    Call& call = step.call;
    if (!call.gather) {
        return;
    }
    call.gather.reset();
    call.timers.gather.reset();
    step.tell(PublicEventType::call_gather_completed);
    std::get<PublicEvent>(step.effects.back()).input = std::move(digits);
}

Verdict apply_gather_request(Step& step, const GatherRequested& request) {
    Call& call = step.call;
    if (call.status != CallStatus::in_progress || is_leaving(call) || is_transferred(call)) {
        step.refusal = RequestRefusal::not_in_progress;
    } else if (call.call_control_id.value().empty()) {
        step.refusal = RequestRefusal::no_control_channel;
    } else if (call.gather) {
        step.refusal = RequestRefusal::gather_in_progress;
    }
    if (step.refusal) {
        return Verdict::refused;
    }
    const GatherSpec& spec = request.spec;
    call.gather =
        Gather{.number = ++call.gathers, .terminator = spec.terminator, .asked_at = step.at};
    call.timers.gather =
        step.at + spec.timeout + spoken_for(spec.prompt) + call.policy.gather_grace;
    step.order(CommandKind::gather, call.gathers,
               GatherOrder{.spec = spec, .number = call.gathers});
    return Verdict::applied;
}

Verdict apply_gather_result(Step& step, const CommandResult& result) {
    Call& call = step.call;
    const bool current = call.gather && is_of(result, call.gather->number);
    const bool leaving = is_leaving(call);
    switch (result.outcome) {
        case CommandOutcome::accepted:
        case CommandOutcome::unknown:  // its event tells, or the timer
            return Verdict::noted;
        case CommandOutcome::call_gone:
            step.check_in(std::max(call.policy.settle, std::chrono::milliseconds{1}));
            [[fallthrough]];
        case CommandOutcome::superseded:
            if (current && leaving) {
                return Verdict::noted;  // its digits may come while the call settles
            }
            break;
        case CommandOutcome::refused:
            break;
    }
    if (!current) {
        return Verdict::late;
    }
    end_gather(step, std::nullopt);
    return Verdict::applied;
}

Verdict apply_gather_ended(Step& step, const CarrierEvent& event) {
    Call& call = step.call;
    if (!call.gather || is_of_another(call, event)) {
        return Verdict::noted;
    }
    std::string digits = without_terminator(event.digits, call.gather->terminator);
    if (event.gather_valid || !digits.empty()) {
        end_gather(step, std::move(digits));
    } else {
        end_gather(step, std::nullopt);
    }
    return Verdict::applied;
}

Verdict apply_gather_timer(Step& step) {
    if (!step.call.gather) {
        return Verdict::redundant;
    }
    end_gather(step, std::nullopt);
    return Verdict::applied;
}

}  // namespace gw::detail
