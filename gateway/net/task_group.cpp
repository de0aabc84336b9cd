// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/task_group.hpp"

#include "gateway/net/tokens.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <exception>
#include <list>

namespace gw::net {

namespace asio = boost::asio;

struct TaskGroup::State {
    State(asio::any_io_executor ex, std::function<void(std::string_view)> report)
        : executor(std::move(ex)), on_exception(std::move(report)), emptied(executor) {
        emptied.expires_at(asio::steady_timer::time_point::max());
    }

    void finished(std::list<asio::cancellation_signal>::iterator task, std::exception_ptr failure) {
        tasks.erase(task);
        if (failure) {
            report(failure);
        }
        if (tasks.empty()) {
            emptied.cancel();
        }
    }

    void report(const std::exception_ptr& failure) const {
        try {
            std::rethrow_exception(failure);
        } catch (const boost::system::system_error& e) {
            // A cancelled task that let the cancellation out is a normal end.
            const bool stopped = cancelled && e.code() == asio::error::operation_aborted;
            if (!stopped && on_exception) {
                on_exception(e.what());
            }
        } catch (const std::exception& e) {
            if (on_exception) {
                on_exception(e.what());
            }
        } catch (...) {
            if (on_exception) {
                on_exception("not a std::exception");
            }
        }
    }

    asio::any_io_executor executor;
    std::function<void(std::string_view)> on_exception;
    asio::steady_timer emptied;  // a condition: cancelled when the last task ends
    std::list<asio::cancellation_signal> tasks;
    bool cancelled = false;
};

namespace {

constexpr auto stop_all = asio::cancellation_type::terminal | asio::cancellation_type::total;

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor,
                     std::function<void(std::string_view)> on_exception)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_exception))) {}

TaskGroup::~TaskGroup() {
    assert(state_->tasks.empty() && "a task outlives its group: cancel() and wait() first");
}

void TaskGroup::spawn(asio::awaitable<void> task) {
    const auto entry = state_->tasks.emplace(state_->tasks.end());
    // The completion handler shares the state: it may run after the group is gone when an
    // io_context is torn down.
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(
                       entry->slot(), [state = state_, entry](std::exception_ptr failure) {
                           state->finished(entry, std::move(failure));
                       }));
    // A late task still runs up to its first wait, so that it can clean up what it was given.
    if (state_->cancelled) {
        asio::post(state_->executor, [state = state_] {
            for (asio::cancellation_signal& late : state->tasks) {
                late.emit(stop_all);
            }
        });
    }
}

std::size_t TaskGroup::size() const {
    return state_->tasks.size();
}

void TaskGroup::cancel() {
    state_->cancelled = true;
    // An emission may end a task and so erase its entry only through the executor, never inside
    // emit().
    for (asio::cancellation_signal& task : state_->tasks) {
        task.emit(stop_all);
    }
}

asio::awaitable<void> TaskGroup::wait() {
    const std::shared_ptr<State> state = state_;
    // Whoever waits must go on waiting when it is itself cancelled: the tasks use what it owns.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!state->tasks.empty()) {
        co_await state->emptied.async_wait(as_result);
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace gw::net
