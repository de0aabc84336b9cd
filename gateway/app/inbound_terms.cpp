#include "gateway/app/inbound_terms.hpp"

#include "gateway/domain/admission.hpp"
#include "gateway/domain/e164.hpp"

namespace gw::app {

std::optional<std::size_t> concurrency_max(ports::Tier tier) {
    switch (tier) {
        case ports::Tier::payg:
            return 10;
        case ports::Tier::starter:
            return 50;
        case ports::Tier::growth:
            return 100;
        case ports::Tier::enterprise:
            return std::nullopt;
    }
    return std::nullopt;
}

InboundTerms terms_of_agent(const Directory& directory, const CallDefaults& defaults,
                            const ports::Agent& agent) {
    InboundTerms terms;
    terms.agent_id = agent.id;
    terms.agent_public_id = agent.public_id;
    terms.project_id = agent.project_id;
    if (const ports::Project* project = directory.project(agent.project_id)) {
        terms.org_id = project->org_id;
    }
    terms.language = agent.language;
    terms.recording_enabled = agent.recording;
    terms.rates = agent.rates;
    terms.policy.max_duration = agent.max_duration;
    terms.policy.ring_timeout = defaults.ring_timeout;
    terms.policy.deadline_slack = defaults.deadline_slack;
    terms.policy.settle = defaults.settle;
    terms.policy.reconcile_idle = defaults.reconcile_idle;
    terms.policy.reconcile_interval = defaults.reconcile_interval;
    terms.policy.gather_grace = defaults.gather_grace;
    terms.policy.silence_timeout = agent.silence_timeout;
    terms.policy.hang_up_on_voicemail = agent.hang_up_on_voicemail;
    return terms;
}

InboundTerms terms_for_inbound(const Directory& directory, const CallDefaults& defaults,
                               const InboundFacts& facts) {
    const auto number = e164_of(facts.to);
    const ports::Agent* agent = number ? directory.agent_by_number(*number) : nullptr;
    if (!agent) {
        InboundTerms terms;
        if (const ports::Project* project = directory.only_project()) {
            terms.project_id = project->id;
            terms.org_id = project->org_id;
        }
        terms.refusal = Refusal::no_agent;
        return terms;
    }
    InboundTerms terms = terms_of_agent(directory, defaults, *agent);
    AdmissionFacts admission;
    admission.has_agent = true;
    admission.draining = facts.draining;
    if (terms.org_id) {
        const ports::Org* org = directory.org(*terms.org_id);
        admission.concurrency_max = org ? concurrency_max(org->tier) : std::nullopt;
        admission.live_calls_of_org = facts.live_calls_of(*terms.org_id);
    }
    terms.refusal = admit(admission);
    return terms;
}

}  // namespace gw::app
