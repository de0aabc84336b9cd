#include "gateway/app/command_runner.hpp"

namespace gw::app {
namespace asio = boost::asio;

namespace {
constexpr std::chrono::seconds sweep_every{5};
constexpr std::chrono::seconds stale_after{
    15};  // beyond a command's budget of 10 s (FAULTS: live control)
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
        run(job.call_id, job.command);
    }
    tasks_.spawn(sweep());
    co_return Result<void>{};
}

// A commit that was made but reported as failed hands nothing out; its command is found here. Fresh
// ones are left alone: they are under way, or their result is about to be written.
asio::awaitable<void> CommandRunner::sweep() {
    while (co_await clock_.sleep_for(sweep_every)) {
        sweeping_ = true;
        finished_while_sweeping_.clear();
        const auto owed = co_await store_.owed_commands();
        sweeping_ = false;
        if (!owed) {
            continue;
        }
        const UtcTime now = clock_.utc();
        for (const ports::OwedCommand& job : *owed) {
            if (now - job.command.issued_at >= stale_after &&
                !finished_while_sweeping_.contains(job.command.command_id)) {
                run(job.call_id, job.command);
            }
        }
    }
}

void CommandRunner::run(CallId call, const SendCommand& command) {
    if (running_.insert(command.command_id).second) {
        tasks_.spawn(carry_out(call, command));
    }
}

void CommandRunner::finished(const CommandId& id) {
    running_.erase(id);
    if (sweeping_) {
        finished_while_sweeping_.insert(id);
    }
}

asio::awaitable<void> CommandRunner::carry_out(CallId call, SendCommand command) {
    const CommandKind kind = command.kind;
    // A plain copy of two values: the callback outlives no await of this coroutine.
    std::function<bool()> still_wanted = [this, call, kind] {
        return !registry_.find(call) || registry_.wants(call, kind);
    };
    CommandResult result = co_await telnyx_.send(call, std::move(command), std::move(still_wanted));
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
