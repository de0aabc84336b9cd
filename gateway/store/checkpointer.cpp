// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/checkpointer.hpp"

#include <sqlite3.h>

namespace gw::store {

Checkpointer::Checkpointer(const std::string& path)
    : db_(path, Access::create, std::chrono::milliseconds(0)) {
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

bool Checkpointer::take_finished() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::finished) {
        return false;
    }
    state_ = State::idle;
    return true;
}

void Checkpointer::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return state_ == State::asked || state_ == State::stopping; });
        if (state_ == State::stopping) {
            return;
        }
        lock.unlock();
        // A failure (the disk, a long reader) leaves the log as it is; the next request tries
        // again.
        sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                  nullptr);
        lock.lock();
        if (state_ == State::asked) {
            state_ = State::finished;
        }
    }
}

}  // namespace gw::store
