// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/references.hpp"

#include <algorithm>
#include <charconv>

namespace gw::http {
namespace {

constexpr std::string_view agent_prefix = "agent_";

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_agent_reference(std::string_view text) {
    if (!text.starts_with(agent_prefix)) {
        return is_digits(text);
    }
    const std::string_view name = text.substr(agent_prefix.size());
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

std::optional<AgentId> agent_of(const app::Directory& directory, std::string_view reference) {
    if (reference.starts_with(agent_prefix)) {
        const auto* agent = directory.agent_by_public_id(reference);
        return agent == nullptr ? std::nullopt : std::optional(agent->id);
    }
    std::int64_t number = 0;
    const auto parsed =
        std::from_chars(reference.data(), reference.data() + reference.size(), number);
    return parsed.ec == std::errc{} ? std::optional(AgentId(number)) : std::nullopt;
}

}  // namespace gw::http
