#include "gateway/domain/billing.hpp"

namespace gw {

std::int64_t seconds_between(UtcTime a, UtcTime b) {
    if (b <= a) {
        return 0;
    }
    return divide_half_up((b - a).count(), 1'000'000);
}

std::int64_t running_duration_seconds(const Call& call, UtcTime now) {
    if (call.is_final()) {
        return call.duration_seconds;
    }
    return call.started_at ? seconds_between(*call.started_at, now) : 0;
}

Costs costs_of(const Call& call, std::int64_t duration_seconds) {
    const CentiMinutes minutes = minutes_of(duration_seconds);
    const std::int64_t talk = exact_cost(minutes, call.rates.rate);
    const std::int64_t recording =
        call.has_recording ? exact_cost(minutes, call.rates.recording_rate) : 0;
    const std::int64_t transfer =
        exact_cost(minutes_of(call.transfer_duration_seconds), call.rates.transfer_rate);
    const std::int64_t discount = exact_cost(minutes, call.rates.llm_discount);
    Costs costs;
    costs.call_cost = round_money(exact_cost(minutes, call.rates.call_rate));
    costs.recording_cost = round_money(recording);
    costs.transfer_cost = round_money(transfer);
    costs.llm_discount = round_money(discount);
    costs.total_cost = round_money(talk + recording + transfer - discount);
    return costs;
}

void bill(Call& call) {
    call.duration_seconds =
        call.started_at && call.ended_at ? seconds_between(*call.started_at, *call.ended_at) : 0;
    call.minutes_used = minutes_of(call.duration_seconds);
    call.costs = costs_of(call, call.duration_seconds);
}

}  // namespace gw
