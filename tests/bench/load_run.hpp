#pragma once
// SPDX-License-Identifier: Apache-2.0
// One measurement. Closed loop (rate 0): every connection sends as soon as it may, which finds the
// greatest throughput. Open loop: requests are due at fixed times whether or not the server keeps
// up, and latency counts from the time a request was due, so that a stall is not hidden by the
// client waiting with it.
#include "tests/bench/call_workload.hpp"
#include "tests/bench/channel.hpp"
#include "tests/bench/latency.hpp"
#include "tests/bench/process_cpu.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace gw::bench {

struct LoadOptions {
    std::string target;
    unsigned connections = 64;
    unsigned pipeline = 1;  // requests under way on one connection
    double rate = 0;        // a second; 0 is closed loop
    std::chrono::milliseconds warmup{1'000};
    std::chrono::milliseconds measure{5'000};
    bool until_done = false;  // end when the workload does; `measure` is then only the time limit
    int pid = 0;              // whose processor time is read
};

struct LoadResult {
    double seconds = 0;
    std::uint64_t good = 0;     // 2xx
    std::uint64_t refused = 0;  // 503
    std::uint64_t other = 0;    // any other status
    std::uint64_t lost = 0;     // connections that ended before their answer
    std::uint64_t unsent = 0;   // open loop: due in the run, but no connection was free by its end
    bool ended_early = false;   // the prepared calls were used up, or not done in the time
    Latency latency;            // of 2xx
    Latency refusal_latency;    // of 503
    Latency command_latency;    // what makes the gateway send a command due -> command
    std::chrono::microseconds target_cpu{};
    std::chrono::microseconds own_cpu{};
};

class LoadRun {
public:
    LoadRun(Loop& loop, Workload& workload, LoadOptions options);
    ~LoadRun();
    LoadResult run();
    // The carrier got the command that a request, due at `due`, makes the gateway send.
    void command_arrived(TimePoint due);

private:
    class Connection;
    struct InFlight {
        Job job;
        TimePoint due;
    };

    void open_connection();
    void fill(TimePoint now);
    void fall_due(TimePoint now);
    bool dispatch(TimePoint due);
    void answered(Connection& connection, const InFlight& what, unsigned status);
    void gone(Connection& connection);
    void enter_window(TimePoint now);
    void leave_window(TimePoint now);
    [[nodiscard]] bool in_window(TimePoint due) const { return due >= begin_ && due < end_; }

    Loop& loop_;
    Workload& workload_;
    LoadOptions options_;
    LoadResult result_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> free_;  // one entry for each request that a connection may still take
    std::deque<TimePoint> overdue_;  // open loop: due, but not sent for want of a connection
    TimePoint begin_;
    TimePoint end_;
    TimePoint next_due_;
    std::chrono::microseconds target_cpu_{};
    std::chrono::microseconds own_cpu_{};
    std::uint64_t under_way_ = 0;
    bool sending_ = true;
    bool entered_ = false;
};

}  // namespace gw::bench
