#pragma once
// SPDX-License-Identifier: Apache-2.0
// Keys made, listed and revoked by an operator's command while a gateway may serve from the same
// file. The owner lock is not taken: this writes keys and their audit entries alone, each in one
// short transaction between two of the gateway's, which sees the change by its number (see
// ports::KeyFeed). Blocks, for at most 5 s behind another writer. One thread.
#include "gateway/ports/directory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::store {

struct NewKey {
    ports::ApiKey key;
    std::string name;
};

struct KeyRecord {
    ports::ApiKey key;
    std::string owner;  // "proj_…" or "org 42"
    std::string name;
    std::optional<UtcTime> created_at;  // none: came with the configuration
    std::optional<UtcTime> revoked_at;  // none: is not revoked, or by the configuration
};

enum class RevokeOutcome : std::uint8_t { revoked, already_revoked, unknown, ambiguous };

class KeyAdmin {
public:
    // The database must be there and have this program's schema; otherwise, or when it cannot be
    // used, throws std::runtime_error with a sentence for the operator, as does everything below.
    explicit KeyAdmin(const std::string& path);
    ~KeyAdmin();
    KeyAdmin(const KeyAdmin&) = delete;
    KeyAdmin& operator=(const KeyAdmin&) = delete;

    std::optional<ProjectId> project(std::string_view public_id);
    bool has_org(OrgId id);
    void create(const NewKey& key, UtcTime now);
    // Newest first, those of the configuration last.
    std::vector<KeyRecord> list();
    // `id`: 12 to 64 hexadecimal digits, the beginning of the key's hash.
    RevokeOutcome revoke(std::string_view id, UtcTime now);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace gw::store
