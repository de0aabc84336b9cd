#include "tests/sim/simulation.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <array>

namespace gw::sim {
namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr milliseconds tick_length{100};
constexpr seconds trouble_length{120};
constexpr minutes calm_max{15};

}  // namespace

Simulation::Simulation(RunOptions options)
    : options_(options),
      world_(clock_, options.seed, Chances{}),
      random_(options.seed ^ 0x5EEDULL) {
    static_cast<ports::DirectoryStore&>(store_).seed(sim_directory());
    store_.set_write_faults([this](std::uint64_t) -> std::optional<fakes::WriteFault> {
        if (random_() % 100 >= options_.store_fault_percent) {
            return std::nullopt;
        }
        constexpr std::array faults{fakes::WriteFault::full, fakes::WriteFault::unavailable,
                                    fakes::WriteFault::outcome_unknown};
        return faults[random_() % faults.size()];
    });
    begin_process();
}

void Simulation::begin_process() {
    do {
        if (process_) {
            crashed_.push_back(std::move(process_));
        }
        process_ =
            std::make_unique<SimProcess>(clock_, store_, world_, random_(), options_.sabotage);
        clock_.settle();
    } while (!process_->started);
}

void Simulation::crash() {
    for (auto& [id, mail] : in_flight_) {
        world_.redeliver(mail, seconds{1});
    }
    in_flight_.clear();
    store_.reopen();
    begin_process();
}

asio::awaitable<void> Simulation::deliver(SimProcess* to, Mail mail) {
    if (options_.sabotage == Sabotage::lose_event &&
        mail.event.type != CarrierEventType::initiated && world_.chance(20)) {
        world_.note_accepted(mail.event.id);
        in_flight_.erase(mail.event.id);
        co_return;
    }
    const EventId id = mail.event.id;
    const auto taken = co_await to->registry.take(mail.event);
    if (to != process_.get()) {
        co_return;  // it crashed before it could answer
    }
    in_flight_.erase(id);
    if (taken) {
        world_.note_accepted(id);
    } else {
        world_.redeliver(std::move(mail), seconds{1});
    }
}

asio::awaitable<void> Simulation::end_call(SimProcess* at, CallId id) {
    ports::ProjectScope scope;
    scope.projects.push_back(ProjectId{1});
    const auto outcome = co_await at->calls.end(std::move(scope), id, "request");
    if (at == process_.get() && outcome && *outcome == app::EndOutcome::accepted) {
        ends_accepted_.emplace(id, clock_.utc());
    }
}

void Simulation::deliver_mail() {
    for (Mail& mail : world_.due()) {
        in_flight_.insert_or_assign(mail.event.id, mail);
        process_->tasks.spawn(deliver(process_.get(), std::move(mail)));
    }
}

void Simulation::maybe_end_a_call() {
    if (random_() % 100 == 0 && rung_ > 0) {
        process_->tasks.spawn(
            end_call(process_.get(), CallId{static_cast<std::int64_t>(1 + random_() % rung_)}));
    }
}

void Simulation::tick() {
    world_.step();
    deliver_mail();
    clock_.advance(tick_length);
}

bool Simulation::at_rest() {
    const auto owed = ask_store(static_cast<ports::CallStore&>(store_).owed_commands());
    const auto pending =
        ask_store(store_.due(clock_.utc() + std::chrono::hours{48}, std::nullopt, 1));
    return world_.quiet() && process_->registry.live_count() == 0 && owed.empty() &&
           pending.empty() && in_flight_.empty();
}

std::vector<std::string> Simulation::run() {
    const UtcTime trouble_end = clock_.utc() + trouble_length;
    while (clock_.utc() < trouble_end) {
        if (rung_ < options_.calls && random_() % 20 == 0) {
            world_.ring(std::to_string(++rung_));
        }
        maybe_end_a_call();
        if (random_() % 100 < options_.crash_percent) {
            // Some of what is ready runs, then the process is gone.
            world_.step();
            deliver_mail();
            process_->io.restart();
            for (auto steps = random_() % 40; steps > 0 && process_->io.poll_one() > 0; --steps) {
            }
            crash();
        }
        tick();
    }
    world_.be_kind();
    store_.set_write_faults({});
    const UtcTime calm_end = clock_.utc() + calm_max;
    while (clock_.utc() < calm_end && !at_rest()) {
        for (int i = 0; i < 10; ++i) {
            tick();
        }
    }
    std::vector<std::string> faults = check();
    crashed_.push_back(std::move(process_));
    bury();
    return faults;
}

// Nothing counts any more; the coroutines end so that their processes can be destroyed.
void Simulation::bury() {
    for (const auto& process : crashed_) {
        clock_.move_into(process->io);
        bool stopped = false;
        asio::co_spawn(process->io, process->stop(), [&](std::exception_ptr) { stopped = true; });
        while (!stopped) {
            clock_.advance(tick_length);
        }
    }
    crashed_.clear();
}

}  // namespace gw::sim
