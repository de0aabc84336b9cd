#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the kernel says about this process (proc(5)). Blocking, but on files in memory. Any thread.
namespace gw::obs {

struct ProcessSample {
    double cpu_seconds = 0;
    double resident_bytes = 0;
    double open_fds = 0;
    double max_fds = 0;
    double start_time_seconds = 0;  // Unix time
};

// What cannot be read stays 0.
ProcessSample sample_process();

}  // namespace gw::obs
