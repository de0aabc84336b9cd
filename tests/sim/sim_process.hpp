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
    lose_event,       // an event is answered 2xx and thrown away
    new_command_ids,  // a retried command gets a fresh id
    change_body,      // a webhook's bytes differ between attempts
    drop_webhook,     // a delivery is recorded as made, but was not
    never_end,        // hangups are swallowed
};

class SimTelnyx final : public ports::TelnyxCommands {
public:
    SimTelnyx(CarrierWorld& world, fakes::ManualClock& clock, Sabotage sabotage)
        : world_(world), clock_(clock), sabotage_(sabotage) {}
    boost::asio::awaitable<CommandResult> send(CallId call, SendCommand command,
                                               std::function<bool()> still_wanted) override;
    boost::asio::awaitable<CarrierStatus> status(CallControlId leg) override;

private:
    CarrierWorld& world_;
    fakes::ManualClock& clock_;
    Sabotage sabotage_;
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

// "call|sequence|event|id": what the checker reads.
class SimEncoder final : public ports::EventEncoder {
public:
    [[nodiscard]] std::string encode(const Call& call, const PublicEvent& event) const override;
};

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
               std::uint64_t seed, Sabotage sabotage);

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
