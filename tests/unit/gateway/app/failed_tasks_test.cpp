// What a task that throws leaves behind: nothing that keeps its work from being tried again.
#include "tests/unit/gateway/app/rig.hpp"

namespace gw::app::testing {
namespace {

class ThrowingTelnyx final : public ports::TelnyxCommands {
public:
    int throws = 1;
    int commands = 0;
    int questions = 0;
    boost::asio::awaitable<CommandResult> send(CallId, SendCommand command,
                                               std::function<bool()>) override {
        ++commands;
        fail();
        CommandResult result;
        result.command_id = command.command_id;
        result.kind = command.kind;
        co_return result;
    }
    boost::asio::awaitable<CarrierStatus> status(CallControlId) override {
        ++questions;
        fail();
        co_return CarrierStatus{};
    }

private:
    void fail() {
        if (throws > 0) {
            --throws;
            throw std::bad_alloc();
        }
    }
};

class FailedTask : public Rig {
protected:
    ThrowingTelnyx telnyx;
};

TEST_F(FailedTask, LeavesItsCommandToBeSentAgain) {
    CommandRunner runner(process->io.get_executor(), telnyx, process->registry, store, clock,
                         process->log);
    const SendCommand command{CommandId("c"), CommandKind::answer, CallControlId("v3:9"), "",
                              clock.utc()};
    runner.run(CallId(9), command);
    clock.settle();
    EXPECT_EQ(telnyx.commands, 1);
    EXPECT_EQ(runner.under_way(), 0U);
    runner.run(CallId(9), command);
    clock.settle();
    EXPECT_EQ(telnyx.commands, 2);
    wait(runner.stop());
}

TEST_F(FailedTask, LeavesItsCallToBeAskedForAgainAndTheOthersToBeAsked) {
    ring("1");
    ring("2");
    CarrierChecks checks(process->io.get_executor(), telnyx, process->registry, process->log);
    telnyx.throws = 16;  // as many as are asked for at a time, and more wait
    for (int round = 0; round < 10; ++round) {
        checks.ask(CallId(1), CallControlId("v3:1"));
        checks.ask(CallId(2), CallControlId("v3:2"));
        clock.settle();
    }
    EXPECT_EQ(telnyx.questions, 20);
    EXPECT_EQ(checks.waiting(), 0U);
    wait(checks.stop());
}

}  // namespace
}  // namespace gw::app::testing
