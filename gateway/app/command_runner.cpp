#include "gateway/app/command_runner.hpp"

#include "gateway/domain/words.hpp"

namespace gw::app {
namespace asio = boost::asio;

CommandRunner::CommandRunner(asio::any_io_executor executor, ports::TelnyxCommands& telnyx,
                             CallRegistry& registry, ports::CallStore& store, ports::Log& log)
    : telnyx_(telnyx), registry_(registry), store_(store), log_(log), tasks_(executor, [this](auto what) {
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
    co_return Result<void>{};
}

void CommandRunner::run(CallId call, const SendCommand& command) {
    if (running_.insert(command.command_id).second) {
        tasks_.spawn(carry_out(call, command));
    }
}

asio::awaitable<void> CommandRunner::carry_out(CallId call, SendCommand command) {
    const CommandId id = command.command_id;
    const CommandKind kind = command.kind;
    // A plain copy of two values: the callback outlives no await of this coroutine.
    std::function<bool()> still_wanted = [this, call, kind] {
        return !registry_.find(call) || registry_.wants(call, kind);
    };
    CommandResult result = co_await telnyx_.send(call, std::move(command), std::move(still_wanted));
    running_.erase(id);
    if (result.outcome == CommandOutcome::refused) {
        log_.warn("command_refused", {{"call_id", to_public(call)},
                                      {"command", word_of(kind)},
                                      {"detail", result.detail}});
    }
    registry_.submit(call, std::move(result));
}

asio::awaitable<void> CommandRunner::stop() {
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace gw::app
