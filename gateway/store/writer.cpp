// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/writer.hpp"

#include "gateway/domain/fault_point.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace gw::store {
namespace {

// After the disk has refused: what arrives meanwhile waits, so that a full disk costs no processor.
constexpr std::chrono::milliseconds pause_after_failure{20};

// Under load one batch follows another, and a short wait lets more share the next fsync. A writer
// that has rested begins at once.
constexpr Gathering gathering{.jobs_enough = 64, .time_max = std::chrono::milliseconds(4)};
constexpr std::chrono::milliseconds rested_after{2};

// Pages of the log that the writer copies itself: 4 MiB, some milliseconds. No less, or a busy
// writer would never find so little left.
constexpr int copied_here_max = 1024;
// While a reader holds the log, another copy would find nothing to do.
constexpr std::chrono::milliseconds pause_of_copies{100};

int remember_wal_frames(void* frames, sqlite3*, const char*, int count) {
    *static_cast<int*>(frames) = count;
    return SQLITE_OK;
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db, const std::string& path,
               const SqliteOptions& options)
    : options_(options),
      db_(std::move(db)),
      side_(*db_),
      begin_(*db_, "BEGIN IMMEDIATE"),
      commit_(*db_, "COMMIT"),
      checkpointer_(path, options.log, options.quiet_about_copies),
      queue_(std::make_shared<JobQueue<WriteSide>>(options.queue_max, gathering)) {
    sqlite3_wal_hook(db_->handle(), remember_wal_frames, &wal_frames_);
    thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
    queue_->close();
    thread_.join();
}

void Writer::loop() {
    MonoTime gather_until = MonoTime::min();
    while (true) {
        Jobs<WriteSide> taken = queue_->take(gather_until);
        if (taken.empty()) {
            return;
        }
        run(std::move(taken));
        gather_until = std::chrono::steady_clock::now() + rested_after;
        checkpoint_if_due();
    }
}

void Writer::run(Jobs<WriteSide> taken) {
    const auto oldest = std::chrono::steady_clock::now() - options_.wait_max;
    const auto fresh =
        std::ranges::find_if(taken, [oldest](const auto& job) { return job->queued_at >= oldest; });
    for (auto& job : Batch(taken.begin(), fresh)) {
        job->fail(Error(Errc::unavailable, "the store was too slow; this was not done"));
    }
    std::optional<Error> failure;
    Batch rest(fresh, taken.end());
    while (!rest.empty() && !failure) {
        const Batch batch = rest.first(std::min(rest.size(), options_.batch_max));
        failure = transact(batch);
        if (!failure) {
            rest = rest.subspan(batch.size());
        }
    }
    for (auto& job : rest) {
        job->fail(*failure);
    }
    std::vector<std::unique_ptr<Job>> done(std::make_move_iterator(taken.begin()),
                                           std::make_move_iterator(taken.end()));
    resume_all(std::move(done));
    if (failure) {
        queue_->pause(pause_after_failure);
    }
}

std::optional<Error> Writer::transact(Batch batch) {
    // First all together; if one of them breaks a promise, again with each on its own, so that it
    // harms nobody else.
    for (const bool alone : {false, true}) {
        try {
            fault_point("store.before_begin");
            begin_.run();
            for (auto& job : batch) {
                if (alone) {
                    run_alone(*job);
                } else {
                    job->run(side_);
                }
            }
            fault_point("store.before_commit");
            commit_.run();
            fault_point("store.after_commit");
            return std::nullopt;
        } catch (const SqliteError& error) {
            db_->rollback();
            if (error.errc() != Errc::internal || alone) {
                return Error(error.errc(), error.what());
            }
        } catch (const std::exception& error) {
            db_->rollback();
            if (alone) {
                return Error(Errc::internal, error.what());
            }
        }
    }
    return Error(Errc::internal, "unreachable");
}

void Writer::run_alone(JobFor<WriteSide>& job) {
    db_->exec("SAVEPOINT job");
    try {
        job.run(side_);
    } catch (const SqliteError& error) {
        if (error.errc() != Errc::internal) {
            throw;
        }
        db_->exec("ROLLBACK TO job");
        job.fail(Error(Errc::internal, error.what()));
    } catch (const RefusedMidway& refused) {
        db_->exec("ROLLBACK TO job");
        job.fail(refused.error());
    } catch (const std::exception& error) {
        db_->exec("ROLLBACK TO job");
        job.fail(Error(Errc::internal, error.what()));
    }
    db_->exec("RELEASE job");
}

void Writer::checkpoint_if_due() {
    if (wal_frames_ < options_.checkpoint_frames) {
        // How far a copy came in a log that has started over since says nothing of this one.
        static_cast<void>(checkpointer_.take_finished());
        return;
    }
    // The other thread copies the bulk; what was written meanwhile is little, and done here between
    // two batches it lets the log start over. It is not little while a reader holds the log, nor
    // right after: then the other thread goes on, or every commit would wait for the whole of it.
    const auto now = std::chrono::steady_clock::now();
    if (const auto progress = checkpointer_.take_finished()) {
        if (wal_frames_ - progress->copied <= copied_here_max) {
            copy_the_rest();
            return;
        }
        copy_again_at_ = progress->moved ? now : now + pause_of_copies;
    }
    if (now >= copy_again_at_) {
        checkpointer_.request();
    }
}

void Writer::copy_the_rest() {
    sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    wal_frames_ = 0;
}

}  // namespace gw::store
