#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything that can happen to a call. An input carries all that `apply` may depend on, its time
// included, so a timeline replays exactly. `at` is our clock at arrival; `occurred_at` is the
// carrier's.
#include "gateway/domain/boxed.hpp"
#include "gateway/domain/call.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace gw {

// The carrier's events that mean something to a call today; every other type, known to Telnyx or
// not, is `other`: kept on the timeline, a sign of life, otherwise without effect. Telnyx openapi
// webhooks, 2026-07.
enum class CarrierEventType : std::uint8_t {
    initiated,
    answered,
    hangup,
    dtmf,
    cost,
    gather_ended,
    machine_detected,  // call.machine.(premium.)detection.ended
    other,
};

// What our client_state on a leg says; the carrier gives it back with the leg's events.
struct ClientTag {
    std::optional<CallId> call;
    std::uint32_t transfer = 0;  // the leg is the target of this transfer of the call
    std::uint32_t gather = 0;    // the leg's last command was this gather
};

struct CarrierEvent {
    EventId id;
    CarrierEventType type = CarrierEventType::other;
    std::string type_word;  // "call.initiated", as sent
    UtcTime occurred_at;
    CallControlId call_control_id;
    CallLegId call_leg_id;
    CallSessionId call_session_id;
    std::string connection_id;
    std::string client_state;  // decoded, empty when null or absent or not base64
    ClientTag tag;             // what is ours of it
    std::string from;
    std::string to;
    std::optional<Direction> direction;  // on call.initiated
    std::optional<UtcTime> start_time;   // of the leg
    std::optional<UtcTime> end_time;
    HangupCause hangup_cause = HangupCause::other;  // on call.hangup
    std::string other_cause;                        // the word of a cause we do not know
    HangupSource hangup_source = HangupSource::unknown;
    std::string digit;                       // on call.dtmf.received
    std::string digits;                      // on call.gather.ended
    bool gather_valid = false;               // on call.gather.ended: status `valid`
    bool machine = false;                    // on a machine detection: the result says machine
    std::optional<MicroMoney> carrier_cost;  // on call.cost
    std::uint32_t delivery_attempt = 1;      // meta.attempt
    std::string raw;                         // the body as received: what the timeline keeps
};

using BoxedEvent = Boxed<CarrierEvent>;

// A call.initiated of a leg that comes in: the beginning of a call.
[[nodiscard]] inline bool rings_here(const CarrierEvent& event) {
    return event.type == CarrierEventType::initiated && event.direction == Direction::inbound;
}

enum class CommandKind : std::uint8_t {
    answer,
    reject,
    hangup,
    hangup_target,  // the leg that a transfer made
    transfer,
    gather,
    dial,
};
enum class CommandOutcome : std::uint8_t {
    accepted,    // 200
    call_gone,   // 90018, 90015 or 404: the call is not there any more
    refused,     // the carrier will not do it; repeating it cannot help
    unknown,     // no answer within the budget: it may have been done
    superseded,  // we did not send it: no longer wanted
};

struct CommandResult {
    CommandId command_id;
    CommandKind kind = CommandKind::answer;
    CommandOutcome outcome = CommandOutcome::unknown;
    std::string detail;          // Telnyx's "title: detail", or our transport error; no secrets
    std::uint32_t attempts = 0;  // requests sent
    CallControlId leg = {};      // dial: what the carrier made; hangup_target: the one it was for
    CallLegId call_leg_id = {};
    CallSessionId call_session_id = {};
    std::uint32_t number = 0;  // of the transfer or gather it was for; 0: not said
};

enum class CarrierView : std::uint8_t { alive, gone, unknown };

// The answer to "is this call still there?" (GET /calls/{id}).
struct CarrierStatus {
    CarrierView view = CarrierView::unknown;
    std::optional<UtcTime> end_time;  // the carrier's, when it told
    std::string detail;
    CallControlId leg = {};  // the one that was asked for
};

enum class TimerKind : std::uint8_t {
    settle,
    max_duration,
    deadline,
    check,
    transfer,
    gather,
    silence
};
struct TimerFired {
    TimerKind timer = TimerKind::check;
};

struct EndRequested {  // POST /v1/calls/:callId/end
    std::string request_id;
};

struct TransferRequested {  // POST /v1/calls/:callId/transfer
    std::string request_id;
    std::string destination;  // E.164
};

// What is asked of the caller; ranges as in the specification, checked before.
struct GatherSpec {
    std::string prompt;  // 1 to 3000 characters
    std::uint32_t max_digits = 10;
    std::string terminator = "#";  // one key, or empty for none
    std::chrono::seconds timeout{15};
    std::string voice = "female";
    std::string language = "en-US";
};
struct GatherRequested {  // POST /v1/calls/:callId/gather
    std::string request_id;
    GatherSpec spec;
};

struct DialRequested {  // POST /v1/calls: the first input of an outbound call
    std::string request_id;
};

// Somebody spoke, or the talk began. From the media relay, now and then while it lasts; the first
// one starts the watch for silence.
struct SpeechHeard {};

struct Restarted {};  // the process that held the call is another now

struct Input {
    UtcTime at;  // our clock
    std::variant<BoxedEvent, CommandResult, CarrierStatus, TimerFired, EndRequested, Restarted,
                 TransferRequested, GatherRequested, DialRequested, SpeechHeard>
        what;
};

// None when it is something else.
[[nodiscard]] inline const CarrierEvent* carrier_event_of(const Input& input) {
    const auto* event = std::get_if<BoxedEvent>(&input.what);
    return event ? &**event : nullptr;
}
[[nodiscard]] inline CarrierEvent* carrier_event_of(Input& input) {
    auto* event = std::get_if<BoxedEvent>(&input.what);
    return event ? &**event : nullptr;
}

}  // namespace gw
