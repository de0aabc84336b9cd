// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/load.hpp"

#include <algorithm>

namespace gw::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t answer_samples_max = 1'000'000;

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

bool Load::start(const LoadPlan& plan) {
    const bool good = plan.calls <= load_calls_max - std::min(to_place_, load_calls_max) &&
                      plan.rate >= load_rate_min && plan.rate <= load_rate_max;
    if (good && plan.calls > 0) {
        to_place_ += plan.calls;
        place_next(std::make_shared<Run>(Run{.plan = plan, .begin = schedule_.now()}));
    }
    return good;
}

void Load::place_next(const std::shared_ptr<Run>& run) {
    const auto offset =
        std::chrono::duration<double>(static_cast<double>(run->placed) / run->plan.rate);
    const auto when = run->begin + std::chrono::duration_cast<std::chrono::microseconds>(offset);
    schedule_.at(when, [this, run] {
        std::string digits = std::to_string(++numbered_ % 100'000'000);
        digits.insert(0, 8 - digits.size(), '0');
        CallerScript script = run->plan.script;
        script.from = "+3169" + digits;
        --to_place_;
        if (++run->placed < run->plan.calls) {
            place_next(run);
        }
        world_.place_call(std::move(script));
    });
}

void Load::start(const std::vector<TimedCall>& calls) {
    for (const TimedCall& call : calls) {
        ++to_place_;
        schedule_.after(call.at, [this, script = call.caller] {
            --to_place_;
            world_.place_call(script);
        });
    }
}

void Load::saw(const Event& event) {
    const Leg* leg = world_.find(event.control_id);
    if (leg == nullptr || leg->outgoing) {
        return;
    }
    if (event.type == "call.answered" && answer_ms_.size() < answer_samples_max) {
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
