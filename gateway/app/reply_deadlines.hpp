#pragma once
// SPDX-License-Identifier: Apache-2.0
// Answers for those who must not wait: whoever is not answered in time hears `unavailable`, and
// what he asked for goes on all the same. One thread; costs an entry in a queue for each.
#include "gateway/app/alarm.hpp"
#include "gateway/app/call_actor.hpp"
#include "gateway/ports/clock.hpp"

#include <deque>
#include <memory>

namespace gw::app {

class ReplyDeadlines {
public:
    ReplyDeadlines(boost::asio::any_io_executor executor, ports::Clock& clock,
                   std::chrono::milliseconds within);
    // The handler to be called instead; it may be called when the time is over.
    ReplyHandler watch(ReplyHandler done);
    // Runs until cancelled; who waits then is not answered by it.
    boost::asio::awaitable<void> run();

private:
    struct Waiting {
        MonoTime until;
        std::shared_ptr<ReplyHandler> done;  // empty inside: answered
    };

    void drop_answered();

    ports::Clock& clock_;
    std::chrono::milliseconds within_;
    Alarm alarm_;
    bool idle_ = false;  // nobody waited when it was looked last: the next one wakes the alarm
    std::deque<Waiting> waiting_;  // in order of time, because all wait equally long
};

}  // namespace gw::app
