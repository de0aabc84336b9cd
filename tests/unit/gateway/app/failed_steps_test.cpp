// SPDX-License-Identifier: Apache-2.0
// A step of a call that throws (a bug of ours, memory) fails alone: its inputs are tried again or
// given up, what is on disk stays done, and the call and the process go on.
#include "tests/unit/gateway/app/rig.hpp"

#include <algorithm>
#include <map>

namespace gw::app::testing {
namespace {

class FailedStep : public Rig {
protected:
    // All at once, so that they are one batch.
    std::vector<Result<Intake>> take_all(std::vector<CarrierEvent> events) {
        std::vector<Result<Intake>> answers;
        for (CarrierEvent& event : events) {
            boost::asio::co_spawn(process->io, process->registry.take(std::move(event)),
                                  [&](std::exception_ptr failed, Result<Intake> answer) {
                                      EXPECT_FALSE(failed);
                                      answers.push_back(std::move(answer));
                                  });
        }
        clock.advance(milliseconds{1});
        EXPECT_EQ(answers.size(), events.size());
        return answers;
    }
    // The sinks of the registry, one of which throws when it is called for the first time.
    void connect_throwing(const std::string& sink) {
        const auto step = [this, sink](const std::string& what) {
            if (++steps[what] == 1 && what == sink) {
                throw std::runtime_error("a bug of ours");
            }
        };
        process->registry.connect(
            {.command = [step](CallId, const SendCommand&) { step("command"); },
             .ask_carrier = [step](CallId, const CallControlId&) { step("ask_carrier"); },
             .webhook = [step](CallId, const ports::OutboundEvent&) { step("webhook"); },
             .finished = [step](const CommandId&) { step("finished"); },
             .doubt = [this] { ++steps["doubt"]; },
             .changed = {},
             .committed = [step](CallId) { step("committed"); }});
    }
    CarrierEvent cost() { return event(CarrierEventType::cost, "call.cost"); }
    CarrierEvent key(const std::string& digit) {
        CarrierEvent pressed = event(CarrierEventType::dtmf, "call.dtmf.received");
        pressed.digit = digit;
        return pressed;
    }
    // How often inputs of each kind are on the call's timeline.
    std::map<std::string, int> on_timeline() {
        std::map<std::string, int> times;
        const auto rows = wait(static_cast<ports::CallStore&>(store).timeline(CallId{1}, 0, 1000));
        for (const ports::TimelineRow& row : rows.value()) {
            ++times[row.kind];
        }
        return times;
    }

    std::map<std::string, int> steps;
};

TEST_F(FailedStep, AfterTheCommitDoesNotUndoIt) {
    ring();
    clock.advance(seconds{1});  // its answer is taken
    const std::uint64_t version = call().version;
    connect_throwing("webhook");
    for (const auto& answer : take_all({cost(), answered(), key("1"), key("2")})) {
        EXPECT_EQ(answer.value(), Intake::taken);
    }
    EXPECT_EQ(call().version, version + 2) << "three were one batch, and are not done again";
    EXPECT_EQ(call().status, CallStatus::in_progress);
    EXPECT_EQ(steps["webhook"], 3) << "the others go out";
    EXPECT_EQ(steps["committed"], 2);
    EXPECT_EQ(steps["doubt"], 1) << "what was left undone is looked for in the store";
    EXPECT_EQ(take(hangup()).value(), Intake::taken);
    EXPECT_EQ(call().ended_reason, EndedReason::caller_hangup);
}

TEST_F(FailedStep, AfterACallsFirstCommitLeavesTheCall) {
    connect_throwing("command");
    EXPECT_EQ(take(initiated()).value(), Intake::taken);
    EXPECT_EQ(steps["command"], 1);
    EXPECT_EQ(call().status, CallStatus::ringing);
    EXPECT_EQ(take(answered()).value(), Intake::taken);
    EXPECT_EQ(call().status, CallStatus::in_progress);
}

TEST_F(FailedStep, OfAStoreThatThrowsIsTriedAgainOneByOne) {
    ring();
    // The first is alone; when it is on disk, the store throws at the other two.
    process->registry.connect({.command = {},
                               .ask_carrier = {},
                               .webhook =
                                   [this](CallId, const ports::OutboundEvent&) {
                                       store.throw_at_writes(steps["webhook"]++ == 0 ? 1 : 0);
                                   },
                               .finished = {},
                               .doubt = {},
                               .changed = {}});
    for (const auto& answer : take_all({answered(), key("1"), key("2")})) {
        EXPECT_EQ(answer.value(), Intake::taken);
    }
    EXPECT_EQ(steps["webhook"], 3);
    EXPECT_EQ(on_timeline()["call.dtmf.received"], 2);
}

TEST_F(FailedStep, OfAStoreThatThrowsAtACallsFirstCommitIsTheCarriersToRepeat) {
    store.throw_at_writes(1);
    const CarrierEvent rings = initiated();
    EXPECT_FALSE(take(rings));
    EXPECT_EQ(take(rings).value(), Intake::taken);
    EXPECT_EQ(call(2).status, CallStatus::ringing);
}

TEST_F(FailedStep, InPlanningKeepsTheEventForTheNextProcess) {
    process->encoder.throws = 1;
    EXPECT_EQ(take(initiated()).value(), Intake::parked);
    EXPECT_EQ(take(initiated("v3:2")).value(), Intake::taken) << "the process goes on";
    restart();
    EXPECT_EQ(take(answered()).value(), Intake::parked);
    clock.advance(seconds{31});
    const auto found =
        wait(static_cast<ports::CallStore&>(store).load_by_leg(CallControlId{"v3:1"}));
    ASSERT_TRUE(found.value());
    EXPECT_TRUE(found.value()->call.started_at);
}

TEST_F(FailedStep, InPlanningABatchLeavesOutTheInputThatFails) {
    ring();
    EXPECT_EQ(take(answered()).value(), Intake::taken);
    process->encoder.throws = 2;  // the batch of keys, then the first of them alone
    const auto answers = take_all({cost(), key("1"), key("2")});
    EXPECT_EQ(answers.at(1).value(), Intake::parked);
    EXPECT_EQ(answers.at(2).value(), Intake::taken);
    EXPECT_EQ(on_timeline()["call.dtmf.received"], 1);
    restart();
    clock.advance(seconds{1});
    EXPECT_EQ(on_timeline()["call.dtmf.received"], 2) << "with the bug mended";
}

TEST_F(FailedStep, ThatCannotEvenBeGivenUpDoesNotStopTheCall) {
    ring();
    EXPECT_EQ(take(answered()).value(), Intake::taken);
    process->encoder.throws = 1;
    store.throw_at_writes(1);  // neither planned nor parked
    EXPECT_FALSE(take(key("1")));
    EXPECT_EQ(take(hangup()).value(), Intake::taken);
    EXPECT_TRUE(call().is_final());
}

TEST_F(FailedStep, OfATimerIsTriedAgainAfterAMoment) {
    ring();
    EXPECT_EQ(take(hangup()).value(), Intake::taken);  // settles
    process->encoder.throws = 1'000;
    clock.advance(seconds{10});
    EXPECT_FALSE(call().is_final());
    EXPECT_GT(process->encoder.throws, 970) << "not at once again";
    process->encoder.throws = 0;
    clock.advance(seconds{1});
    EXPECT_TRUE(call().is_final());
}

}  // namespace
}  // namespace gw::app::testing
