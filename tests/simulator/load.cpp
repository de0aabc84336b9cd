// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/load.hpp"

#include <algorithm>

namespace gw::simulator {
namespace {

using nlohmann::json;

json percentiles(std::vector<double> samples) {
    if (samples.empty()) {
        return nullptr;
    }
    std::ranges::sort(samples);
    const auto at = [&](double share) {
        return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1))];
    };
    return {{"count", samples.size()},
            {"p50", at(0.5)},
            {"p95", at(0.95)},
            {"p99", at(0.99)},
            {"max", samples.back()}};
}

}  // namespace

void Load::start(const LoadPlan& plan) {
    to_place_ += plan.calls;
    const UtcTime begin = schedule_.now();
    for (std::uint64_t i = 0; i < plan.calls; ++i) {
        const auto offset = std::chrono::duration<double>(static_cast<double>(i) / plan.rate);
        schedule_.at(begin + std::chrono::duration_cast<std::chrono::microseconds>(offset),
                     [this, script = plan.script]() mutable {
                         std::string digits = std::to_string(++placed_ % 100'000'000);
                         digits.insert(0, 8 - digits.size(), '0');
                         script.from = "+3169" + digits;
                         --to_place_;
                         world_.place_call(std::move(script));
                     });
    }
}

void Load::saw(const Event& event) {
    const Leg* leg = world_.find(event.control_id);
    if (leg == nullptr || leg->outgoing) {
        return;
    }
    if (event.type == "call.answered") {
        answer_ms_.push_back(
            std::chrono::duration<double, std::milli>(event.occurred_at - leg->started_at).count());
    } else if (event.type == "call.hangup") {
        ++causes_[event.payload.at("hangup_cause").get<std::string>()];
    }
}

json Load::summary(Outbox& outbox) const {
    const OutboxTotals& webhooks = outbox.totals();
    const Totals& calls = world_.totals();
    json causes = json::object();
    for (const auto& [cause, count] : causes_) {
        causes[cause] = count;
    }
    return {{"calls",
             {{"to_place", to_place_},
              {"placed", calls.calls_placed},
              {"answered", calls.calls_answered},
              {"dialled", calls.dials},
              {"legs_live", world_.live_legs()},
              {"legs_ended", calls.legs_ended},
              {"hangup_causes", causes}}},
            {"webhooks",
             {{"events", webhooks.events},
              {"attempts", webhooks.attempts},
              {"accepted", webhooks.accepted},
              {"failed", webhooks.failed},
              {"given_up", webhooks.given_up},
              {"lost", webhooks.lost},
              {"pending", outbox.pending()}}},
            {"event_to_2xx_ms", percentiles(outbox.delivery_ms())},
            {"initiated_to_answer_ms", percentiles(answer_ms_)}};
}

void Load::reset() {
    to_place_ = 0;
    causes_.clear();
    answer_ms_.clear();
}

}  // namespace gw::simulator
