#include "gateway/app/command_runner.hpp"

namespace gw::app {
namespace asio = boost::asio;

namespace {
constexpr std::chrono::seconds sweep_every{5};
// The carrier forgets a command_id after 60 s.
constexpr std::chrono::seconds repeatable_for{45};
constexpr std::chrono::seconds dial_window{5};
constexpr std::size_t dials_max = 150;
constexpr std::chrono::seconds stale_after{
    15};  // beyond a command's budget of 10 s (FAULTS: live control)

// Of a call that has left memory, such a command is wanted no more; what ends a leg is.
bool begins_something(CommandKind kind) {
    return kind == CommandKind::dial || kind == CommandKind::transfer ||
           kind == CommandKind::gather;
}

// What a result says of its command besides what the carrier answered.
CommandResult result_about(const SendCommand& command) {
    CommandResult result;
    result.command_id = command.command_id;
    result.kind = command.kind;
    if (command.kind == CommandKind::hangup_target) {
        result.leg = command.call_control_id;
    } else if (const auto* transfer = std::get_if<TransferOrder>(&command.order)) {
        result.number = transfer->number;
    } else if (const auto* gather = std::get_if<GatherOrder>(&command.order)) {
        result.number = gather->number;
    }
    return result;
}

}  // namespace

CommandRunner::CommandRunner(asio::any_io_executor executor, ports::TelnyxCommands& telnyx,
                             CallRegistry& registry, ports::CallStore& store, ports::Clock& clock,
                             ports::Log& log)
    : telnyx_(telnyx),
      registry_(registry),
      store_(store),
      clock_(clock),
      log_(log),
      tasks_(executor, [this](std::string_view what) {
          log_.error("command_task_failed", {{"what", what}});
      }) {}

asio::awaitable<Result<void>> CommandRunner::start() {
    auto owed = co_await store_.owed_commands();
    if (!owed) {
        co_return owed.error();
    }
    for (const ports::OwedCommand& job : *owed) {
        if (!give_up_old(job, CommandOutcome::unknown)) {
            run(job.call_id, job.command);
        }
    }
    tasks_.spawn(sweep());
    co_return Result<void>{};
}

asio::awaitable<void> CommandRunner::sweep() {
    while (co_await clock_.sleep_for(sweep_every)) {
        try {
            co_await sweep_once();
        } catch (const std::exception& error) {
            sweeping_ = false;
            if (stopping_) {
                throw;
            }
            log_.error("command_task_failed", {{"what", error.what()}});
        }
    }
}

// A commit that was made but reported as failed hands nothing out; its command is found here. Fresh
// ones are left alone: they are under way, or their result is about to be written.
asio::awaitable<void> CommandRunner::sweep_once() {
    sweeping_ = true;
    finished_while_sweeping_.clear();
    const auto owed = co_await store_.owed_commands();
    sweeping_ = false;
    if (!owed) {
        co_return;
    }
    const UtcTime now = clock_.utc();
    for (const ports::OwedCommand& job : *owed) {
        if (now - job.command.issued_at >= stale_after &&
            !finished_while_sweeping_.contains(job.command.command_id) &&
            !running_.contains(job.command.command_id) &&
            !give_up_old(job, CommandOutcome::superseded)) {
            run(job.call_id, job.command);
        }
    }
}

// A dial is never sent by another process than the one it was asked of, and what starts something
// new is not sent when the carrier may have forgotten that it has done it. `what` is what is known:
// of a former process's command nothing, of one that was never handed out that it was not sent.
bool CommandRunner::give_up_old(const ports::OwedCommand& job, CommandOutcome what) {
    const CommandKind kind = job.command.kind;
    const bool old = clock_.utc() - job.command.issued_at >= repeatable_for;
    if (!begins_something(kind) || (kind != CommandKind::dial && !old)) {
        return false;
    }
    CommandResult result = result_about(job.command);
    result.outcome = what;
    result.detail = "not sent: its process ended, or could not hand it out";
    registry_.submit(job.call_id, std::move(result));
    return true;
}

// Telnyx takes 150 dials in any five seconds (REFERENCE 4.4). False: cancelled.
asio::awaitable<bool> CommandRunner::wait_for_dial() {
    while (true) {
        const MonoTime now = clock_.mono();
        while (!dials_.empty() && dials_.front() + dial_window <= now) {
            dials_.pop_front();
        }
        if (dials_.size() < dials_max) {
            dials_.push_back(now);
            co_return true;
        }
        const MonoTime next = dials_.front() + dial_window;
        if (!co_await clock_.sleep_until(next)) {
            co_return false;
        }
    }
}

void CommandRunner::run(CallId call, const SendCommand& command) {
    if (!running_.insert(command.command_id).second) {
        return;
    }
    try {
        tasks_.spawn(carry_out(call, command));
    } catch (...) {
        running_.erase(command.command_id);
        throw;
    }
}

void CommandRunner::finished(const CommandId& id) {
    running_.erase(id);
    if (sweeping_) {
        finished_while_sweeping_.insert(id);
    }
}

// A task that fails leaves its command to the next sweep, which sends it under the same id.
asio::awaitable<void> CommandRunner::carry_out(CallId call, SendCommand command) {
    const CommandId id = command.command_id;
    try {
        co_await send(call, std::move(command));
    } catch (...) {
        running_.erase(id);
        throw;
    }
}

asio::awaitable<void> CommandRunner::send(CallId call, SendCommand command) {
    // Copies: the callback outlives no await of this coroutine.
    std::function<bool()> still_wanted = [this, call, command] {
        return registry_.find(call) ? registry_.wants(call, command)
                                    : !begins_something(command.kind);
    };
    if (command.kind == CommandKind::dial && !co_await wait_for_dial()) {
        co_return;
    }
    const CommandResult about = result_about(command);
    CommandResult result = co_await telnyx_.send(call, std::move(command), std::move(still_wanted));
    if (about.kind == CommandKind::hangup_target) {
        result.leg = about.leg;
    }
    result.number = about.number;
    if (stopping_) {
        co_return;  // the job stays for the next process
    }
    registry_.submit(call, std::move(result));
}

asio::awaitable<void> CommandRunner::stop() {
    stopping_ = true;
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace gw::app
