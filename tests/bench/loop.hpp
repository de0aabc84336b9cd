#pragma once
// SPDX-License-Identifier: Apache-2.0
// A bare epoll loop of one thread: the load client must cost less than what it measures. Handlers
// are called back while turn() runs; one that is no longer needed is handed to bury() and destroyed
// after.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace gw::bench {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

class Handler {
public:
    virtual ~Handler() = default;
    virtual void ready(std::uint32_t events) = 0;
};

class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void watch(int fd, std::uint32_t events, Handler& handler);
    void change(int fd, std::uint32_t events, Handler& handler);
    void forget(int fd);
    void bury(std::unique_ptr<Handler> handler);
    // Waits at most until `until` (none: for ever) and serves what is ready.
    void turn(std::optional<TimePoint> until);

private:
    int epoll_;
    std::vector<std::unique_ptr<Handler>> dead_;
};

}  // namespace gw::bench
