#pragma once
// SPDX-License-Identifier: Apache-2.0
// One seeded run: calls, faults and crashes are drawn from the seed, so a failing seed is a
// reproduction.
#include "tests/sim/sim_process.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gw::sim {

struct RunOptions {
    std::uint64_t seed = 1;
    Sabotage sabotage = Sabotage::none;
    unsigned calls = 6;
    unsigned crash_percent = 2;        // per tick of trouble
    unsigned store_fault_percent = 3;  // per write
};

class Simulation {
public:
    explicit Simulation(RunOptions options);
    // The violations found; empty when every promise was kept.
    std::vector<std::string> run();

private:
    void tick();
    void deliver_mail();
    void maybe_end_a_call();
    void crash();
    void begin_process();
    void bury();
    boost::asio::awaitable<void> deliver(SimProcess* to, Mail mail);
    boost::asio::awaitable<void> end_call(SimProcess* at, CallId id);
    [[nodiscard]] bool at_rest();
    std::vector<std::string> check();
    void check_calls(std::vector<std::string>& faults);
    void check_webhooks(std::vector<std::string>& faults);
    void check_commands(std::vector<std::string>& faults);
    template <class T>
    T ask_store(boost::asio::awaitable<Result<T>> question);

    RunOptions options_;
    boost::asio::io_context idle_;  // for looking into the store
    fakes::ManualClock clock_{idle_};
    fakes::MemoryStore store_;
    CarrierWorld world_;
    std::mt19937_64 random_;
    std::unique_ptr<SimProcess> process_;
    std::vector<std::unique_ptr<SimProcess>>
        crashed_;  // abandoned: nothing of them runs until the run is over
    std::map<EventId, Mail> in_flight_;
    std::map<CallId, UtcTime> ends_accepted_;
    unsigned rung_ = 0;
};

}  // namespace gw::sim
