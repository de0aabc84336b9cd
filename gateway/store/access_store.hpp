#pragma once
// SPDX-License-Identifier: Apache-2.0
// The ports of access control over the store's writing and reading threads. Private to this folder.
#include "gateway/ports/audit.hpp"
#include "gateway/ports/directory.hpp"
#include "gateway/ports/idempotency.hpp"
#include "gateway/store/reader.hpp"
#include "gateway/store/writer.hpp"

namespace gw::store {

class AccessStore final : public ports::IdempotencyStore,
                          public ports::AuditLog,
                          public ports::KeyFeed {
public:
    AccessStore(JobQueue<WriteSide>& writes, JobQueue<ReadSide>& reads)
        : writes_(writes), reads_(reads) {}

    boost::asio::awaitable<Result<ports::OnceFound>> begin_once(ports::OnceRequest request,
                                                                UtcTime kept_since) override;
    boost::asio::awaitable<Result<void>> answer_once(ports::Digest id,
                                                     ports::KeptAnswer answer) override;
    boost::asio::awaitable<Result<void>> forget_once(ports::Digest id) override;
    boost::asio::awaitable<Result<std::size_t>> sweep_once(UtcTime before,
                                                           std::size_t limit) override;
    void record(ports::AuditEntry entry) override;
    boost::asio::awaitable<Result<std::optional<ports::KeyList>>> keys_unless(
        std::int64_t known) override;

private:
    JobQueue<WriteSide>& writes_;
    JobQueue<ReadSide>& reads_;
};

}  // namespace gw::store
