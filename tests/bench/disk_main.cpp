// SPDX-License-Identifier: Apache-2.0
// The disk alone: one writer appends to a log that is there already and syncs it, at fixed times,
// so seldom that no sync waits for the one before. Prints one JSON line.
//   gw-disk FOLDER [MILLISECONDS [PER_SECOND [KIB]]]
#include "tests/bench/latency.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr off_t log_size = off_t{16} << 20;

class Log {
public:
    explicit Log(const std::string& folder) : path_(folder + "/gw-disk.log") {
        file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        check(file_ >= 0);
        const std::vector<char> zeros(log_size);
        check(::pwrite(file_, zeros.data(), zeros.size(), 0) == log_size);
        check(::fsync(file_) == 0);
    }
    ~Log() {
        ::close(file_);
        ::unlink(path_.c_str());
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void append(const std::vector<char>& bytes) {
        const auto size = static_cast<off_t>(bytes.size());
        if (end_ + size > log_size) {
            end_ = 0;
        }
        check(::pwrite(file_, bytes.data(), bytes.size(), end_) == size);
        check(::fdatasync(file_) == 0);
        end_ += size;
    }

private:
    void check(bool good) const {
        if (!good) {
            throw std::system_error(errno, std::generic_category(), path_);
        }
    }

    std::string path_;
    int file_ = -1;
    off_t end_ = 0;
};

int number(char** argv, int argc, int at, int usual) {
    const int given = argc > at ? std::atoi(argv[at]) : usual;
    return given > 0 ? given : usual;
}

int measure(const std::string& folder, std::chrono::milliseconds time, int per_second, int kib) {
    Log log(folder);
    gw::bench::Latency latency;
    const std::vector<char> bytes(static_cast<std::size_t>(kib) * 1024, 'x');
    const auto period = std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second;
    boost::asio::io_context io;
    boost::asio::steady_timer pace(io);
    const auto begin = Clock::now();
    for (auto due = begin; due < begin + time; due += period) {
        pace.expires_at(due);
        pace.wait();
        log.append(bytes);
        latency.add(Clock::now() - due);
    }
    fmt::print(R"({{"count":{},"p50_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"max_ms":{:.3f}}})"
               "\n",
               latency.count(), latency.quantile_ms(0.5), latency.quantile_ms(0.99),
               latency.quantile_ms(0.999), latency.max_ms());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: gw-disk FOLDER [MILLISECONDS [PER_SECOND [KIB]]]\n");
        return 2;
    }
    try {
        return measure(argv[1], std::chrono::milliseconds(number(argv, argc, 2, 2500)),
                       number(argv, argc, 3, 320), number(argv, argc, 4, 96));
    } catch (const std::exception& error) {
        fmt::print(stderr, "gw-disk: {}\n", error.what());
        return 1;
    }
}
