#pragma once
// SPDX-License-Identifier: Apache-2.0
// A small valid configuration and ways to spoil it, for the tests of the loader.
#include "config/load.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gw::config::test {

// RFC 8032, section 7.1, test 1: the public key d75a9801…511a.
inline constexpr std::string_view public_key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
// RFC 8032, section 7.1, test 2: the public key 3d4017c3…660c.
inline constexpr std::string_view other_public_key = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
inline constexpr std::string_view webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

inline const std::string valid = R"({
  "http": {"public_url": "https://gw.example.com"},
  "telnyx": {"api_key": "KEYcanary", "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
             "connection_id": "123"},
  "webhooks": {"jitter": 0.2},
  "orgs": [{"id": 42, "name": "Acme", "tier": "growth"}],
  "projects": [{"id": 1, "public_id": "proj_1", "org_id": 42, "name": "Main"}],
  "agents": [{"id": 7, "public_id": "agent_7", "project_id": 1, "name": "Support",
              "phone_numbers": ["+31850012345"], "max_duration": 900,
              "webhook_url": "https://a.example.com/hook",
              "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
              "rates": {"rate_per_minute": 0.25}}],
  "webhook_endpoints": [{"level": "org", "org_id": 42, "url": "https://b.example.com/",
                         "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}],
  "api_keys": [{"key_sha256": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
                "project_id": 1}]
})";

// `text` with its only `from` replaced; a sample that no longer fits its test fails loudly.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
        throw std::logic_error("not exactly once in the sample: " + std::string(from));
    }
    return text.replace(at, from.size(), to);
}

// `members` put in front of the first agent's.
inline std::string with_agent(std::string_view members) {
    return with(valid, R"({"id": 7,)", "{" + std::string(members) + R"(, "id": 7,)");
}

inline LoadResult load(std::string_view text, std::map<std::string, std::string> env = {},
                       const FileRead& file = {}) {
    return load_text(
        text, "gw.json",
        [&env](const std::string& name) {
            const auto found = env.find(name);
            return found == env.end() ? std::nullopt : std::optional<std::string>(found->second);
        },
        file);
}

}  // namespace gw::config::test
