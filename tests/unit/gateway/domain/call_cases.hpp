#pragma once
// SPDX-License-Identifier: Apache-2.0
// Calls and inputs by name, for the table and the property tests of the state machine.
#include "gateway/domain/apply.hpp"
#include "gateway/domain/words.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gw::cases {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline const UtcTime t0 = *parse_rfc3339("2026-01-15T10:00:00Z");  // carrier's clock and ours

inline CarrierEvent event(CarrierEventType type, std::string word, seconds after, std::string id) {
    CarrierEvent e;
    e.id = EventId{std::move(id)};
    e.type = type;
    e.type_word = std::move(word);
    e.occurred_at = t0 + after;
    e.call_control_id = CallControlId{"v3:leg-a"};
    e.call_leg_id = CallLegId{"leg-a"};
    e.call_session_id = CallSessionId{"session"};
    e.from = "+31612345678";
    e.to = "+31850012345";
    return e;
}

inline CarrierEvent initiated() {
    CarrierEvent e =
        event(CarrierEventType::initiated, "call.initiated", seconds{0}, "e-initiated");
    e.direction = Direction::inbound;
    e.start_time = t0;
    return e;
}
inline CarrierEvent answered() {
    return event(CarrierEventType::answered, "call.answered", seconds{2}, "e-answered");
}
inline CarrierEvent dtmf(std::string digit, seconds after) {
    CarrierEvent e = event(CarrierEventType::dtmf, "call.dtmf.received", after, "e-dtmf-" + digit);
    e.digit = std::move(digit);
    return e;
}
inline CarrierEvent hangup(HangupCause cause, HangupSource source, seconds after = seconds{129}) {
    CarrierEvent e = event(CarrierEventType::hangup, "call.hangup", after, "e-hangup");
    e.hangup_cause = cause;
    e.hangup_source = source;
    e.end_time = e.occurred_at;
    return e;
}
inline CarrierEvent cost() {
    CarrierEvent e = event(CarrierEventType::cost, "call.cost", seconds{130}, "e-cost");
    e.carrier_cost = MicroMoney{6800};
    return e;
}
inline CarrierEvent other() {
    return event(CarrierEventType::other, "streaming.started", seconds{3}, "e-other");
}

// The leg that a transfer makes.
inline CarrierEvent on_target(CarrierEvent e, std::uint32_t number = 1) {
    e.id = EventId{e.id.value() + "-target-" + std::to_string(number)};
    e.call_control_id = CallControlId{"v3:leg-b" + std::to_string(number)};
    e.call_leg_id = CallLegId{"leg-b" + std::to_string(number)};
    e.direction = Direction::outbound;
    e.tag = {.call = CallId{1}, .transfer = number};
    return e;
}
inline CarrierEvent target_initiated() {
    CarrierEvent e = initiated();
    e.occurred_at = t0 + seconds{21};
    return on_target(e);
}
inline CarrierEvent target_answered() {
    CarrierEvent e = answered();
    e.occurred_at = t0 + seconds{31};
    return on_target(e);
}
inline CarrierEvent target_hangup(HangupCause cause, seconds after = seconds{40}) {
    return on_target(hangup(cause, HangupSource::callee, after));
}
inline CarrierEvent gather_ended(std::string digits, bool valid, seconds after = seconds{30}) {
    CarrierEvent e = event(CarrierEventType::gather_ended, "call.gather.ended", after, "e-gather");
    e.digits = std::move(digits);
    e.gather_valid = valid;
    return e;
}
inline CarrierEvent machine() {
    CarrierEvent e = event(CarrierEventType::machine_detected, "call.machine.detection.ended",
                           seconds{4}, "e-machine");
    e.machine = true;
    return e;
}
inline CarrierEvent human() {
    CarrierEvent e = machine();
    e.id = EventId{"e-human"};
    e.machine = false;
    return e;
}
inline TransferRequested transfer_to(std::string number = "+31850099999") {
    return {.request_id = "r", .destination = std::move(number)};
}
inline GatherRequested gather_of() {
    GatherRequested wish{.request_id = "r", .spec = {}};
    wish.spec.prompt = "Your number, please.";
    return wish;
}

inline NewOutboundCall new_outbound() {
    NewOutboundCall birth;
    birth.id = CallId{1};
    birth.nonce = {.high = 1, .low = 2};
    birth.terms.agent_id = AgentId{7};
    birth.terms.agent_public_id = "agent_28c51f81";
    birth.terms.project_id = ProjectId{1};
    birth.terms.org_id = OrgId{42};
    birth.terms.rates.rate = {250'000};
    birth.order.to = "+31612345678";
    birth.order.from = "+31850012345";
    return birth;
}

inline NewCall new_call(std::optional<Refusal> refusal = std::nullopt) {
    NewCall birth;
    birth.id = CallId{1};
    birth.nonce = {.high = 1, .low = 2};
    birth.terms.agent_id = AgentId{7};
    birth.terms.agent_public_id = "agent_28c51f81";
    birth.terms.project_id = ProjectId{1};
    birth.terms.org_id = OrgId{42};
    birth.terms.rates.rate = {250'000};
    birth.terms.rates.call_rate = {220'000};
    birth.terms.refusal = refusal;
    return birth;
}

inline Call ringing() {
    return begin_call(new_call(), initiated(), t0).call;
}

template <class What>
Call after(Call call, What what, UtcTime at) {
    return apply(std::move(call), Input{.at = at, .what = std::move(what)}).call;
}

inline CommandResult result(CommandKind kind, CommandOutcome outcome) {
    return {.command_id = CommandId{"c"},
            .kind = kind,
            .outcome = outcome,
            .detail = {},
            .attempts = 1};
}

// One word per effect: "answer", "ask-carrier", "call.started".
inline std::string words_of(const std::vector<Effect>& effects) {
    std::string out;
    for (const Effect& effect : effects) {
        if (!out.empty()) {
            out += ' ';
        }
        if (const auto* command = std::get_if<SendCommand>(&effect)) {
            out += word_of(command->kind);
            if (!command->reject_cause.empty() && command->kind == CommandKind::reject) {
                out += ":" + command->reject_cause;
            }
        } else if (const auto* told = std::get_if<PublicEvent>(&effect)) {
            out += word_of(told->type);
            if (told->type == PublicEventType::call_gather_completed) {
                out += told->input ? ":" + *told->input : std::string(":timeout");
            }
            if (!told->reason.empty()) {
                out += ":" + told->reason;
            }
        } else if (const auto* refused = std::get_if<Refused>(&effect)) {
            out += "refused:" + std::string(word_of(refused->why));
        } else {
            out += "ask-carrier";
        }
    }
    return out.empty() ? "-" : out;
}

}  // namespace gw::cases
