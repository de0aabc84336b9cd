#include "gateway/directory_seed.hpp"

#include <string_view>

namespace gw {
namespace {

ports::Tier tier_of(config::Tier tier) {
    switch (tier) {
        case config::Tier::payg:
            return ports::Tier::payg;
        case config::Tier::starter:
            return ports::Tier::starter;
        case config::Tier::growth:
            return ports::Tier::growth;
        case config::Tier::enterprise:
            return ports::Tier::enterprise;
    }
    return ports::Tier::payg;
}

Rates rates_of(const config::RatesSettings& rates) {
    return {.rate = {rates.rate_per_minute_micro},
            .call_rate = {rates.call_rate_per_minute_micro},
            .recording_rate = {rates.recording_rate_per_minute_micro},
            .transfer_rate = {rates.transfer_rate_per_minute_micro},
            .llm_discount = {rates.llm_discount_per_minute_micro}};
}

ports::Agent agent_of(const config::AgentSettings& agent) {
    return {.id = AgentId{agent.id},
            .public_id = agent.public_id,
            .project_id = ProjectId{agent.project_id},
            .name = agent.name,
            .phone_numbers = agent.phone_numbers,
            .language = agent.language,
            .max_duration = agent.max_duration,
            .recording = agent.recording,
            .rates = rates_of(agent.rates),
            .silence_timeout = agent.silence_timeout,
            .hang_up_on_voicemail = agent.on_voicemail == config::OnVoicemail::hangup};
}

ports::Endpoint agent_endpoint(const config::AgentSettings& agent) {
    ports::Endpoint endpoint;
    endpoint.agent_id = AgentId{agent.id};
    endpoint.url = *agent.webhook_url;
    endpoint.secret =
        agent.webhook_secret ? std::string(agent.webhook_secret->reveal()) : std::string{};
    endpoint.events = agent.webhook_events;
    endpoint.agents_own = true;
    return endpoint;
}

ports::Endpoint endpoint_of(const config::WebhookEndpointSettings& settings) {
    ports::Endpoint endpoint;
    switch (settings.level) {
        case config::WebhookLevel::org:
            endpoint.org_id = OrgId{settings.owner_id};
            break;
        case config::WebhookLevel::project:
            endpoint.project_id = ProjectId{settings.owner_id};
            break;
        case config::WebhookLevel::agent:
            endpoint.agent_id = AgentId{settings.owner_id};
            break;
    }
    endpoint.url = settings.url;
    endpoint.secret = std::string(settings.secret.reveal());
    endpoint.events = settings.events;
    return endpoint;
}

std::uint8_t nibble(char c) {
    return static_cast<std::uint8_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

// The configuration has been checked: 64 hex digits.
ports::KeyHash hash_of(std::string_view hex) {
    ports::KeyHash hash{};
    for (std::size_t i = 0; i < hash.size(); ++i) {
        hash[i] = static_cast<std::uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    return hash;
}

ports::ApiKey key_of(const config::ApiKeySettings& settings) {
    ports::ApiKey key;
    key.hash = hash_of(settings.key_sha256);
    if (settings.project_id) {
        key.project_id = ProjectId{*settings.project_id};
    }
    if (settings.org_id) {
        key.org_id = OrgId{*settings.org_id};
    }
    key.scope = settings.scope == config::KeyScope::full ? ports::Scope::full : ports::Scope::read;
    return key;
}

}  // namespace

ports::DirectoryContent directory_seed(const config::Settings& settings) {
    ports::DirectoryContent content;
    for (const auto& org : settings.orgs) {
        content.orgs.push_back({.id = OrgId{org.id}, .name = org.name, .tier = tier_of(org.tier)});
    }
    for (const auto& project : settings.projects) {
        content.projects.push_back({.id = ProjectId{project.id},
                                    .public_id = project.public_id,
                                    .org_id = OrgId{project.org_id},
                                    .name = project.name});
    }
    for (const auto& agent : settings.agents) {
        content.agents.push_back(agent_of(agent));
        if (agent.webhook_url) {
            content.endpoints.push_back(agent_endpoint(agent));
        }
    }
    for (const auto& endpoint : settings.webhook_endpoints) {
        content.endpoints.push_back(endpoint_of(endpoint));
    }
    for (const auto& key : settings.api_keys) {
        content.keys.push_back(key_of(key));
    }
    return content;
}

}  // namespace gw
