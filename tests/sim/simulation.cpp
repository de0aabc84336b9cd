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
// The wall clock is off by at most so much. Two such errors together stay below the difference
// between the age at which a wish is not repeated (45 s) and the carrier's memory (60 s).
constexpr int wall_error_max_s = 7;

}  // namespace

Simulation::Simulation(RunOptions options)
    : options_(options),
      world_(clock_, options.seed, options.chances),
      random_(options.seed ^ 0x5EEDULL) {
    ports::DirectoryContent content = sim_directory();
    content.agents.front().hang_up_on_voicemail = options.seed % 3 == 0;
    static_cast<ports::DirectoryStore&>(store_).seed(content);
    world_.play_wishes();
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
        process_ = std::make_unique<SimProcess>(clock_, store_, world_, random_(),
                                                options_.sabotage, ++processes_);
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

void Simulation::deliver_mail() {
    for (Mail& mail : world_.due()) {
        in_flight_.insert_or_assign(mail.event.id, mail);
        process_->tasks.spawn(deliver(process_.get(), std::move(mail)));
    }
}

void Simulation::maybe_set_clock() {
    if (random_() % 500 == 0) {
        const seconds ahead{static_cast<int>(random_() % (2 * wall_error_max_s + 1)) -
                            wall_error_max_s};
        set_back_ = set_back_ || ahead < wall_ahead_;
        clock_.set_wall(ahead - wall_ahead_);
        wall_ahead_ = ahead;
    }
}

void Simulation::tick() {
    world_.step();
    deliver_mail();
    clock_.advance(tick_length);
}

std::string Simulation::unrest() {
    std::string why;
    for (const auto& [id, leg] : world_.legs()) {
        if (!leg.ended_at) {
            why += " leg " + id.value() + " lives;";
        }
    }
    if (!world_.quiet() || !in_flight_.empty()) {
        why += " events are on their way;";
    }
    if (process_->registry.live_count() > 0) {
        why += " calls live;";
    }
    if (!ask_store(static_cast<ports::CallStore&>(store_).owed_commands()).empty()) {
        why += " commands are owed;";
    }
    if (!ask_store(store_.owed_endpoints(std::nullopt, 1)).empty()) {
        why += " webhooks are owed;";
    }
    return why;
}

void Simulation::trouble() {
    if (rung_ < options_.calls && random_() % 20 == 0) {
        world_.ring(std::to_string(++rung_));
    }
    maybe_ask();
    maybe_set_clock();
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

std::vector<std::string> Simulation::run() {
    const UtcTime trouble_end = world_.now() + trouble_length;
    while (world_.now() < trouble_end) {
        trouble();
    }
    world_.be_kind();
    store_.set_write_faults({});
    const UtcTime calm_end = world_.now() + calm_max;
    std::string why = unrest();
    while (world_.now() < calm_end && !why.empty()) {
        for (int i = 0; i < 10; ++i) {
            tick();
        }
        why = unrest();
    }
    std::vector<std::string> faults = check();
    history_ = tell_history();
    if (!why.empty()) {
        faults.push_back("it does not come to rest:" + why);
    }
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
