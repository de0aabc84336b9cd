#include "gateway/app/call_actor.hpp"

#include <algorithm>

namespace gw::app {

Plan Planner::birth(const NewCall& birth, Input first, std::vector<Input> rest) {
    Plan plan;
    const auto& event = *std::get<BoxedEvent>(first.what);
    Transition begun = begin_call(birth, event, first.at);
    record(plan, std::move(first), std::move(begun));
    for (Input& input : rest) {
        run(plan, std::move(input));
    }
    return plan;
}

Plan Planner::adoption(const NewCall& birth, Input first, std::vector<Input> rest) {
    Plan plan;
    Transition begun = begin_call(birth, *std::get<BoxedEvent>(first.what), first.at);
    Transition transition = apply(std::move(begun.call), first);
    transition.effects.insert(transition.effects.begin(), begun.effects.begin(),
                              begun.effects.end());
    record(plan, std::move(first), std::move(transition));
    for (Input& input : rest) {
        run(plan, std::move(input));
    }
    return plan;
}

Plan Planner::outbound(const NewOutboundCall& birth, Input first) {
    Plan plan;
    Transition begun = begin_outbound_call(birth, first.at);
    record(plan, std::move(first), std::move(begun));
    return plan;
}

Plan Planner::next(const Call& call, std::vector<Input>& inputs) {
    Plan plan;
    plan.commit->call = call;
    plan.commit->expected_version = call.version;
    plan.commit->entries.reserve(inputs.size());
    try {
        for (Input& input : inputs) {
            run(plan, std::move(input));
        }
    } catch (...) {
        for (std::size_t i = 0; i < plan.commit->entries.size(); ++i) {
            inputs[i] = std::move(plan.commit->entries[i].input);
        }
        throw;
    }
    plan.commit->change = change_between(call, plan.commit->call);
    return plan;
}

void Planner::run(Plan& plan, Input&& input) {
    Transition transition = apply(std::move(plan.commit->call), input);
    record(plan, std::move(input), std::move(transition));
}

void Planner::record(Plan& plan, Input&& input, Transition&& transition) {
    ports::CallCommit& commit = *plan.commit;
    commit.call = std::move(transition.call);
    Call& call = commit.call;
    call.version = commit.expected_version + 1;

    if (const auto* result = std::get_if<CommandResult>(&input.what)) {
        commit.finished_commands.push_back(result->command_id);
        std::erase_if(commit.commands,
                      [&](const SendCommand& c) { return c.command_id == result->command_id; });
    }
    collect(plan, transition.effects);
    std::erase_if(commit.commands, [&](const SendCommand& c) { return !is_wanted(call, c); });

    commit.entries.push_back({.seq = ++call.timeline_length,
                              .input = std::move(input),
                              .verdict = transition.verdict,
                              .effects = std::move(transition.effects)});
}

void Planner::collect(Plan& plan, const std::vector<Effect>& effects) {
    ports::CallCommit& commit = *plan.commit;
    const Call& call = commit.call;
    for (const Effect& effect : effects) {
        if (const auto* command = std::get_if<SendCommand>(&effect)) {
            commit.commands.push_back(*command);
        } else if (const auto* event = std::get_if<PublicEvent>(&effect)) {
            ports::OutboundEvent outbound{.event = *event, .body = {}, .deliveries = {}};
            for (const ports::Endpoint* endpoint : directory_.endpoints_for(
                     call.agent_id, call.project_id, call.org_id, word_of(event->type))) {
                outbound.deliveries.emplace_back(numbers_.next_delivery_id(), endpoint->id);
            }
            if (!outbound.deliveries.empty()) {
                outbound.body = encoder_.encode(call, *event);
                commit.webhooks.push_back(std::move(outbound));
            }
        } else if (const auto* question = std::get_if<AskCarrier>(&effect)) {
            plan.asks_carrier_about.push_back(question->call_control_id);
        }
    }
}

}  // namespace gw::app
