// What the carrier was told to do, and what the clients of the API were told of it.
#include "gateway/domain/words.hpp"
#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <set>

namespace gw::sim {

namespace {

// All that a repetition must have in common with the first request.
std::string bytes_of(const SendCommand& command) {
    std::string out(word_of(command.kind));
    out +=
        '|' + command.call_control_id.value() + '|' + command.reject_cause + '|' + mark_of(command);
    if (const auto* transfer = std::get_if<TransferOrder>(&command.order)) {
        out += '|' + std::to_string(transfer->number);
    } else if (const auto* gather = std::get_if<GatherOrder>(&command.order)) {
        out += '|' + std::to_string(gather->number) + '|' + gather->spec.terminator;
    } else if (const auto* dial = std::get_if<DialOrder>(&command.order)) {
        out += '|' + dial->from + '|' + dial->machine_detection;
    }
    return out;
}

bool is_wish(CommandKind kind) {
    return kind == CommandKind::transfer || kind == CommandKind::gather ||
           kind == CommandKind::dial;
}

}  // namespace

unsigned Simulation::executed(CommandKind kind, const std::string& mark) const {
    return static_cast<unsigned>(std::count_if(
        world_.executed().begin(), world_.executed().end(),
        [&](const Executed& done) { return done.kind == kind && done.mark == mark; }));
}

bool Simulation::was_asked(Asked::What what, CallId call) const {
    return std::any_of(asked_.begin(), asked_.end(), [&](const Asked& asked) {
        return asked.what == what && asked.call == call;
    });
}

// Nothing is carried out twice.
void Simulation::check_commands(Faults& faults) {
    std::map<std::string, unsigned> times;
    for (const Executed& done : world_.executed()) {
        const std::string name =
            std::string(word_of(done.kind)) + " of " +
            (is_wish(done.kind) ? to_public(done.call) + " to " + done.mark : done.leg.value());
        if (++times[name] == 2) {
            faults.push_back(name + " was carried out twice");
        }
    }
}

// A repetition is the same request, comes while the carrier knows it, and a dial's is never
// another process's.
void Simulation::check_sent(Faults& faults) {
    std::map<CommandId, const Sent*> first;
    std::map<CallId, CommandId> dials;
    for (const Sent& sent : world_.sent()) {
        const SendCommand& command = sent.command;
        const Sent& before = *first.try_emplace(command.command_id, &sent).first->second;
        if (bytes_of(command) != bytes_of(before.command)) {
            faults.push_back(command.command_id.value() + " changed between requests");
        }
        if (is_wish(command.kind) && sent.at - before.at >= std::chrono::seconds{60}) {
            faults.push_back(command.command_id.value() + " was repeated after the carrier forgot");
        }
        if (command.kind != CommandKind::dial) {
            continue;
        }
        if (sent.process != before.process) {
            faults.push_back(to_public(sent.call) + " was dialled by a later process");
        }
        if (dials.try_emplace(sent.call, command.command_id).first->second != command.command_id) {
            faults.push_back(to_public(sent.call) + " was dialled anew");
        }
    }
}

void Simulation::check_requests(Faults& faults) {
    for (const Asked& asked : asked_) {
        if (asked.answer == Asked::Answer::none && asked.process == process_->number) {
            faults.push_back("request " + asked.mark + " got no answer");
        }
        check_wish(asked, faults);
    }
}

// What the client was told is what became of it.
void Simulation::check_wish(const Asked& asked, Faults& faults) {
    const bool accepted = asked.answer == Asked::Answer::accepted;
    if (asked.what == Asked::What::place) {
        const auto made = std::count_if(calls_.begin(), calls_.end(),
                                        [&](const Call& call) { return call.to == asked.mark; });
        if (made > 1 || (accepted && made != 1)) {
            faults.push_back("the call to " + asked.mark + " is on record " + std::to_string(made) +
                             " times");
        }
        return;
    }
    if (asked.what == Asked::What::end) {
        return;  // see check_ending
    }
    const bool transfer = asked.what == Asked::What::transfer;
    const unsigned done =
        executed(transfer ? CommandKind::transfer : CommandKind::gather, asked.mark);
    if (accepted && done == 0) {
        faults.push_back("request " + asked.mark + " was accepted and never carried out");
    }
    const bool denied =
        asked.answer == Asked::Answer::refused || asked.answer == Asked::Answer::not_allowed;
    if (denied && done != 0) {
        faults.push_back("request " + asked.mark + " was refused and carried out");
    }
}

std::string Simulation::tell_history() const {
    std::string out;
    for (const Asked& asked : asked_) {
        out += "asked " + asked.mark + ' ' + to_public(asked.call) + ' ' +
               std::to_string(static_cast<int>(asked.answer)) + '\n';
    }
    for (const Sent& sent : world_.sent()) {
        out += "sent " + to_rfc3339_micros(sent.at) + ' ' + bytes_of(sent.command) + '\n';
    }
    for (const Received& received : world_.received()) {
        out += "told " + to_rfc3339_micros(received.at) + ' ' + received.body + '\n';
    }
    return out;
}

}  // namespace gw::sim
