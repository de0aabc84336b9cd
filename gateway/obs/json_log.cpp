// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/json_log.hpp"

#include "gateway/obs/flood_bound.hpp"
#include "gateway/obs/log_line.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace gw::obs {
namespace {

using ports::LogField;
using ports::LogLevel;

class FdLog final : public JsonLog {
public:
    FdLog(const ports::Clock& clock, JsonLogOptions options)
        : clock_(clock), options_(options), bound_(options.lines_per_event_per_second) {}

    ~FdLog() override {
        try {
            const std::scoped_lock lock(mutex_);
            tell(bound_.take_all());
        } catch (const std::exception&) {
            // Nothing is left to say it to.
        }
    }

    void write(LogLevel level, std::string_view event,
               std::span<const LogField> fields) noexcept override {
        if (!enabled(level)) {
            return;
        }
        try {
            const auto now = clock_.mono();
            const std::scoped_lock lock(mutex_);
            if (now >= next_sweep_) {
                next_sweep_ = now + std::chrono::seconds(1);
                tell(bound_.take_overdue(now));
            }
            const auto verdict = bound_.admit(event, now);
            if (verdict.suppressed > 0) {
                tell_one({std::string(event), verdict.suppressed});
            }
            if (verdict.admitted) {
                put(format_log_line(clock_.utc(), level, event, fields));
            } else {
                suppressed_.fetch_add(1, std::memory_order_relaxed);
            }
        } catch (const std::exception&) {
            // Out of memory, or a lock that cannot be had: the line is lost, the caller goes on.
            dropped_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    [[nodiscard]] bool enabled(LogLevel level) const noexcept override {
        return level >= options_.level;
    }
    [[nodiscard]] std::uint64_t dropped() const noexcept override {
        return dropped_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t suppressed() const noexcept override {
        return suppressed_.load(std::memory_order_relaxed);
    }

private:
    void tell(const std::vector<FloodBound::Summary>& summaries) {
        for (const auto& summary : summaries) {
            tell_one(summary);
        }
    }
    void tell_one(const FloodBound::Summary& summary) {
        const LogField fields[] = {{"of", summary.event}, {"lines", summary.suppressed}};
        put(format_log_line(clock_.utc(), LogLevel::warn, "log_lines_suppressed", fields));
    }

    void put(const std::string& line) {
        if (lost_since_told_ > 0) {
            const LogField fields[] = {{"lines", lost_since_told_}};
            const auto told =
                format_log_line(clock_.utc(), LogLevel::warn, "log_lines_dropped", fields);
            if (!send(told)) {
                lose();
                return;
            }
            lost_since_told_ = 0;
        }
        if (!send(line)) {
            lose();
        }
    }

    void lose() {
        ++lost_since_told_;
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }

    // Whether the line went out. What a pipe took of a line that did not fit is kept, and its rest
    // goes first next time, so that a reader never sees two lines run into each other.
    bool send(std::string_view line) {
        if (!rest_.empty()) {
            rest_.erase(0, write_some(rest_));
            if (!rest_.empty()) {
                return false;
            }
        }
        const auto sent = write_some(line);
        if (sent == 0) {
            return false;
        }
        rest_ = line.substr(sent);
        return true;
    }

    // The descriptor may be shared with other processes, so it is not switched to non-blocking:
    // poll says whether PIPE_BUF bytes fit, and no more are written at once.
    std::size_t write_some(std::string_view text) const {
        constexpr std::size_t piece_max = 4'096;  // PIPE_BUF of Linux, pipe(7)
        std::size_t sent = 0;
        while (sent < text.size()) {
            pollfd ready{.fd = options_.fd, .events = POLLOUT, .revents = 0};
            const int count = ::poll(&ready, 1, 0);
            if (count < 0 && errno == EINTR) {
                continue;
            }
            // An end that nobody reads any more is left alone: writing to it would raise SIGPIPE.
            const bool broken = (ready.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
            if (count <= 0 || broken || (ready.revents & POLLOUT) == 0) {
                break;
            }
            const auto piece = text.substr(sent, piece_max);
            const auto written = ::write(options_.fd, piece.data(), piece.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                break;
            }
            sent += static_cast<std::size_t>(written);
        }
        return sent;
    }

    const ports::Clock& clock_;
    const JsonLogOptions options_;
    std::mutex mutex_;
    FloodBound bound_;
    MonoTime next_sweep_{};
    std::string rest_;
    std::uint64_t lost_since_told_ = 0;
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::uint64_t> suppressed_{0};
};

}  // namespace

std::unique_ptr<JsonLog> make_json_log(const ports::Clock& clock, JsonLogOptions options) {
    return std::make_unique<FdLog>(clock, options);
}

}  // namespace gw::obs
