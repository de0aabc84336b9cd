#pragma once
// SPDX-License-Identifier: Apache-2.0
// The owner of spawned coroutines. Everything spawned through a group can be cancelled and waited
// for, so nothing outlives what it uses. Declare it last in a class. Used from one thread (the
// executor's).
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace gw::net {

class TaskGroup {
public:
    // `on_exception` hears of a task that threw (a bug; the task has ended).
    explicit TaskGroup(boost::asio::any_io_executor executor,
                       std::function<void(std::string_view what)> on_exception = {});
    ~TaskGroup();  // aborts in debug builds if a task is still running: stop() first
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(boost::asio::awaitable<void> task);
    [[nodiscard]] std::size_t size() const;
    // Asks every task to stop (asio total|terminal cancellation); tasks spawned later are cancelled
    // too.
    void cancel();
    // Returns when no task is left. Does not cancel.
    boost::asio::awaitable<void> wait();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gw::net
