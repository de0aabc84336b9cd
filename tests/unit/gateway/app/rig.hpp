#pragma once
// SPDX-License-Identifier: Apache-2.0
// The application over fakes without any trouble: what a test does not cause does not happen.
#include "tests/sim/sim_process.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace gw::app::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr sim::Chances no_trouble{.duplicate = 0,
                                         .delay = 0,
                                         .lost = 0,
                                         .command_fails = 0,
                                         .reply_lost = 0,
                                         .refused = 0,
                                         .reply_late = 0,
                                         .status_unknown = 0,
                                         .customer_refuses = 0,
                                         .stays_alone = 0,
                                         .late = 0,
                                         .outage = 0,
                                         .untagged = 0};

class Rig : public ::testing::Test {
protected:
    explicit Rig(ports::Tier tier = ports::Tier::enterprise, sim::Chances chances = no_trouble)
        : world(clock, 1, chances) {
        ports::DirectoryContent content = sim::sim_directory();
        content.orgs.front().tier = tier;
        static_cast<ports::DirectoryStore&>(store).seed(content);
        start();
    }
    ~Rig() override { stop(); }

    void start() {
        process = std::make_unique<sim::SimProcess>(clock, store, world, 1, sim::Sabotage::none);
        clock.settle();
    }
    void stop() {
        if (process) {
            wait(process->stop());
            process.reset();
            clock.move_into(none);
        }
    }
    void restart() {
        stop();
        store.reopen();
        start();
    }

    // Runs a coroutine of the application to its end while time passes.
    template <class T>
    T wait(boost::asio::awaitable<T> task) {
        std::optional<T> value;
        boost::asio::co_spawn(process->io, std::move(task),
                              [&](std::exception_ptr, T result) { value = std::move(result); });
        for (int i = 0; i < 10'000 && !value; ++i) {
            clock.advance(milliseconds{10});
        }
        return std::move(value).value();
    }
    void wait(boost::asio::awaitable<void> task) {
        bool done = false;
        boost::asio::co_spawn(process->io, std::move(task),
                              [&](std::exception_ptr) { done = true; });
        for (int i = 0; i < 10'000 && !done; ++i) {
            clock.advance(milliseconds{10});
        }
        ASSERT_TRUE(done);
    }
    Result<Intake> take(CarrierEvent event) {
        return wait(process->registry.take(std::move(event)));
    }

    CarrierEvent event(CarrierEventType type, std::string word, std::string leg = "v3:1") {
        CarrierEvent e;
        e.id = EventId{"e" + std::to_string(++events_)};
        e.type = type;
        e.type_word = std::move(word);
        e.occurred_at = clock.utc();
        e.call_control_id = CallControlId{std::move(leg)};
        e.connection_id = "1";
        e.from = "+31612345678";
        e.to = "+31850012345";
        e.raw = "{}";
        if (type == CarrierEventType::initiated) {
            e.direction = Direction::inbound;
        }
        if (type == CarrierEventType::hangup) {
            e.hangup_cause = HangupCause::normal_clearing;
            e.hangup_source = HangupSource::caller;
        }
        return e;
    }
    CarrierEvent initiated(std::string leg = "v3:1") {
        return event(CarrierEventType::initiated, "call.initiated", std::move(leg));
    }
    CarrierEvent answered(std::string leg = "v3:1") {
        return event(CarrierEventType::answered, "call.answered", std::move(leg));
    }
    CarrierEvent hangup(std::string leg = "v3:1") {
        return event(CarrierEventType::hangup, "call.hangup", std::move(leg));
    }
    // A call whose leg the carrier knows, so that commands and questions about it have an answer.
    void ring(const std::string& number = "1") {
        world.ring(number);
        clock.advance(milliseconds{50});
        for (sim::Mail& mail : world.due()) {
            ASSERT_TRUE(take(std::move(mail.event)));
        }
    }
    Call call(std::int64_t id = 1) {
        const auto loaded = wait(static_cast<ports::CallStore&>(store).load(CallId{id}));
        return loaded.value().value();
    }
    std::vector<std::string> told() {
        std::vector<std::string> words;
        for (const sim::Received& received : world.received()) {
            const std::size_t at = received.body.find('|', received.body.find('|') + 1) + 1;
            words.push_back(received.body.substr(at, received.body.find('|', at) - at));
        }
        return words;
    }
    ports::ProjectScope scope(std::int64_t project = 1) {
        ports::ProjectScope s;
        s.projects.push_back(ProjectId{project});
        return s;
    }

    boost::asio::io_context none;
    fakes::ManualClock clock{none};
    fakes::MemoryStore store;
    sim::CarrierWorld world;
    std::unique_ptr<sim::SimProcess> process;

private:
    int events_ = 0;
};

}  // namespace gw::app::testing
