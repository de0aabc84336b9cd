#pragma once
// SPDX-License-Identifier: Apache-2.0
// A call as a plain value: what its timeline has made of it so far. `apply` is the only writer;
// stores and the API read it. Times are the carrier's unless a field says otherwise.
#include "gateway/domain/ids.hpp"
#include "gateway/domain/money.hpp"
#include "gateway/domain/time.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw {

enum class Direction : std::uint8_t { inbound, outbound };
enum class CallStatus : std::uint8_t {
    ringing,
    in_progress,
    completed,
    failed,
    busy,
    no_answer,
    canceled,
    rejected,
};
enum class Disposition : std::uint8_t {
    answered,
    no_answer,
    transferred,
    busy,
    failed,
    voicemail,
    rejected,
};
enum class EndedReason : std::uint8_t {
    agent_hangup,
    caller_hangup,
    api,
    timeout,
    transfer,
    silence_timeout,
    error,
    max_duration,
};
enum class ClosedBy : std::uint8_t { webhook, reconciler, deadline };
// Telnyx openapi CallHangup.hangup_cause, read 2026-11; `other` is any word we do not know.
enum class HangupCause : std::uint8_t {
    call_rejected,
    normal_clearing,
    originator_cancel,
    timeout,
    time_limit,
    user_busy,
    not_found,
    no_answer,
    unspecified,
    other,
};
// Roles of the leg: on an inbound leg the caller is the remote person and the callee is our side.
enum class HangupSource : std::uint8_t { caller, callee, unknown };
// Why a call was refused at the door; shown on the timeline.
enum class Refusal : std::uint8_t { no_agent, over_capacity, draining };

struct Rates {  // per minute, copied from the agent when the call begins
    MicroMoney rate;
    MicroMoney call_rate;
    MicroMoney recording_rate;
    MicroMoney transfer_rate;
    MicroMoney llm_discount;
    friend bool operator==(const Rates&, const Rates&) = default;
};

