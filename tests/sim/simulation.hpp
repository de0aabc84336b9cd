#pragma once
// SPDX-License-Identifier: Apache-2.0
// One seeded run: calls, requests of the API, faults and crashes are drawn from the seed, so a
// failing seed is a reproduction.
#include "tests/sim/sim_process.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::sim {

struct RunOptions {
    std::uint64_t seed = 1;
    Sabotage sabotage = Sabotage::none;
    unsigned calls = 6;                // that ring
    unsigned dials = 4;                // that we are asked to place
    unsigned crash_percent = 2;        // per tick of trouble
    unsigned store_fault_percent = 3;  // per write
    Chances chances = {};
};

// A request of the API and what its client was told.
struct Asked {
    enum class What : std::uint8_t { end, transfer, gather, place };
    enum class Answer : std::uint8_t {
        none,         // the connection was cut, or it is still open
        accepted,     // 2xx
        refused,      // 422: the carrier will not
        unknown,      // 502
        not_allowed,  // 409
        error,        // 503: nothing is promised
    };
    What what = What::end;
    CallId call;
    std::string mark;  // destination, prompt or number; no other request has it
    unsigned process = 0;
    Answer answer = Answer::none;
};

// What the customer heard of one call: each event once.
struct Told {
    std::map<unsigned, EventFields> by_sequence;
    std::vector<unsigned> order;  // of their first arrival
    [[nodiscard]] unsigned count(std::string_view event, std::string_view destination = {}) const;
};

class Simulation {
public:
    explicit Simulation(RunOptions options);
    // The violations found; empty when every promise was kept.
    std::vector<std::string> run();
    // After the run: all that was seen from outside, in order.
    [[nodiscard]] const std::string& history() const { return history_; }
    [[nodiscard]] const CarrierWorld& world() const { return world_; }
    [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
    [[nodiscard]] std::vector<ports::TimelineRow> timeline(CallId id) {
        return ask_store(static_cast<ports::CallStore&>(store_).timeline(id, 0, 1'000));
    }

private:
    using Faults = std::vector<std::string>;

    void tick();
    void trouble();
    void deliver_mail();
    void maybe_ask();
    void ask(Asked::What what);
    [[nodiscard]] CallId some_call();
    void maybe_set_clock();
    void crash();
    void begin_process();
    void bury();
    boost::asio::awaitable<void> deliver(SimProcess* to, Mail mail);
    boost::asio::awaitable<void> carry(SimProcess* to, std::size_t request);
    // What keeps the run from being over; empty when nothing does.
    [[nodiscard]] std::string unrest();

    Faults check();
    [[nodiscard]] std::string tell_history() const;
    void check_legs(Faults& faults);
    void check_calls(Faults& faults);
    void check_call(const Call& call, Faults& faults);
    void check_times(const Call& call, const Leg& leg, Faults& faults);
    void check_ending(const Call& call, const Leg& leg, Faults& faults);
    void check_transferred(const Call& call, Faults& faults);
    void check_events(Faults& faults);
    void hear(Faults& faults);
    void check_webhooks(Faults& faults);
    void check_commands(Faults& faults);
    void check_sent(Faults& faults);
    void check_requests(Faults& faults);
    void check_wish(const Asked& asked, Faults& faults);
    [[nodiscard]] unsigned executed(CommandKind kind, const std::string& mark) const;
    [[nodiscard]] bool was_asked(Asked::What what, CallId call) const;
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
    std::deque<Asked> asked_;
    std::vector<Call> calls_;           // on record, when the run is over
    std::map<std::string, Told> told_;  // by public id
    std::string history_;
    std::chrono::seconds wall_ahead_{0};
    bool set_back_ = false;  // the wall clock, at least once
    unsigned processes_ = 0;
    unsigned rung_ = 0;
    unsigned placed_ = 0;
};

}  // namespace gw::sim
