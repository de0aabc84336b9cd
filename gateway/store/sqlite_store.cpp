// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/sqlite_store.hpp"

#include "gateway/store/access_store.hpp"
#include "gateway/store/directory_rows.hpp"
#include "gateway/store/migrations.hpp"
#include "gateway/store/open_database.hpp"
#include "gateway/store/owner_lock.hpp"
#include "gateway/store/reader.hpp"
#include "gateway/store/writer.hpp"

#include <atomic>
#include <stdexcept>

namespace gw::store {

using asio::awaitable;

struct SqliteStore::Parts {
    Parts(std::unique_ptr<OwnerLock> owner_lock, std::unique_ptr<Connection> db,
          const std::string& path, const SqliteOptions& options)
        : lock(std::move(owner_lock)),
          last_call(db->number_of("SELECT coalesce(max(id), 0) FROM calls")),
          last_delivery(db->number_of(
              "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'), 0)")),
          last_attempt(db->number_of("SELECT coalesce(max(id), 0) FROM delivery_attempts")),
          writer(std::move(db), path, options),
          reader(path, options) {}

    std::unique_ptr<OwnerLock> lock;  // let go of last
    std::atomic<std::int64_t> last_call;
    std::atomic<std::int64_t> last_delivery;
    std::atomic<std::int64_t> last_attempt;
    Writer writer;
    Reader reader;
    AccessStore access{writer.queue(), reader.queue()};
};

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteStore::~SqliteStore() = default;

CallId SqliteStore::next_call_id() {
    return CallId(++parts_->last_call);
}
DeliveryId SqliteStore::next_delivery_id() {
    return DeliveryId(++parts_->last_delivery);
}
AttemptId SqliteStore::next_attempt_id() {
    return AttemptId(++parts_->last_attempt);
}

awaitable<Result<void>> SqliteStore::commit(std::shared_ptr<const ports::CallCommit> commit) {
    return submit<void>(parts_->writer.queue(), [commit = std::move(commit)](WriteSide& side) {
        return side.calls.commit(*commit);
    });
}

awaitable<Result<std::optional<ports::LoadedCall>>> SqliteStore::load_by_leg(CallControlId leg) {
    return submit<std::optional<ports::LoadedCall>>(
        parts_->reader.queue(),
        [leg = std::move(leg)](ReadSide& side) { return side.calls.load_by_leg(leg); });
}

awaitable<Result<std::optional<Call>>> SqliteStore::load(CallId id) {
    return submit<std::optional<Call>>(parts_->reader.queue(),
                                       [id](ReadSide& side) { return side.calls.load(id); });
}

awaitable<Result<std::vector<ports::LoadedCall>>> SqliteStore::load_live() {
    return submit<std::vector<ports::LoadedCall>>(
        parts_->reader.queue(), [](ReadSide& side) { return side.calls.load_live(); });
}

awaitable<Result<ports::CallPage>> SqliteStore::list(ports::ProjectScope scope,
                                                     ports::CallFilter filter,
                                                     std::optional<ports::CallCursor> after,
                                                     std::size_t limit) {
    return submit<ports::CallPage>(
        parts_->reader.queue(), [scope = std::move(scope), filter, after, limit](ReadSide& side) {
            return side.lists.list(scope, filter, after, limit);
        });
}

awaitable<Result<ports::CallSummary>> SqliteStore::summarize(ports::ProjectScope scope,
                                                             ports::SummaryFilter filter) {
    return submit<ports::CallSummary>(parts_->reader.queue(),
                                      [scope = std::move(scope), filter](ReadSide& side) {
                                          return side.lists.summarize(scope, filter);
                                      });
}

awaitable<Result<std::vector<ports::TimelineRow>>> SqliteStore::timeline(CallId id,
                                                                         std::uint32_t after_seq,
                                                                         std::size_t limit) {
    return submit<std::vector<ports::TimelineRow>>(
        parts_->reader.queue(), [id, after_seq, limit](ReadSide& side) {
            return side.calls.timeline(id, after_seq, limit);
        });
}

awaitable<Result<std::vector<ports::OwedCommand>>> SqliteStore::owed_commands() {
    return submit<std::vector<ports::OwedCommand>>(
        parts_->reader.queue(), [](ReadSide& side) { return side.calls.owed_commands(); });
}

awaitable<Result<void>> SqliteStore::park(ports::ParkedEvent event) {
    return submit<void>(parts_->writer.queue(), [event = std::move(event)](WriteSide& side) {
        return side.calls.park(event);
    });
}

awaitable<Result<std::vector<ports::ParkedEvent>>> SqliteStore::parked() {
    return submit<std::vector<ports::ParkedEvent>>(
        parts_->reader.queue(), [](ReadSide& side) { return side.calls.parked(); });
}

awaitable<Result<void>> SqliteStore::discard_parked(std::vector<EventId> events) {
    return submit<void>(parts_->writer.queue(), [events = std::move(events)](WriteSide& side) {
        return side.calls.discard_parked(events);
    });
}

void SqliteStore::note_repeat(EventId id, UtcTime occurred_at) {
    submit_unawaited(parts_->writer.queue(), [id = std::move(id), occurred_at](WriteSide& side) {
        return side.calls.note_repeat(id, occurred_at);
    });
}

awaitable<Result<void>> SqliteStore::ping() {
    return submit<void>(parts_->writer.queue(), [](WriteSide& side) { return side.calls.ping(); });
}

awaitable<Result<std::vector<ports::OwedEndpoint>>> SqliteStore::owed_endpoints(
    std::optional<EndpointId> after, std::size_t limit) {
    return submit<std::vector<ports::OwedEndpoint>>(
        parts_->reader.queue(),
        [after, limit](ReadSide& side) { return side.outbox.owed_endpoints(after, limit); });
}

awaitable<Result<std::vector<ports::PendingDelivery>>> SqliteStore::due(EndpointId endpoint,
                                                                        ports::DueRange range) {
    return submit<std::vector<ports::PendingDelivery>>(
        parts_->reader.queue(),
        [endpoint, range](ReadSide& side) { return side.outbox.due(endpoint, range); });
}

awaitable<Result<std::string>> SqliteStore::body_of(DeliveryId id) {
    return submit<std::string>(parts_->reader.queue(),
                               [id](ReadSide& side) { return side.outbox.body_of(id); });
}

awaitable<Result<void>> SqliteStore::begin_attempt(ports::AttemptStart start) {
    return submit<void>(parts_->writer.queue(), [start = std::move(start)](WriteSide& side) {
        return side.outbox.begin_attempt(start);
    });
}

awaitable<Result<void>> SqliteStore::finish_attempt(ports::AttemptEnd end) {
    return submit<void>(parts_->writer.queue(), [end = std::move(end)](WriteSide& side) {
        return side.outbox.finish_attempt(end);
    });
}

awaitable<Result<void>> SqliteStore::give_up(DeliveryId id) {
    return submit<void>(parts_->writer.queue(),
                        [id](WriteSide& side) { return side.outbox.give_up(id); });
}

awaitable<Result<std::size_t>> SqliteStore::close_interrupted(UtcTime now) {
    return submit<std::size_t>(parts_->writer.queue(), [now](WriteSide& side) {
        return side.outbox.close_interrupted(now);
    });
}

awaitable<Result<std::vector<ports::AttemptRecord>>> SqliteStore::attempts_of(
    CallId id, ports::AttemptFilter filter, std::size_t limit) {
    return submit<std::vector<ports::AttemptRecord>>(
        parts_->reader.queue(), [id, filter = std::move(filter), limit](ReadSide& side) {
            return side.outbox.attempts_of(id, filter, limit);
        });
}

void SqliteStore::seed(const ports::DirectoryContent& content) {
    const auto done =
        submit_blocking<void>(parts_->writer.queue(), [&content](WriteSide& side) -> Result<void> {
            seed_directory(side.db, content);
            return {};
        });
    if (!done) {
        throw std::runtime_error("cannot store the directory: " + done.error().context());
    }
}

ports::DirectoryContent SqliteStore::load() {
    auto content = submit_blocking<ports::DirectoryContent>(
        parts_->reader.queue(),
        [](ReadSide& side) -> Result<ports::DirectoryContent> { return load_directory(side.db); });
    if (!content) {
        throw std::runtime_error("cannot read the directory: " + content.error().context());
    }
    return std::move(*content);
}

ports::IdempotencyStore& SqliteStore::idempotency() {
    return parts_->access;
}
ports::AuditLog& SqliteStore::audit() {
    return parts_->access;
}
ports::KeyFeed& SqliteStore::key_feed() {
    return parts_->access;
}

void SqliteStore::limit_pages(std::int64_t pages) {
    const auto done =
        submit_blocking<void>(parts_->writer.queue(), [pages](WriteSide& side) -> Result<void> {
            side.db.number_of("PRAGMA max_page_count = " + std::to_string(pages));
            return {};
        });
    if (!done) {
        throw std::runtime_error("cannot limit the database: " + done.error().context());
    }
}

namespace {

std::vector<int> migrate(const std::string& path, const SqliteOptions& options) {
    const auto db = open_for_migrations(path, options.busy_timeout);
    return apply_migrations(*db, embedded_migrations());
}

}  // namespace

std::unique_ptr<SqliteStore> open_sqlite_store(const std::string& path, SqliteOptions options) {
    make_parent_folder(path);
    auto lock = std::make_unique<OwnerLock>(path);
    migrate(path, options);
    auto db = open_database(path, options.busy_timeout);
    return std::make_unique<SqliteStore>(
        std::make_unique<SqliteStore::Parts>(std::move(lock), std::move(db), path, options));
}

std::vector<int> migrate_sqlite(const std::string& path) {
    make_parent_folder(path);
    const OwnerLock lock(path);
    return migrate(path, {});
}

}  // namespace gw::store
