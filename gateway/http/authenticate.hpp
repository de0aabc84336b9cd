#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who is asking. A key is looked up by its SHA-256, so nothing here compares secrets; a malformed,
// an unknown and a revoked key cost the same work and get the same answer. Used from the
// application's thread.
#include "gateway/app/directory.hpp"
#include "gateway/http/problems.hpp"
#include "gateway/http/sha256.hpp"
#include "gateway/net/http_types.hpp"
#include "gateway/ports/call_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace gw::http {

struct Principal {
    OrgId org_id;
    std::optional<ProjectId> project_id;  // the one project; none: a key of the org, not narrowed
    ports::ProjectScope projects;         // what may be seen; an empty list sees nothing
    std::string key_id;                   // see ports::key_id_of
    ports::Scope scope = ports::Scope::read;
    ports::Tier tier = ports::Tier::payg;
};

class Authenticator {
public:
    explicit Authenticator(const app::Directory& directory) : directory_(directory) {}

    // `Authorization: Bearer KEY` or `X-Api-Key: KEY`; both only if they agree.
    [[nodiscard]] std::variant<Principal, Problem> identify(const net::Headers& headers) const;
    // `X-Project-Id` narrows to one project; one that the key does not reach is answered as one
    // that does not exist. The principal is as before when refused.
    [[nodiscard]] std::optional<Problem> narrow(const net::Headers& headers,
                                                Principal& principal) const;

private:
    [[nodiscard]] const ports::ApiKey* find(std::string_view key) const;

    const app::Directory& directory_;
    Sha256 digest_;
};

// "sfy_live_" or "sfy_org_" and 48 lower-case hexadecimal digits.
bool is_key_shaped(std::string_view key);

}  // namespace gw::http
