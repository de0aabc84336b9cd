// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/authenticate.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>

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
        presented.key = value->substr(std::min(value->size(), bearer.size() + 1));
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

struct Authenticator::Digest {
    EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Digest() {
        if (md == nullptr || context == nullptr) {
            throw std::runtime_error("SHA-256 is not available");
        }
    }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest() {
        EVP_MD_CTX_free(context);
        EVP_MD_free(md);
    }
    ports::KeyHash operator()(std::string_view text) {
        ports::KeyHash hash{};
        unsigned length = 0;
        if (EVP_DigestInit_ex(context, md, nullptr) != 1 ||
            EVP_DigestUpdate(context, text.data(), text.size()) != 1 ||
            EVP_DigestFinal_ex(context, hash.data(), &length) != 1) {
            throw std::runtime_error("SHA-256 failed");
        }
        return hash;
    }
};

bool is_key_shaped(std::string_view key) {
    std::string_view digits;
    if (key.starts_with(project_prefix)) {
        digits = key.substr(project_prefix.size());
    } else if (key.starts_with(org_prefix)) {
        digits = key.substr(org_prefix.size());
    }
    return digits.size() == secret_digits && std::ranges::all_of(digits, is_lower_hex);
}

Authenticator::Authenticator(const app::Directory& directory)
    : directory_(directory), digest_(std::make_unique<Digest>()) {}
Authenticator::~Authenticator() = default;

// A key of the wrong shape takes the same path with a text that is no key, so its refusal takes as
// long.
const ports::ApiKey* Authenticator::find(std::string_view key) const {
    const bool shaped = is_key_shaped(key);
    static constexpr std::array<char, key_length_max> no_key{};
    const std::string_view hashed = shaped ? key : std::string_view(no_key.data(), no_key.size());
    const ports::ApiKey* found = directory_.key((*digest_)(hashed));
    return shaped ? found : nullptr;
}

std::variant<Principal, Problem> Authenticator::authenticate(const net::Headers& headers) const {
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
    if (key->project_id) {
        const auto* project = directory_.project(*key->project_id);
        if (project == nullptr) {
            return Problem(ProblemCode::invalid_api_key);
        }
        principal.org_id = project->org_id;
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
    }
    return principal;
}

}  // namespace gw::http
