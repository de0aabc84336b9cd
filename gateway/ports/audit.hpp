#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who changed what: one entry for each write request of a known key, and for each change of a key.
// Entries are only ever added.
#include "gateway/domain/ids.hpp"
#include "gateway/domain/time.hpp"

#include <optional>
#include <string>

namespace gw::ports {

struct AuditEntry {
    UtcTime at;
    std::string request_id;
    std::string key_id;  // see key_id_of
    std::optional<OrgId> org_id;
    std::optional<ProjectId> project_id;  // none: a key of the org that named no project
    std::string address;                  // the client's
    std::string method;
    std::string path;  // without the query
    std::optional<CallId> call_id;
    unsigned status = 0;  // of the answer; 0: no HTTP request
};

class AuditLog {
public:
    virtual ~AuditLog() = default;
    // Not waited for: an entry that the store cannot take is lost. What was taken is durable.
    virtual void record(AuditEntry entry) = 0;
};

}  // namespace gw::ports
