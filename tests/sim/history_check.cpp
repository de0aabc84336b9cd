// What must hold after every run, whatever was drawn: the promises, compared with what the carrier
// and the customer saw.
#include "tests/sim/simulation.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace gw::sim {

template <class T>
T Simulation::ask_store(boost::asio::awaitable<Result<T>> question) {
    idle_.restart();
    std::optional<T> answer;
    boost::asio::co_spawn(idle_, std::move(question), [&](std::exception_ptr, Result<T> result) {
        answer = std::move(result).value();
    });
    idle_.run();
    return std::move(*answer);
}

template std::vector<ports::OwedCommand> Simulation::ask_store(
    boost::asio::awaitable<Result<std::vector<ports::OwedCommand>>>);
template std::vector<ports::PendingDelivery> Simulation::ask_store(
    boost::asio::awaitable<Result<std::vector<ports::PendingDelivery>>>);

std::vector<std::string> Simulation::check() {
    std::vector<std::string> faults;
    check_calls(faults);
    check_webhooks(faults);
    check_commands(faults);
    return faults;
}

void Simulation::check_calls(std::vector<std::string>& faults) {
    auto& store = static_cast<ports::CallStore&>(store_);
    std::set<EventId> kept;
    for (const auto& [id, leg] : world_.legs()) {
        const auto found = ask_store(store.load_by_leg(id));
        if (!found) {
            faults.push_back("leg " + id.value() + " has no call");
            continue;
        }
        const Call& call = found->call;
        kept.insert(found->seen.begin(), found->seen.end());
        const std::string name = to_public(call.id);
        if (!call.is_final()) {
            faults.push_back(name + " never ended");
            continue;
        }
        if (std::set<EventId>(found->seen.begin(), found->seen.end()).size() !=
            found->seen.size()) {
            faults.push_back(name + " has an event twice");
        }
        // A call.answered that comes more than settle_ms after the call.hangup is too late for the
        // record.
        const bool answer_came_late = !call.started_at && call.hangup;
        if (leg.answered_at && call.started_at != leg.answered_at && !answer_came_late) {
            faults.push_back(name + " started at another time than the carrier says");
        }
        if (!leg.answered_at && call.started_at) {
            faults.push_back(name + " was never answered but says so");
        }
        const bool told_by_carrier = call.closed_by == ClosedBy::webhook || call.gone;
        if (told_by_carrier && call.ended_at != leg.ended_at) {
            faults.push_back(name + " ended at another time than the carrier says");
        }
        // Of two askers the first counts: the call may have been over its time already.
        const bool asked_before = call.ended_reason == EndedReason::max_duration;
        if (ends_accepted_.contains(call.id) && call.ended_reason != EndedReason::api &&
            !asked_before) {
            faults.push_back(name + " was ended by the API but does not say so");
        }
    }
    for (const EventId& id : world_.accepted()) {
        if (!kept.contains(id)) {
            faults.push_back(id.value() + " was answered 2xx and is on no timeline");
        }
    }
    if (!ask_store(store.parked()).empty()) {
        faults.push_back("parked events were left");
    }
    if (!ask_store(store.load_live()).empty()) {
        faults.push_back("a ghost: a live call in the store");
    }
}

void Simulation::check_webhooks(std::vector<std::string>& faults) {
    struct Told {
        std::map<unsigned, WebhookEventId> by_sequence;
        unsigned terminal = 0;
        std::vector<unsigned> first_order;
    };
    std::map<std::string, Told> calls;
    std::map<WebhookEventId, std::string> bodies;
    for (const Received& received : world_.received()) {
        const auto [known, fresh] = bodies.emplace(received.id, received.body);
        if (!fresh) {
            if (known->second != received.body) {
                faults.push_back(received.id.value() + " changed between attempts");
            }
            continue;
        }
        std::istringstream in(received.body);
        std::string call, sequence_text, event, id;
        std::getline(in, call, '|');
        std::getline(in, sequence_text, '|');
        std::getline(in, event, '|');
        std::getline(in, id, '|');
        unsigned sequence = 0;
        std::from_chars(sequence_text.data(), sequence_text.data() + sequence_text.size(),
                        sequence);
        Told& told = calls[call];
        if (!told.by_sequence.emplace(sequence, received.id).second) {
            faults.push_back(call + " has two events with sequence " + sequence_text);
        }
        told.first_order.push_back(sequence);
        told.terminal += event == "call.ended" || event == "call.failed";
    }
    if (calls.size() != world_.legs().size()) {
        faults.push_back("calls the customer never heard of");
    }
    for (const auto& [call, told] : calls) {
        if (told.terminal != 1) {
            faults.push_back(call + " has " + std::to_string(told.terminal) + " terminal events");
        }
        if (told.by_sequence.rbegin()->first != told.by_sequence.size()) {
            faults.push_back(call + " has a gap in its sequence");
        }
        if (!std::is_sorted(told.first_order.begin(), told.first_order.end())) {
            std::string order;
            for (const unsigned sequence : told.first_order) {
                order += ' ' + std::to_string(sequence);
            }
            faults.push_back(call + " was told out of order:" + order);
        }
    }
}

void Simulation::check_commands(std::vector<std::string>& faults) {
    std::map<std::pair<CallControlId, CommandKind>, unsigned> executed;
    for (const Executed& command : world_.executed()) {
        if (++executed[{command.leg, command.kind}] == 2) {
            faults.push_back(command.leg.value() + " got a command twice");
        }
    }
}

}  // namespace gw::sim
