// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/checkpointer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <sys/resource.h>

namespace gw::store {
namespace {

// About a tenth of a busy core's share, three times what the copies of a full load need.
constexpr int nice_of_copies = 10;

}  // namespace

Checkpointer::Checkpointer(const std::string& path, ports::Log* log,
                           std::chrono::milliseconds quiet_about_failures)
    : db_(path, Access::create, std::chrono::milliseconds(0)),
      log_(log),
      quiet_(quiet_about_failures) {
    db_.exec("PRAGMA synchronous = FULL");
    db_.exec("PRAGMA cache_size = -256");
    db_.number_of(
        "SELECT count(*) FROM sqlite_schema");  // opens the log now, not in the first copy
    thread_ = std::thread([this] { loop(); });
}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        state_ = State::stopping;
    }
    changed_.notify_one();
    thread_.join();
}

void Checkpointer::request() {
    {
        const std::lock_guard lock(mutex_);
        if (state_ != State::idle) {
            return;
        }
        state_ = State::asked;
    }
    changed_.notify_one();
}

std::optional<CopyProgress> Checkpointer::take_finished() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::finished) {
        return std::nullopt;
    }
    state_ = State::idle;
    return progress_;
}

// SQLite 3.40.1 wal.c, walCheckpoint, syncs the database only when the copy has reached the end of
// the log, which the writer moves on meanwhile: without this, all that was copied here would wait
// for the writer's own checkpoint, and every commit with it (10 to 25 ms).
void Checkpointer::sync_database() {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file != nullptr && file->pMethods != nullptr) {
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    }
}

// A failure (the disk, a long reader) leaves the log as it is; the next request tries again.
CopyProgress Checkpointer::copy() {
    int frames = 0;
    int copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                               &frames, &copied);
    // -1: not known, because the copy failed.
    const CopyProgress progress{.copied = std::max(copied, 0),
                                .moved = copied > 0 && copied != copied_before_};
    if (code == SQLITE_OK) {
        sync_database();
    }
    if (progress.moved || (code == SQLITE_OK && frames == copied)) {
        quiet_until_.reset();
    } else {
        tell_if_stuck(code, frames - copied);
    }
    copied_before_ = progress.copied;
    return progress;
}

void Checkpointer::tell_if_stuck(int code, int left) {
    const auto now = std::chrono::steady_clock::now();
    if (!quiet_until_) {
        quiet_until_ = now + quiet_;
    }
    if (log_ == nullptr || now < *quiet_until_) {
        return;
    }
    quiet_until_ = now + quiet_;
    log_->warn("store_log_not_copied",
               {{"pages_left", left},
                {"error", code == SQLITE_OK ? "a reader holds it" : sqlite3_errstr(code)}});
}

void Checkpointer::loop() {
    // A thread's own on Linux (setpriority(2)): calls come before copies. Refused: as before.
    static_cast<void>(setpriority(PRIO_PROCESS, 0, nice_of_copies));
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return state_ == State::asked || state_ == State::stopping; });
        if (state_ == State::stopping) {
            return;
        }
        lock.unlock();
        const CopyProgress progress = copy();
        lock.lock();
        progress_ = progress;
        if (state_ == State::asked) {
            state_ = State::finished;
        }
    }
}

}  // namespace gw::store
