// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load_run.hpp"

#include <algorithm>
#include <charconv>
#include <unistd.h>

namespace gw::bench {
namespace {

bool is_success(unsigned status) {
    return status >= 200 && status <= 299;
}

}  // namespace

class LoadRun::Connection final : public Channel {
public:
    Connection(LoadRun& run, Loop& loop, int fd) : Channel(loop, fd), run_(run) {}

    void request(const Job& job, TimePoint due) {
        under_way.push_back({job, due});
        send(job.request);
    }

    std::deque<InFlight> under_way;

private:
    void on_message(std::string_view head, std::string_view) override {
        constexpr std::size_t status_at = 9;  // after "HTTP/1.1 "
        unsigned status = 0;
        std::from_chars(head.data() + status_at, head.data() + status_at + 3, status);
        if (under_way.empty()) {
            return;  // an answer nobody asked for: the next one shows as lost
        }
        const InFlight what = under_way.front();
        under_way.pop_front();
        const bool last = header_of(head, "connection") == "close";
        if (last) {
            close();
        }
        run_.answered(*this, what, status);
    }
    void on_closed() override { run_.gone(*this); }
    LoadRun& run_;
};

LoadRun::LoadRun(Loop& loop, Workload& workload, LoadOptions options)
    : loop_(loop), workload_(workload), options_(std::move(options)) {}

LoadRun::~LoadRun() = default;

void LoadRun::open_connection() {
    connections_.push_back(std::make_unique<Connection>(*this, loop_, connect_to(options_.target)));
    free_.insert(free_.end(), options_.pipeline, connections_.back().get());
}

bool LoadRun::dispatch(TimePoint due) {
    if (free_.empty()) {
        return false;
    }
    const auto job = workload_.next();
    if (!job) {
        return false;
    }
    Connection* connection = free_.back();
    free_.pop_back();
    workload_.sent(*job, due);
    ++under_way_;
    connection->request(*job, due);
    return true;
}

void LoadRun::fall_due(TimePoint now) {
    const auto gap = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(1.0 / options_.rate));
    while (next_due_ <= now) {
        overdue_.push_back(next_due_);
        next_due_ += gap;
    }
}

void LoadRun::fill(TimePoint now) {
    if (!sending_) {
        return;
    }
    if (options_.rate == 0) {
        while (dispatch(now)) {
        }
        return;
    }
    fall_due(now);
    while (!overdue_.empty() && dispatch(overdue_.front())) {
        overdue_.pop_front();
    }
}

void LoadRun::answered(Connection& connection, const InFlight& what, unsigned status) {
    const TimePoint now = Clock::now();
    --under_way_;
    if (connection.is_open()) {
        free_.push_back(&connection);
    }
    // Throughput counts what is answered in the window, latency what was due in it.
    if (now >= begin_ && now < end_) {
        ++(is_success(status) ? result_.good : status == 503 ? result_.refused : result_.other);
    }
    if (in_window(what.due)) {
        if (is_success(status)) {
            result_.latency.add(now - what.due);
        } else if (status == 503) {
            result_.refusal_latency.add(now - what.due);
        }
    }
    workload_.answered(what.job, status);
}

void LoadRun::gone(Connection& connection) {
    for (const InFlight& what : connection.under_way) {
        ++result_.lost;
        --under_way_;
        workload_.answered(what.job, 0);
    }
    std::erase(free_, &connection);
    const auto found =
        std::ranges::find_if(connections_, [&](const auto& c) { return c.get() == &connection; });
    loop_.bury(std::move(*found));
    connections_.erase(found);
    if (sending_) {
        open_connection();
    }
}

void LoadRun::command_arrived(TimePoint due) {
    if (in_window(due)) {
        result_.command_latency.add(Clock::now() - due);
    }
}

void LoadRun::enter_window(TimePoint now) {
    entered_ = true;
    begin_ = now;
    end_ = now + options_.measure;
    target_cpu_ = cpu_used_by(options_.pid);
    own_cpu_ = cpu_used_by(::getpid());
}

void LoadRun::leave_window(TimePoint now) {
    end_ = std::min(end_, now);
    sending_ = false;
    result_.seconds = std::chrono::duration<double>(now - begin_).count();
    result_.target_cpu = cpu_used_by(options_.pid) - target_cpu_;
    result_.own_cpu = cpu_used_by(::getpid()) - own_cpu_;
    result_.unsent = overdue_.size();
}

LoadResult LoadRun::run() {
    constexpr std::chrono::milliseconds tick{50};
    constexpr std::chrono::seconds last_answers_max{5};
    for (unsigned i = 0; i < options_.connections; ++i) {
        open_connection();
    }
    const TimePoint start = Clock::now();
    next_due_ = start;
    begin_ = end_ = TimePoint::max();
    TimePoint now = start;
    while (now < end_ && !workload_.is_done()) {
        if (!options_.until_done && workload_.is_short()) {
            result_.ended_early = true;
            break;
        }
        if (!entered_ && now >= start + options_.warmup) {
            enter_window(now);
        }
        fill(now);
        TimePoint wake = std::min(now + tick, end_);
        if (options_.rate != 0 && overdue_.empty()) {
            wake = std::min(wake, next_due_);
        }
        loop_.turn(wake);
        now = Clock::now();
    }
    result_.ended_early = result_.ended_early || (options_.until_done && !workload_.is_done());
    leave_window(now);
    const TimePoint give_up = Clock::now() + last_answers_max;
    while (under_way_ > 0 && Clock::now() < give_up) {
        loop_.turn(Clock::now() + tick);
    }
    result_.lost += under_way_;
    return std::move(result_);
}

}  // namespace gw::bench
