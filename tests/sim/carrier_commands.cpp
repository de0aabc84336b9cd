// What our commands make of the legs. A wish that is carried out gets its fate drawn here.
#include "tests/sim/carrier_world.hpp"

#include <algorithm>
#include <array>

namespace gw::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// REFERENCE of the carrier: a command_id is known for so long; after that it is a new command.
constexpr seconds memory{60};
constexpr std::uint64_t for_ever_ms = 24ULL * 3600 * 1000;

bool is_wish(CommandKind kind) {
    switch (kind) {
        case CommandKind::transfer:
        case CommandKind::gather:
        case CommandKind::dial:
            return true;
        case CommandKind::answer:
        case CommandKind::reject:
        case CommandKind::hangup:
        case CommandKind::hangup_target:
            return false;
    }
    return false;
}

}  // namespace

std::string mark_of(const SendCommand& command) {
    if (const auto* transfer = std::get_if<TransferOrder>(&command.order)) {
        return transfer->to;
    }
    if (const auto* gather = std::get_if<GatherOrder>(&command.order)) {
        return gather->spec.prompt;
    }
    const auto* dial = std::get_if<DialOrder>(&command.order);
    return dial ? dial->to : std::string();
}

CommandResult CarrierWorld::execute(CallId call, const SendCommand& command, unsigned process) {
    CommandResult result;
    result.command_id = command.command_id;
    result.kind = command.kind;
    if (wishes_ && (is_wish(command.kind) || command.kind == CommandKind::hangup_target)) {
        asked_for_.push_back(command);
        result.outcome = *wishes_;
        return result;
    }
    sent_.push_back({.call = call, .command = command, .process = process, .at = now()});
    result.outcome = CommandOutcome::unknown;
    if (is_away() || (!kind_ && chance(chances_.command_fails))) {
        return result;
    }
    const CommandOutcome outcome = carry_out(call, command, result);
    const bool lost = !kind_ && chance(chances_.reply_lost);
    result.outcome = lost ? CommandOutcome::unknown : outcome;
    result.detail = outcome == CommandOutcome::refused ? "10015 Bad value: drawn" : "";
    return result;
}

CommandOutcome CarrierWorld::carry_out(CallId call, const SendCommand& command,
                                       CommandResult& result) {
    const auto known = remembered_.find(command.command_id);
    if (known != remembered_.end() && now() - known->second.at < memory) {
        // What a repetition is answered is not documented: it need not have the ids.
        if (!known->second.dialled.value().empty() && chance(50)) {
            const Leg& leg = legs_.at(known->second.dialled);
            result.leg = leg.id;
            result.call_leg_id = CallLegId{"leg-of-" + leg.id.value()};
            result.call_session_id = leg.session;
        }
        return CommandOutcome::accepted;
    }
    if (command.kind == CommandKind::dial) {
        return dial(call, command, result);
    }
    const auto leg = legs_.find(command.call_control_id);
    if (leg == legs_.end() || leg->second.ended_at) {
        return CommandOutcome::call_gone;
    }
    return act(leg->second, call, command);
}

void CarrierWorld::note(const CallControlId& leg, CallId call, const SendCommand& command,
                        std::string mark) {
    Memory memory_of{.at = now(), .dialled = {}};
    if (command.kind == CommandKind::dial) {
        memory_of.dialled = leg;
    }
    remembered_.insert_or_assign(command.command_id, memory_of);
    executed_.push_back({.leg = leg,
                         .kind = command.kind,
                         .id = command.command_id,
                         .call = call,
                         .mark = std::move(mark)});
}

CommandOutcome CarrierWorld::act(Leg& leg, CallId call, const SendCommand& command) {
    if (command.kind == CommandKind::transfer) {
        return transfer(leg, call, command);
    }
    if (command.kind == CommandKind::gather) {
        return gather(leg, call, command);
    }
    note(leg.id, call, command, {});
    if (command.kind != CommandKind::hangup_target) {
        leg.tag = {.call = call, .transfer = 0, .gather = 0};
    }
    const bool by_us_is_callee = leg.role == LegRole::caller;
    const HangupSource us = by_us_is_callee ? HangupSource::callee : HangupSource::caller;
    switch (command.kind) {
        case CommandKind::answer:
            if (!leg.answered_at) {
                answer(leg);
            }
            break;
        case CommandKind::reject:
            leg.refused = true;
            hang_up(leg, HangupCause::call_rejected, us);
            break;
        case CommandKind::hangup:
        case CommandKind::hangup_target:
            hang_up(leg,
                    leg.answered_at || by_us_is_callee ? HangupCause::normal_clearing
                                                       : HangupCause::originator_cancel,
                    us);
            break;
        case CommandKind::transfer:
        case CommandKind::gather:
        case CommandKind::dial:
            break;  // played elsewhere
    }
    return CommandOutcome::accepted;
}

