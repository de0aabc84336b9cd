#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. It takes all that waits, runs it in one transaction, and so pays one
// fsync for all of it; then every waiter resumes. A failure of the disk fails the whole batch and
// nothing of it remains; the next batch tries again.
#include "gateway/store/access_rows.hpp"
#include "gateway/store/call_writes.hpp"
#include "gateway/store/checkpointer.hpp"
#include "gateway/store/job.hpp"
#include "gateway/store/outbox_writes.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <span>
#include <thread>

namespace gw::store {

// What a write may use.
struct WriteSide {
    explicit WriteSide(Connection& connection)
        : db(connection), calls(connection), outbox(connection), access(connection) {}
    Connection& db;
    CallWrites calls;
    OutboxWrites outbox;
    AccessWrites access;
};

class Writer {
public:
    // The connection is set up and migrated.
    Writer(std::unique_ptr<Connection> db, const std::string& path, const SqliteOptions& options);
    ~Writer();  // does what waits, then ends
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    JobQueue<WriteSide>& queue() { return *queue_; }

private:
    using Batch = std::span<std::unique_ptr<JobFor<WriteSide>>>;

    void loop();
    void run(Jobs<WriteSide> taken);
    // Runs the batch in one transaction. On failure nothing of it remains.
    std::optional<Error> transact(Batch batch);
    void run_alone(JobFor<WriteSide>& job);
    void checkpoint_if_due();
    void copy_the_rest();

    const SqliteOptions options_;
    std::unique_ptr<Connection> db_;
    WriteSide side_;
    Statement begin_;
    Statement commit_;
    int wal_frames_ = 0;
    std::chrono::steady_clock::time_point copy_again_at_;
    Checkpointer checkpointer_;
    std::shared_ptr<JobQueue<WriteSide>> queue_;  // a watched loop may outlive the writer
    std::thread thread_;
};

}  // namespace gw::store
