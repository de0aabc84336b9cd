// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/process_sample.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace gw::obs {
namespace {

double cpu_seconds() {
    timespec used{};
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0
               ? static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9
               : 0;
}

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double size_pages = 0;
    double resident_pages = 0;
    statm >> size_pages >> resident_pages;
    return statm ? resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

double open_fds() {
    std::error_code error;
    const std::filesystem::directory_iterator entries("/proc/self/fd", error);
    if (error) {
        return 0;
    }
    // One of them is the directory being listed.
    return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

double max_fds() {
    rlimit limit{};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

double boot_time_seconds() {
    std::ifstream stat("/proc/stat");
    for (std::string word; stat >> word;
         stat.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
        if (word == "btime") {
            double seconds = 0;
            stat >> seconds;
            return seconds;
        }
    }
    return 0;
}

double start_time_seconds() {
    std::ifstream file("/proc/self/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto name_end = text.rfind(')');  // the name may hold spaces
    if (name_end == std::string::npos) {
        return 0;
    }
    std::istringstream fields(text.substr(name_end + 1));
    constexpr int start_time_field = 22;  // proc(5); field 3 follows the name
    std::string field;
    for (int i = 3; i <= start_time_field; ++i) {
        fields >> field;
    }
    double ticks = 0;
    std::istringstream(field) >> ticks;
    return boot_time_seconds() + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessSample sample_process() {
    static const double start_time = start_time_seconds();
    return {.cpu_seconds = cpu_seconds(),
            .resident_bytes = resident_bytes(),
            .open_fds = open_fds(),
            .max_fds = max_fds(),
            .start_time_seconds = start_time};
}

}  // namespace gw::obs
