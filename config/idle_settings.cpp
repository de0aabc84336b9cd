// SPDX-License-Identifier: Apache-2.0
#include "config/idle_settings.hpp"

namespace gw::config {

std::vector<std::string> idle_settings(const Settings& settings) {
    std::vector<std::string> idle;
    const auto note = [&](bool given, std::string name) {
        if (given) {
            idle.push_back(std::move(name));
        }
    };
    note(settings.redis.has_value(), "$.redis");
    note(settings.recordings.s3.has_value(), "$.recordings.s3");
    note(settings.llm.has_value(), "$.llm");
    for (std::size_t i = 0; i < settings.agents.size(); ++i) {
        const AgentSettings& agent = settings.agents[i];
        const std::string path = "$.agents[" + std::to_string(i) + "].";
        note(agent.server_url.has_value(), path + "server_url");
        note(agent.answer_after_server_url, path + "answer_after_server_url");
        note(agent.voice_url.has_value(), path + "voice_url");
        note(agent.recording, path + "recording");
    }
    return idle;
}

}  // namespace gw::config
