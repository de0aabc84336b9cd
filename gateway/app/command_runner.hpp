#pragma once
// SPDX-License-Identifier: Apache-2.0
// Carries out commands that are on disk: sends each until it has an outcome and gives that back to
// its call, whose commit removes the job. After a crash the jobs that are still there are started
// again. One thread.
#include "gateway/app/call_registry.hpp"
#include "gateway/net/task_group.hpp"
#include "gateway/ports/telnyx_commands.hpp"

#include <deque>
#include <unordered_set>

namespace gw::app {

class CommandRunner {
public:
    CommandRunner(boost::asio::any_io_executor executor, ports::TelnyxCommands& telnyx,
                  CallRegistry& registry, ports::CallStore& store, ports::Clock& clock,
                  ports::Log& log);
    // Starts what a former process owed, and looks now and then for what a commit of unknown
    // outcome left.
    boost::asio::awaitable<Result<void>> start();
    void run(CallId call, const SendCommand& command);
    // Its result is on disk: only now may the same id be sent again.
    void finished(const CommandId& id);
    [[nodiscard]] std::size_t under_way() const { return running_.size(); }
    boost::asio::awaitable<void> stop();

private:
    boost::asio::awaitable<void> carry_out(CallId call, SendCommand command);
    boost::asio::awaitable<void> send(CallId call, SendCommand command);
    boost::asio::awaitable<void> sweep();
    boost::asio::awaitable<void> sweep_once();
    bool give_up_old(const ports::OwedCommand& job, CommandOutcome what);
    boost::asio::awaitable<bool> wait_for_dial();

    ports::TelnyxCommands& telnyx_;
    CallRegistry& registry_;
    ports::CallStore& store_;
    ports::Clock& clock_;
    ports::Log& log_;
    std::unordered_set<CommandId> running_;
    // What the sweep reads is a snapshot: a command finished meanwhile must not come back through
    // it.
    bool sweeping_ = false;
    std::unordered_set<CommandId> finished_while_sweeping_;
    std::deque<MonoTime> dials_;  // sent in the last five seconds
    bool stopping_ = false;
    net::TaskGroup tasks_;
};

}  // namespace gw::app
