// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/authenticate.hpp"

#include <algorithm>
#include <array>

namespace gw::http {
namespace {

constexpr std::string_view project_prefix = "sfy_live_";
constexpr std::string_view org_prefix = "sfy_org_";
constexpr std::size_t secret_digits = 48;
constexpr std::size_t key_length_max = project_prefix.size() + secret_digits;
constexpr std::string_view bearer = "bearer";

bool starts_with_bearer(std::string_view value) {
    if (value.size() < bearer.size()) {
        return false;
    }
    for (std::size_t i = 0; i < bearer.size(); ++i) {
        const char c = value[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != bearer[i]) {
            return false;
        }
    }
    return value.size() == bearer.size() || value[bearer.size()] == ' ';
}

struct Presented {
    std::string_view key;  // empty: none
    bool malformed = false;
};

Presented presented_key(const net::Headers& headers) {
    Presented presented;
    if (headers.count("Authorization") > 1 || headers.count("X-Api-Key") > 1) {
        presented.malformed = true;
        return presented;
    }
    if (const auto value = headers.find("Authorization"); value && !value->empty()) {
        if (!starts_with_bearer(*value)) {
            presented.malformed = true;
            return presented;
        }
        // RFC 9110, 11.4: one space or more.
        presented.key =
            value->substr(std::min(value->find_first_not_of(' ', bearer.size()), value->size()));
    }
    if (const auto value = headers.find("X-Api-Key"); value && !value->empty()) {
        presented.malformed = !presented.key.empty() && presented.key != *value;
        presented.key = *value;
    }
    return presented;
}

bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

bool is_key_shaped(std::string_view key) {
    std::string_view digits;
    if (key.starts_with(project_prefix)) {
        digits = key.substr(project_prefix.size());
    } else if (key.starts_with(org_prefix)) {
        digits = key.substr(org_prefix.size());
    }
    return digits.size() == secret_digits && std::ranges::all_of(digits, is_lower_hex);
}

// A key of the wrong shape takes the same path with a text that is no key, so its refusal takes as
// long.
const ports::ApiKey* Authenticator::find(std::string_view key) const {
    const bool shaped = is_key_shaped(key);
    static constexpr std::array<char, key_length_max> no_key{};
    const std::string_view hashed = shaped ? key : std::string_view(no_key.data(), no_key.size());
    const ports::ApiKey* found = directory_.key(digest_(hashed));
    return shaped ? found : nullptr;
}

std::variant<Principal, Problem> Authenticator::identify(const net::Headers& headers) const {
    const Presented presented = presented_key(headers);
    if (presented.key.empty() && !presented.malformed) {
        return Problem(ProblemCode::missing_api_key);
    }
    const ports::ApiKey* key = find(presented.key);
    if (key == nullptr || key->revoked || presented.malformed) {
        return Problem(ProblemCode::invalid_api_key);
    }
    Principal principal;
    principal.scope = key->scope;
    principal.key_id = ports::key_id_of(key->hash);
    if (key->project_id) {
        const auto* project = directory_.project(*key->project_id);
        if (project == nullptr) {
            return Problem(ProblemCode::invalid_api_key);
        }
        principal.org_id = project->org_id;
        principal.project_id = project->id;
        principal.projects.projects.push_back(project->id);
    } else if (key->org_id) {
        principal.org_id = *key->org_id;
        principal.projects.projects = directory_.projects_of(*key->org_id);
    }
    const auto* org = directory_.org(principal.org_id);
    if (org == nullptr) {
        return Problem(ProblemCode::invalid_api_key);
    }
    principal.tier = org->tier;
    return principal;
}

std::optional<Problem> Authenticator::narrow(const net::Headers& headers,
                                             Principal& principal) const {
    if (headers.count("X-Project-Id") > 1) {
        return validation_problem({{"X-Project-Id", "must be given once"}});
    }
    if (const auto wanted = headers.find("X-Project-Id")) {
        const auto* project = directory_.project_by_public_id(*wanted);
        auto& reach = principal.projects.projects;
        if (project == nullptr || std::ranges::find(reach, project->id) == reach.end()) {
            return Problem(ProblemCode::not_found);
        }
        reach.assign(1, project->id);
        principal.project_id = project->id;
    }
    return std::nullopt;
}

}  // namespace gw::http