Leg& CarrierWorld::make_leg(LegRole role, seconds ring) {
    Leg leg;
    leg.role = role;
    leg.id = CallControlId{"v3:made-" + std::to_string(++made_)};
    leg.rang_at = now();
    leg.patience_ms = static_cast<std::uint64_t>(milliseconds(ring).count());
    leg.impatience = chance(50) ? HangupCause::timeout : HangupCause::no_answer;
    leg.talk_ms = chance(40) ? for_ever_ms : draw(60'000);
    const std::uint64_t fate = draw(10);
    if (fate < 5) {
        leg.answers_after_ms = 200 + draw(12'000);
    } else if (fate < 9) {  // it ends before it is answered; else it rings out
        constexpr std::array causes{HangupCause::user_busy, HangupCause::call_rejected,
                                    HangupCause::not_found, HangupCause::unspecified};
        leg.impatience = causes[fate - 5];
        leg.patience_ms = 100 + draw(6'000);
    }
    return legs_.emplace(leg.id, leg).first->second;
}

void CarrierWorld::begin(Leg& leg) {
    CarrierEvent event = make(leg, CarrierEventType::initiated, "call.initiated");
    event.direction = Direction::outbound;
    event.start_time.reset();
    post(leg, std::move(event), true);
}

CommandOutcome CarrierWorld::dial(CallId call, const SendCommand& command, CommandResult& result) {
    if (!kind_ && chance(chances_.refused)) {
        return CommandOutcome::refused;
    }
    const auto& order = std::get<DialOrder>(command.order);
    Leg& leg = make_leg(LegRole::callee, order.ring);
    leg.session = CallSessionId{"session-of-" + leg.id.value()};
    leg.from = order.from;
    leg.to = order.to;
    leg.tag = {.call = call, .transfer = 0, .gather = 0};
    leg.keys = static_cast<unsigned>(draw(3));
    note(leg.id, call, command, order.to);
    begin(leg);
    result.leg = leg.id;
    result.call_leg_id = CallLegId{"leg-of-" + leg.id.value()};
    result.call_session_id = leg.session;
    return CommandOutcome::accepted;
}

CommandOutcome CarrierWorld::transfer(Leg& leg, CallId call, const SendCommand& command) {
    if (!leg.answered_at || (!kind_ && chance(chances_.refused))) {
        return CommandOutcome::refused;
    }
    const auto& order = std::get<TransferOrder>(command.order);
    Leg& target = make_leg(LegRole::target, order.ring);
    target.peer = leg.id;
    target.session = leg.session;
    target.from = leg.role == LegRole::caller ? leg.to : leg.from;
    target.to = order.to;
    target.tag = {.call = call, .transfer = order.number, .gather = 0};
    note(leg.id, call, command, order.to);
    begin(target);
    leg.tag = {.call = call, .transfer = 0, .gather = 0};
    // It proves nothing: media are joined while the target still rings.
    post(target, make(target, CarrierEventType::other, "call.bridged"), true);
    return CommandOutcome::accepted;
}

CommandOutcome CarrierWorld::gather(Leg& leg, CallId call, const SendCommand& command) {
    const bool collecting = std::any_of(gathers_.begin(), gathers_.end(), [&](const auto& other) {
        return other.leg == leg.id && !other.over;
    });
    if (!leg.answered_at || collecting || (!kind_ && chance(chances_.refused))) {
        return CommandOutcome::refused;
    }
    const auto& order = std::get<GatherOrder>(command.order);
    leg.tag = {.call = call, .transfer = 0, .gather = order.number};
    PlayedGather played;
    played.leg = leg.id;
    played.call = call;
    played.number = order.number;
    played.prompt = order.spec.prompt;
    played.terminator = order.spec.terminator;
    played.valid = chance(60);
    for (std::uint64_t keys = draw(4) + (played.valid ? 1 : 0); keys > 0; --keys) {
        played.digits += static_cast<char>('0' + draw(10));
    }
    const milliseconds longest = order.spec.timeout;
    played.ends_at =
        now() + (played.valid
                     ? milliseconds{100 + draw(static_cast<std::uint64_t>(longest.count()))}
                     : longest);
    gathers_.push_back(std::move(played));
    note(leg.id, call, command, order.spec.prompt);
    return CommandOutcome::accepted;
}

}  // namespace gw::sim
