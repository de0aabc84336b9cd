// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gw::bench {
namespace {

epoll_event event_of(std::uint32_t events, Handler& handler) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &handler;
    return event;
}

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_create1");
    }
}

Loop::~Loop() {
    ::close(epoll_);
}

void Loop::watch(int fd, std::uint32_t events, Handler& handler) {
    epoll_event event = event_of(events, handler);
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void Loop::change(int fd, std::uint32_t events, Handler& handler) {
    epoll_event event = event_of(events, handler);
    epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::bury(std::unique_ptr<Handler> handler) {
    dead_.push_back(std::move(handler));
}

void Loop::turn(std::optional<TimePoint> until) {
    std::array<epoll_event, 128> events{};
    timespec wait{};
    if (until) {
        const auto left = std::max(*until - Clock::now(), Clock::duration::zero());
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        wait.tv_sec = seconds.count();
        wait.tv_nsec = std::chrono::nanoseconds(left - seconds).count();
    }
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                   until ? &wait : nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto* handler = static_cast<Handler*>(event.data.ptr);
        const bool dead = std::ranges::any_of(
            dead_, [handler](const std::unique_ptr<Handler>& d) { return d.get() == handler; });
        if (!dead) {
            handler->ready(event.events);
        }
    }
    dead_.clear();
}

}  // namespace gw::bench
