#pragma once
// SPDX-License-Identifier: Apache-2.0
// `telnyx-gateway keys create|list|revoke`, also while a gateway serves from the same database. A
// new key is printed once and stored as its SHA-256 alone.
#include "config/settings.hpp"

#include <iosfwd>
#include <string>

namespace gw {

struct KeyToCreate {
    std::string project;  // its public id; empty: `org`
    std::int64_t org = 0;
    std::string scope;  // "full" or "read"
    std::string name;   // for people
};

// Each gives the exit code: 0, or 1 with the reason on `err`. Throws std::runtime_error when the
// database cannot be used. Without a serving gateway, `create` and `revoke` first do to the
// database what its start would: migrations and the configuration's directory.
int create_key(const config::Settings& settings, const KeyToCreate& wanted, std::ostream& out,
               std::ostream& err);
int list_keys(const config::Settings& settings, std::ostream& out);
int revoke_key(const config::Settings& settings, const std::string& id, std::ostream& out,
               std::ostream& err);

}  // namespace gw
