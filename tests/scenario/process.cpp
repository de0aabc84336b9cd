// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/process.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gw::scenario {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& additions) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    for (const auto& [name, value] : additions) {
        std::erase_if(all, [&](const std::string& entry) { return entry.starts_with(name + "="); });
        all.push_back(name + "=" + value);
    }
    return all;
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const char* folder, int log) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves nothing running
    const bool placed = (*folder == '\0' || ::chdir(folder) == 0) &&
                        ::dup2(log, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0;
    if (placed) {
        ::execve(program, arguments, environment);
    }
    ::_exit(127);
}

}  // namespace

Process::Process(ProcessOptions options) : options_(std::move(options)) {
    const int log =
        ::open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (log < 0) {
        throw std::runtime_error("cannot open " + options_.log.string());
    }
    log_start_ = std::filesystem::file_size(options_.log);
    std::vector<std::string> arguments = options_.arguments;
    std::vector<std::string> environment = environment_with(options_.environment);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    pid_ = ::fork();
    if (pid_ == 0) {
        become(options_.arguments.front().c_str(), argument_pointers.data(),
               environment_pointers.data(), options_.folder.c_str(), log);
    }
    ::close(log);
    if (pid_ < 0) {
        throw std::runtime_error("cannot start " + options_.arguments.front());
    }
}

Process::~Process() {
    kill_and_reap();
}

std::optional<Ending> Process::ending() {
    if (ending_) {
        return ending_;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        ending_ = WIFSIGNALED(status) ? Ending{.exit_code = -1, .signal = WTERMSIG(status)}
                                      : Ending{.exit_code = WEXITSTATUS(status), .signal = 0};
    }
    return ending_;
}

std::optional<Ending> Process::wait(milliseconds within) {
    (void)eventually([this] { return ending().has_value(); }, within, milliseconds{2});
    return ending();
}

void Process::send(int signal) const {
    if (!ending_) {
        ::kill(pid_, signal);
    }
}

void Process::kill_and_reap() {
    if (ending()) {
        return;
    }
    ::kill(pid_, SIGKILL);
    int status = 0;
    if (::waitpid(pid_, &status, 0) == pid_) {
        ending_ = Ending{.exit_code = -1, .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    }
}

std::string Process::log() const {
    std::ifstream in(options_.log, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(log_start_));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

nlohmann::json Process::ready_line() {
    nlohmann::json found;
    const bool ready = eventually(
        [&] {
            const bool ended =
                ending().has_value();  // before the log is read, so nothing is missed
            std::istringstream lines(log());
            for (std::string line; std::getline(lines, line);) {
                auto value = nlohmann::json::parse(line, nullptr, false);
                if (value.is_object() && value.value("ready", false)) {
                    found = std::move(value);
                }
            }
            return ended || !found.is_null();
        },
        patience, milliseconds{2});
    if (!ready || found.is_null()) {
        throw std::runtime_error(options_.arguments.front() + " is not ready; its log:\n" + log());
    }
    return found;
}

std::pair<Ending, std::string> run_to_end(ProcessOptions options) {
    Process process(std::move(options));
    const auto ending = process.wait();
    return {ending.value_or(Ending{}), process.log()};
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "gw-scenario-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder " + name);
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace gw::scenario
