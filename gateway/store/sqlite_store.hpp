#pragma once
// SPDX-License-Identifier: Apache-2.0
// The store in one SQLite file: calls, deliveries and directory. Owns the file for as long as it
// lives (a second process is refused), one writing, one reading and one checkpointing thread.
// Results come back on the executor of the coroutine that awaits. An operation that waits cannot be
// cancelled; what waits when the store is destroyed is done first, so destroy it before the
// executors of those who wait.
//
// Bounds: at most queue_max writes and as many reads wait, more are refused at once with
// Errc::full; what has waited longer than wait_max is not done and gets Errc::unavailable.
#include "gateway/ports/audit.hpp"
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/directory.hpp"
#include "gateway/ports/idempotency.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/outbox.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gw::store {

struct SqliteOptions {
    std::size_t queue_max = 512;
    std::size_t batch_max = 256;  // operations in one transaction
    std::chrono::milliseconds wait_max{1500};
    std::chrono::milliseconds busy_timeout{1000};  // for a lock held by somebody's sqlite3 shell
    int checkpoint_frames = 4096;  // pages of the log after which it is copied: 16 MiB
    // Told when the log cannot be copied, after that time and as often; outlives the store.
    ports::Log* log = nullptr;
    std::chrono::milliseconds quiet_about_copies{60'000};
};

class SqliteStore final : public ports::CallStore,
                          public ports::Outbox,
                          public ports::DirectoryStore {
public:
    struct Parts;  // the threads and counters
    explicit SqliteStore(std::unique_ptr<Parts> parts);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    CallId next_call_id() override;
    DeliveryId next_delivery_id() override;
    using ports::CallStore::commit;
    boost::asio::awaitable<Result<void>> commit(
        std::shared_ptr<const ports::CallCommit> commit) override;
    boost::asio::awaitable<Result<std::optional<ports::LoadedCall>>> load_by_leg(
        CallControlId leg) override;
    boost::asio::awaitable<Result<std::optional<Call>>> load(CallId id) override;
    boost::asio::awaitable<Result<std::vector<ports::LoadedCall>>> load_live() override;
    boost::asio::awaitable<Result<ports::CallPage>> list(ports::ProjectScope scope,
                                                         ports::CallFilter filter,
                                                         std::optional<ports::CallCursor> after,
                                                         std::size_t limit) override;
    boost::asio::awaitable<Result<ports::CallSummary>> summarize(
        ports::ProjectScope scope, ports::SummaryFilter filter) override;
    boost::asio::awaitable<Result<std::vector<ports::TimelineRow>>> timeline(
        CallId id, std::uint32_t after_seq, std::size_t limit) override;
    boost::asio::awaitable<Result<std::vector<ports::OwedCommand>>> owed_commands() override;
    boost::asio::awaitable<Result<void>> park(ports::ParkedEvent event) override;
    boost::asio::awaitable<Result<std::vector<ports::ParkedEvent>>> parked() override;
    boost::asio::awaitable<Result<void>> discard_parked(std::vector<EventId> events) override;
    void note_repeat(EventId id, UtcTime occurred_at) override;
    boost::asio::awaitable<Result<void>> ping() override;

    AttemptId next_attempt_id() override;
    boost::asio::awaitable<Result<std::vector<ports::OwedEndpoint>>> owed_endpoints(
        std::optional<EndpointId> after, std::size_t limit) override;
    boost::asio::awaitable<Result<std::vector<ports::PendingDelivery>>> due(
        EndpointId endpoint, ports::DueRange range) override;
    boost::asio::awaitable<Result<std::string>> body_of(DeliveryId id) override;
    boost::asio::awaitable<Result<void>> begin_attempt(ports::AttemptStart start) override;
    boost::asio::awaitable<Result<void>> finish_attempt(ports::AttemptEnd end) override;
    boost::asio::awaitable<Result<void>> give_up(DeliveryId id) override;
    boost::asio::awaitable<Result<std::size_t>> close_interrupted(UtcTime now) override;
    boost::asio::awaitable<Result<std::vector<ports::AttemptRecord>>> attempts_of(
        CallId id, ports::AttemptFilter filter, std::size_t limit) override;

    void seed(const ports::DirectoryContent& content) override;
    ports::DirectoryContent load() override;

    // They live as long as the store.
    ports::IdempotencyStore& idempotency();
    ports::AuditLog& audit();
    ports::KeyFeed& key_feed();

    // The database grows to this many pages and no further, as on a full disk. Blocks.
    void limit_pages(std::int64_t pages);

private:
    std::unique_ptr<Parts> parts_;
};

// Makes the folder when it is missing, takes the lock, applies missing migrations, checks that the
// file system can do what durability needs. Throws std::runtime_error that says what is wrong and
// where.
std::unique_ptr<SqliteStore> open_sqlite_store(const std::string& path, SqliteOptions options = {});

// Only the migrations, under the lock; gives the numbers of those applied. Throws as above.
std::vector<int> migrate_sqlite(const std::string& path);

}  // namespace gw::store
