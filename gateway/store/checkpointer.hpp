#pragma once
// SPDX-License-Identifier: Apache-2.0
// Copies the write-ahead log into the database on a thread of its own, so that the writer does not
// stall for it. Used by the writer's thread only.
#include "gateway/store/sqlite.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace gw::store {

class Checkpointer {
public:
    explicit Checkpointer(const std::string& path);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    // Starts a copy unless one is under way.
    void request();
    // True once after a copy has ended.
    bool take_finished();

private:
    enum class State : std::uint8_t { idle, asked, finished, stopping };
    void loop();
    void sync_database();

    Connection db_;
    std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::idle;
    std::thread thread_;
};

}  // namespace gw::store
