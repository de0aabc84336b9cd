#pragma once
// SPDX-License-Identifier: Apache-2.0
// Copies the write-ahead log into the database on a thread of its own, so that the writer does not
// stall for it. Used by the writer's thread only. Copies that get nowhere for a minute, be it for
// the disk or for a reader that never ends, are told to the operator once a minute.
#include "gateway/ports/log.hpp"
#include "gateway/store/sqlite.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace gw::store {

// Frames of the log, counted from where it last started over.
struct CopyProgress {
    int copied = 0;
    bool moved = false;  // further than the copy before
};

class Checkpointer {
public:
    // `log` may be null.
    Checkpointer(const std::string& path, ports::Log* log,
                 std::chrono::milliseconds quiet_about_failures);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    // Starts a copy unless one is under way.
    void request();
    // Once after a copy has ended: how far it came.
    std::optional<CopyProgress> take_finished();

private:
    enum class State : std::uint8_t { idle, asked, finished, stopping };
    void loop();
    CopyProgress copy();
    void tell_if_stuck(int code, int left);
    void sync_database();

    Connection db_;
    ports::Log* log_;
    const std::chrono::milliseconds quiet_;
    // The copying thread's own:
    int copied_before_ = 0;
    std::optional<std::chrono::steady_clock::time_point> quiet_until_;  // while copies get nowhere
    std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::idle;
    CopyProgress progress_;
    std::thread thread_;
};

}  // namespace gw::store
