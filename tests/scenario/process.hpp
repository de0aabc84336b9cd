#pragma once
// SPDX-License-Identifier: Apache-2.0
// A program under test: started with its own environment and log file, killed or asked to end, and
// always reaped: by the destructor, and by the kernel when the test itself dies. Main thread only,
// since the kernel ties the child to the thread that made it.
#include "tests/scenario/eventually.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gw::scenario {

struct ProcessOptions {
    std::vector<std::string> arguments;                            // the program first
    std::vector<std::pair<std::string, std::string>> environment;  // beside the inherited one
    std::filesystem::path log;  // standard output and error are appended to it
    std::filesystem::path folder;
};

// How a process ended: by itself, or by a signal.
struct Ending {
    int exit_code = -1;
    int signal = 0;
};

class Process {
public:
    explicit Process(ProcessOptions options);  // throws std::runtime_error when it cannot start
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Nothing while it runs.
    std::optional<Ending> ending();
    [[nodiscard]] bool running() { return !ending(); }
    // Nothing at the deadline.
    std::optional<Ending> wait(milliseconds within = patience);
    void send(int signal) const;
    void kill_and_reap();
    // The first JSON line with "ready": true that this process wrote. Throws std::runtime_error,
    // with the log's end, when it ends before or the deadline passes.
    nlohmann::json ready_line();
    // What this process wrote until now.
    [[nodiscard]] std::string log() const;

private:
    ProcessOptions options_;
    std::uintmax_t log_start_ = 0;
    pid_t pid_ = -1;
    std::optional<Ending> ending_;
};

// Runs to its end and gives back what it wrote. For commands, not servers.
std::pair<Ending, std::string> run_to_end(ProcessOptions options);

// A new folder below the system's folder for temporary files, removed with all in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace gw::scenario