// Limits and delays in force for a call, copied when it begins, so that a change of configuration
// or a replay elsewhere cannot change what was decided.
struct CallPolicy {
    std::chrono::seconds max_duration{1800};
    std::chrono::seconds ring_timeout{120};   // unanswered inbound call
    std::chrono::seconds deadline_slack{30};  // after max_duration
    std::chrono::milliseconds settle{2000};   // LIFECYCLE: settle_ms
    std::chrono::milliseconds reconcile_idle{60'000};
    std::chrono::milliseconds reconcile_interval{15'000};
    std::chrono::seconds transfer_ring{30};    // timeout_secs of a transfer; Telnyx's own default
    std::chrono::seconds gather_grace{30};     // LIFECYCLE: gather.grace_seconds
    std::chrono::seconds silence_timeout{30};  // the agent's
    bool hang_up_on_voicemail = false;         // the agent's on_voicemail
    friend bool operator==(const CallPolicy&, const CallPolicy&) = default;
};

// What a call.hangup said; kept while the call settles; `at` is the carrier's end_time.
struct CarrierHangup {
    UtcTime at;
    HangupCause cause = HangupCause::other;
    HangupSource source = HangupSource::unknown;
    friend bool operator==(const CarrierHangup&, const CarrierHangup&) = default;
};

// The call's durable timers: our clock, because they decide only time-outs. They are on the call's
// row, the earliest as its due time, so the row itself is the job.
struct CallTimers {
    std::optional<UtcTime> settle;        // a hangup waits for what belongs to the last moment
    std::optional<UtcTime> max_duration;  // hang up
    std::optional<UtcTime> deadline;      // ask the carrier, then hang up or close
    std::optional<UtcTime> check;         // idle for too long: ask the carrier
    std::optional<UtcTime> transfer =
        {};                              // the target rings, or one leg is left alone, for too long
    std::optional<UtcTime> gather = {};  // the gather's end is overdue
    std::optional<UtcTime> silence = {};  // nobody has spoken for too long
};

// What was asked of the carrier to end the call, and by whom.
struct HangupAsked {
    EndedReason reason = EndedReason::error;
    UtcTime at;  // our clock
    friend bool operator==(const HangupAsked&, const HangupAsked&) = default;
};

// The carrier said the leg is gone, before (or without) its call.hangup.
struct CarrierGone {
    std::optional<UtcTime> end_time;  // the carrier's
    friend bool operator==(const CarrierGone&, const CarrierGone&) = default;
};

struct HeldDigit {
    UtcTime occurred_at;
    std::string digit;
};

enum class TransferPhase : std::uint8_t {
    asked,     // the command is on its way
    accepted,  // the carrier took it, or an event of the target's leg came: the target rings
    answered,  // the target talks with the caller
    failed,    // the caller is back with the agent; another may be tried
};

// The transfer under way, or the last one.
struct Transfer {
    std::uint32_t number = 0;  // tries of this call, from 1
    std::string destination;   // E.164
    TransferPhase phase = TransferPhase::asked;
    UtcTime asked_at;                              // our clock
    CallControlId leg;                             // the target's; empty until its first event
    std::optional<UtcTime> answered_at;            // the carrier's
    std::optional<UtcTime> leg_ended_at;           // the carrier's, or ours when only we know
    bool hung_up = false;                          // its call.hangup came: when and why is settled
    std::string failure;                           // why it failed, or will when it has settled
    std::vector<CallControlId> earlier_legs = {};  // of the call's former transfers
};

// Digits being collected; one at a time.
struct Gather {
    std::uint32_t number = 0;  // of this call, from 1
    std::string terminator;    // one key, or empty
    UtcTime asked_at = {};     // our clock
};

struct Costs {
    MicroMoney call_cost;
    MicroMoney recording_cost;
    MicroMoney transfer_cost;
    MicroMoney llm_discount;
    MicroMoney total_cost;
    friend bool operator==(const Costs&, const Costs&) = default;
};

struct Call {
    CallId id;
    std::uint64_t version = 0;  // commits so far; the store's compare-and-set
    Nonce nonce;
    Direction direction = Direction::inbound;
    std::optional<AgentId> agent_id;  // none: nobody answers that number
    std::string agent_public_id;
    std::optional<ProjectId> project_id;  // none: seen by no key
    std::optional<OrgId> org_id;
    std::string from;
    std::string to;
    std::string language;

    CallControlId call_control_id;
    CallLegId call_leg_id;
    CallSessionId call_session_id;

    CallStatus status = CallStatus::ringing;
    std::optional<Disposition> disposition;
    std::optional<EndedReason> ended_reason;
    std::optional<ClosedBy> closed_by;
    std::optional<Refusal> refusal;
    UtcTime created_at;                 // ringing began
    std::optional<UtcTime> started_at;  // answered
    std::optional<UtcTime> ended_at;
    std::optional<CarrierHangup> hangup;
    std::optional<HangupAsked> hangup_asked;
    std::optional<MicroMoney>
        carrier_cost;  // call.cost: what the carrier charges us; not shown to customers

    Rates rates;
    CallPolicy policy;
    CallTimers timers;
    UtcTime opened_at;      // our clock: when we first heard of it
    UtcTime last_alive_at;  // last known alive: an event's occurred_at, or our clock at an "alive"
                            // from the carrier
    bool deadline_passed = false;
    std::optional<UtcTime> answer_issued_at;    // our clock: the first answer command
    std::optional<UtcTime> answer_accepted_at;  // our clock: the carrier took it
    std::optional<CarrierGone>
        gone;  // the carrier no longer knows it; its call.hangup may yet come
    std::vector<HeldDigit>
        held_digits;  // keys heard before the call.answered, by time; told after it

    std::int64_t duration_seconds = 0;  // final calls only; live ones are computed when shown
    CentiMinutes minutes_used;
    Costs costs;

    bool recording_enabled = false;
    bool has_recording = false;
    bool ws_unavailable = false;
    std::int64_t turn_count = 0;
    std::int64_t tool_call_count = 0;
    std::vector<std::string> tools_called;
    std::string transferred_to;
    std::int64_t transfer_duration_seconds = 0;
    std::optional<Transfer> transfer;
    std::optional<Gather> gather;
    std::uint32_t gathers = 0;      // begun so far
    bool machine_awaited = false;   // outbound: the carrier has not said who answered
    bool machine_answered = false;  // outbound: the carrier heard an answering machine
    std::string metadata_json = "{}";
    std::string extracted_data_json = "{}";

    std::uint32_t timeline_length = 0;   // entries so far; the next one's seq is this + 1
    std::uint32_t webhook_sequence = 0;  // events told so far

    // Terminal: nothing but facts about the past may still change.
    [[nodiscard]] bool is_final() const {
        return status != CallStatus::ringing && status != CallStatus::in_progress;
    }
};

// The earliest timer of the call, if any.
std::optional<UtcTime> next_timer(const Call& call);

}  // namespace gw
