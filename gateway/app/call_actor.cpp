#include "gateway/app/call_actor.hpp"

#include <algorithm>

namespace gw::app {

Plan Planner::birth(const NewCall& birth, std::vector<Input>& inputs) {
    return run_all({}, inputs, [&birth](const Input& first) {
        return begin_call(birth, *carrier_event_of(first), first.at);
    });
}

Plan Planner::adoption(const NewCall& birth, std::vector<Input>& inputs) {
    return run_all({}, inputs, [&birth](const Input& first) {
        Transition begun = begin_call(birth, *carrier_event_of(first), first.at);
        Transition transition = apply(std::move(begun.call), first);
        transition.effects.insert(transition.effects.begin(), begun.effects.begin(),
                                  begun.effects.end());
        return transition;
    });
}

Plan Planner::next(const Call& call, std::vector<Input>& inputs) {
    Plan plan;
    plan.commit->call = call;
    plan.commit->expected_version = call.version;
    plan = run_all(std::move(plan), inputs, nullptr);
    plan.commit->change = change_between(call, plan.commit->call);
    return plan;
}

Plan Planner::outbound(const NewOutboundCall& birth, Input first) {
    Plan plan;
    Transition begun = begin_outbound_call(birth, first.at);
    record(plan, std::move(first), std::move(begun));
    return plan;
}

Plan Planner::run_all(Plan plan, std::vector<Input>& inputs, const First& first) {
    ports::CallCommit& commit = *plan.commit;
    commit.entries.reserve(inputs.size());
    try {
        for (Input& input : inputs) {
            const bool begins = first && commit.entries.empty();
            Transition made = begins ? first(input) : apply(std::move(commit.call), input);
            record(plan, std::move(input), std::move(made));
        }
    } catch (...) {
        for (std::size_t i = 0; i < commit.entries.size(); ++i) {
            inputs[i] = std::move(commit.entries[i].input);
        }
        throw;
    }
    return plan;
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
