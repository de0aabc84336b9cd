#pragma once
// SPDX-License-Identifier: Apache-2.0
// A call through its life: inputs one after the other, timers as they fall due, and what was told
// and ordered on the way.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gw::cases {

using What = decltype(Input::what);

struct Life {
    Call call;
    UtcTime at = t0 + seconds{20};
    std::vector<std::string> told;
    std::vector<SendCommand> commands;
    std::vector<CallControlId> asked;  // legs that the carrier was asked for

    void feed(What what) { take(apply(std::move(call), Input{.at = at, .what = std::move(what)})); }
    void take(Transition t) {
        call = std::move(t.call);
        for (const Effect& effect : t.effects) {
            if (const auto* event = std::get_if<PublicEvent>(&effect)) {
                std::string word(word_of(event->type));
                word += event->input ? ":" + *event->input : "";
                told.push_back(word + (event->reason.empty() ? "" : ":" + event->reason));
            } else if (const auto* command = std::get_if<SendCommand>(&effect)) {
                commands.push_back(*command);
            } else if (const auto* question = std::get_if<AskCarrier>(&effect)) {
                asked.push_back(question->call_control_id);
            }
        }
    }
    // Time passes; timers fire as they fall due.
    void wait(seconds span) {
        const UtcTime end = at + span;
        for (int fired = 0; !call.is_final() && fired < 100; ++fired) {
            const auto next = next_timer(call);
            if (!next || *next > end) {
                break;
            }
            at = std::max(at, *next);
            const CallTimers& timers = call.timers;
            const std::pair<std::optional<UtcTime>, TimerKind> all[] = {
                {timers.settle, TimerKind::settle},
                {timers.max_duration, TimerKind::max_duration},
                {timers.deadline, TimerKind::deadline},
                {timers.check, TimerKind::check},
                {timers.transfer, TimerKind::transfer},
                {timers.gather, TimerKind::gather},
                {timers.silence, TimerKind::silence}};
            for (const auto& [due, kind] : all) {
                if (due == next) {
                    feed(TimerFired{kind});
                    break;
                }
            }
        }
        at = end;
    }
    [[nodiscard]] std::size_t sent(CommandKind kind) const {
        return static_cast<std::size_t>(std::count_if(
            commands.begin(), commands.end(), [kind](const auto& c) { return c.kind == kind; }));
    }
};

inline Life talking() {
    Life life;
    life.call = after(ringing(), answered(), t0 + seconds{2});
    return life;
}
inline Life transferring() {
    Life life = talking();
    life.feed(transfer_to());
    return life;
}

inline std::string record_of(const Call& c) {
    const auto time = [](const std::optional<UtcTime>& t) {
        return t ? to_rfc3339_micros(*t) : "null";
    };
    return std::string(word_of(c.status)) + ' ' +
           std::string(c.disposition ? word_of(*c.disposition) : "-") + ' ' +
           std::string(c.ended_reason ? word_of(*c.ended_reason) : "-") + ' ' + time(c.started_at) +
           ' ' + time(c.ended_at) + ' ' + std::to_string(c.duration_seconds) + ' ' +
           c.transferred_to + ' ' + std::to_string(c.transfer_duration_seconds) + ' ' +
           std::to_string(c.costs.total_cost.micros) + ' ' +
           std::to_string(c.costs.transfer_cost.micros);
}

inline CarrierEvent own_hangup(seconds when) {
    return hangup(HangupCause::normal_clearing, HangupSource::caller, when);
}

}  // namespace gw::cases
