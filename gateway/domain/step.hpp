#pragma once
// SPDX-License-Identifier: Apache-2.0
// One step of the state machine under way: the call as it changes and the effects so far. Shared by
// the apply_*.cpp files and nobody else.
#include "gateway/domain/apply.hpp"

#include <string>

namespace gw::detail {

struct Step {
    Call& call;
    UtcTime at;  // our clock
    std::vector<Effect>& effects;

    void tell(PublicEventType type, std::string digit = {});
    // A command under an id that is stable while the carrier remembers it (60 s) and new after.
    void command(CommandKind kind, UtcTime first_issued_at, std::string reject_cause = {});
    void ask_carrier();
    void ask_hangup(EndedReason reason);  // the first asker wins
    void check_in(std::chrono::milliseconds delay) { call.timers.check = at + delay; }
    void flush_held_digits();
    // The call is answered: status, timers, call.started, and the keys heard before.
    void become_answered(UtcTime started_at);
    // The call is over: status and reason by the table, bill, no timers, one terminal event.
    void finish(ClosedBy closed_by);
};

// LIFECYCLE "How a call ends": a hangup is repeated under the same command_id inside 60 s, a new
// one after (REFERENCE 3.1: the carrier drops repetitions of an id for 60 s).
inline constexpr std::chrono::seconds command_memory{60};
// How long a refusal is repeated before the caller is left to the carrier's own time-out.
inline constexpr std::chrono::seconds reject_patience{120};

// Telnyx openapi RejectRequest.cause, read 2026-11: CALL_REJECTED or USER_BUSY.
std::string reject_cause_of(Refusal refusal);

Verdict apply_event(Step& step, const CarrierEvent& event);
Verdict apply_result(Step& step, const CommandResult& result);
Verdict apply_status(Step& step, const CarrierStatus& status);
Verdict apply_timer(Step& step, TimerKind timer);
Verdict apply_end_request(Step& step);
Verdict apply_restart(Step& step);
// The call.hangup, or the carrier's word that the leg is gone, has settled.
void settle_now(Step& step);

}  // namespace gw::detail
