#pragma once
// SPDX-License-Identifier: Apache-2.0
// How requests name an agent: by its public id or by its number. Pure; any thread.
#include "gateway/app/directory.hpp"

#include <optional>
#include <string_view>

namespace gw::http {

// "agent_28c51f81", or digits.
bool is_agent_reference(std::string_view text);
// The agent that is meant; nothing for one that cannot exist.
std::optional<AgentId> agent_of(const app::Directory& directory, std::string_view reference);

}  // namespace gw::http
