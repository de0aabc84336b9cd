#pragma once
// SPDX-License-Identifier: Apache-2.0
// The statements of idempotency records and audit entries, inside a transaction somebody else
// began.
#include "gateway/ports/audit.hpp"
#include "gateway/ports/idempotency.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

class AccessWrites {
public:
    explicit AccessWrites(Connection& db);

    // See ports::IdempotencyStore.
    Result<ports::OnceFound> begin_once(const ports::OnceRequest& request, UtcTime kept_since);
    Result<void> answer_once(const ports::Digest& id, const ports::KeptAnswer& answer);
    Result<void> forget_once(const ports::Digest& id);
    Result<std::size_t> sweep_once(UtcTime before, std::size_t limit);

    Result<void> record(const ports::AuditEntry& entry);

private:
    Connection& db_;
    Statement select_once_;
    Statement replace_once_;
    Statement answer_once_;
    Statement delete_once_;
    Statement sweep_once_;
    Statement insert_audit_;
};

}  // namespace gw::store
