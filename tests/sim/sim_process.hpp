#pragma once
// SPDX-License-Identifier: Apache-2.0
// The gateway's application over fakes: what one process is between its start and its crash. A
// crash abandons it at the instant it is in: nothing of it runs any more, not even a destructor;
// the store stays.
#include "gateway/app/call_registry.hpp"
#include "gateway/app/calls_service.hpp"
#include "gateway/app/carrier_checks.hpp"
#include "gateway/app/command_runner.hpp"
#include "gateway/app/webhook_dispatcher.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/sim/carrier_world.hpp"

#include <boost/asio/io_context.hpp>

namespace gw::sim {

// What can be broken on purpose, to see the checker shout.
enum class Sabotage : std::uint8_t {
    none,
    lose_event,            // an event is answered 2xx and thrown away
    new_command_ids,       // a retried command gets a fresh id
    change_body,           // a webhook's bytes differ between attempts
    drop_webhook,          // a delivery is recorded as made, but was not
    never_end,             // hangups are swallowed
    dial_again,            // a dial without an answer is made anew
    change_command,        // a repeated transfer goes to another number
    leave_target,          // the target's leg is not hung up
    accept_without_doing,  // a transfer is answered and not carried out
    gather_told_twice,     // a pressed key is told as a gather's end
    invent_digits,         // the told digits are not the pressed ones
    praise_transfer,       // a transfer that failed is told as completed
    overcharge,            // the told cost is not the call's
    forget_request,        // an API request gets no answer
};

class SimTelnyx final : public ports::TelnyxCommands {
public:
    SimTelnyx(CarrierWorld& world, fakes::ManualClock& clock, Sabotage sabotage, unsigned process)
        : world_(world), clock_(clock), sabotage_(sabotage), process_(process) {}
    boost::asio::awaitable<CommandResult> send(CallId call, SendCommand command,
                                               std::function<bool()> still_wanted) override;
    boost::asio::awaitable<CarrierStatus> status(CallControlId leg) override;

private:
    // The answer that is made up instead of sending, if the command is to be sabotaged.
    [[nodiscard]] bool swallows(const SendCommand& command) const;
    void tamper(SendCommand& command);

    CarrierWorld& world_;
    fakes::ManualClock& clock_;
    Sabotage sabotage_;
    unsigned process_;
};

class SimSender final : public ports::WebhookSender {
public:
    SimSender(CarrierWorld& world, fakes::ManualClock& clock, Sabotage sabotage)
        : world_(world), clock_(clock), sabotage_(sabotage) {}
    boost::asio::awaitable<ports::AttemptOutcome> attempt(ports::WebhookAttempt attempt) override;

private:
    CarrierWorld& world_;
    fakes::ManualClock& clock_;
    Sabotage sabotage_;
};

// "call|sequence|event|id|…": what the checker reads; all fields in EventFields.
class SimEncoder final : public ports::EventEncoder {
public:
    explicit SimEncoder(Sabotage sabotage) : sabotage_(sabotage) {}
    [[nodiscard]] std::string encode(const Call& call, const PublicEvent& event) const override;
    mutable int throws = 0;  // so many bodies from now

private:
    Sabotage sabotage_;
};

// What a body says, read back.
struct EventFields {
    std::string call;
    unsigned sequence = 0;
    std::string event;
    std::string id;
    std::string destination;
    std::string reason;
    std::string input;  // "none" without digits
    std::string total_cost;
    std::string transferred_to;
};
EventFields read_body(const std::string& body);

class SeededRandom final : public ports::Random {
public:
    explicit SeededRandom(std::uint64_t seed) : random_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 random_;
};

ports::DirectoryContent sim_directory();

struct SimProcess {
    SimProcess(fakes::ManualClock& clock, fakes::MemoryStore& store, CarrierWorld& world,
               std::uint64_t seed, Sabotage sabotage, unsigned number = 0);

    unsigned number;  // of the processes of a run
    boost::asio::io_context io{1};
    SeededRandom random;
    ports::NullLog log;
    ports::NullMetrics metrics;
    SimEncoder encoder;
    app::Directory directory;
    SimTelnyx telnyx;
    SimSender sender;
    app::CallRegistry registry;
    app::CommandRunner commands;
    app::CarrierChecks checks;
    app::WebhookDispatcher dispatcher;
    app::CallsService calls;
    bool started = false;
    net::TaskGroup tasks;

    boost::asio::awaitable<void> start();
    // For the end of a run, when nothing counts any more: cancels and waits, so that it can be
    // destroyed.
    boost::asio::awaitable<void> stop();
};

}  // namespace gw::sim
