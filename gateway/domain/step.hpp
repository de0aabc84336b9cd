#pragma once
// SPDX-License-Identifier: Apache-2.0
// One step of the state machine under way: the call as it changes and the effects so far. Shared by
// the apply_*.cpp files and nobody else.
#include "gateway/domain/apply.hpp"
#include "gateway/domain/ending.hpp"
#include "gateway/domain/legs.hpp"

#include <string>

namespace gw::detail {

struct Step {
    Call& call;
    UtcTime at;  // our clock
    std::vector<Effect>& effects;
    std::optional<RequestRefusal> refusal = {};

    void tell(PublicEventType type, std::string digit = {});
    // A command under an id that is stable while the carrier remembers it (60 s) and new after.
    void command(CommandKind kind, UtcTime first_issued_at, std::string reject_cause = {});
    // A command that is sent once, under an id of its own.
    void order(CommandKind kind, std::uint32_t number,
               std::variant<std::monostate, TransferOrder, GatherOrder, DialOrder> what);
    void tell_transfer(PublicEventType type);
    // About each leg that is known and not known to be over; of a target that rings only its watch
    // asks, when it has rung long enough.
    void ask_carrier();
    void ask_about(const CallControlId& leg);
    void hang_up_target();  // the transfer's leg, if it is known and not known to be over
    void sweep_target();    // the same, unless it talks with the caller
    void hang_up_leg(const CallControlId& leg);  // of a target, also an earlier transfer's
    void ask_hangup(EndedReason reason);         // the first asker wins
    // An answering machine answered: unless a person has talked, the call was voicemail.
    void note_machine();
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
// LIFECYCLE "Transfer": how long one leg may stay without the other.
inline constexpr std::chrono::seconds lone_leg{10};
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
Verdict apply_speech(Step& step);
Verdict apply_transfer_request(Step& step, const TransferRequested& request);
Verdict apply_transfer_result(Step& step, const CommandResult& result);
Verdict apply_target_result(Step& step, const CommandResult& result);  // of hangup_target
Verdict apply_target_status(Step& step, const CarrierStatus& status);
Verdict apply_target_event(Step& step, const CarrierEvent& event);
Verdict apply_transfer_timer(Step& step);
// An answered transfer: the call ends when both legs have, and one alone is given some seconds.
void follow_legs(Step& step);
// The transfer, if one rings, has failed.
void fail_transfer(Step& step, std::string reason);
// A call we placed was given up before anything was heard of its leg, and now the leg turns up:
// nobody is there to talk with it.
void hang_up_straggler(Step& step);
// Whether a result belongs to the transfer or gather of that number: an earlier one's may come when
// the next has begun.
[[nodiscard]] inline bool is_of(const CommandResult& result, std::uint32_t number) {
    return result.number == 0 || result.number == number;
}

Verdict apply_gather_request(Step& step, const GatherRequested& request);
Verdict apply_gather_result(Step& step, const CommandResult& result);
Verdict apply_gather_ended(Step& step, const CarrierEvent& event);
Verdict apply_gather_timer(Step& step);
// The gather, if there is one, is over; none: without digits.
void end_gather(Step& step, std::optional<std::string> digits);

Verdict apply_dial_result(Step& step, const CommandResult& result);
Verdict apply_machine_detected(Step& step, const CarrierEvent& event);
void take_ids(Call& call, const CallControlId& leg, const CallLegId& leg_id,
              const CallSessionId& session);

// The call's leg is over and nothing that could tell more is awaited: ends the call, unless a
// transfer's target still talks.
void settle_now(Step& step);
// A carrier's time a day and more ahead of us, or before the call that came in, is a fault of
// somebody's clock; it must not be billed.
inline constexpr std::chrono::hours clock_error_max{24};
UtcTime plausible(const Step& step, UtcTime carrier_time);
UtcTime not_ahead(UtcTime carrier_time, UtcTime now);

}  // namespace gw::detail
