#pragma once
// SPDX-License-Identifier: Apache-2.0
// What must be done because of an input. Commands and webhooks are committed with the input that
// caused them and done at least once under a stable id; AskCarrier is not stored: the call's timers
// bring it back. Refused is a note; there is nothing to do.
#include "gateway/domain/call.hpp"
#include "gateway/domain/input.hpp"

#include <string>
#include <variant>
#include <vector>

namespace gw {

struct TransferOrder {
    std::string to;            // E.164
    std::string from = {};     // E.164; empty: the carrier's default, the number that was called
    std::uint32_t number = 0;  // Transfer::number
    std::chrono::seconds ring{30};
};
struct GatherOrder {
    GatherSpec spec;
    std::uint32_t number = 0;  // Gather::number
};
struct DialOrder {
    std::string to;    // E.164
    std::string from;  // E.164
    std::chrono::seconds ring{30};
    std::string machine_detection;  // Telnyx's word; empty: none
};

struct SendCommand {
    CommandId command_id;
    CommandKind kind = CommandKind::answer;
    CallControlId call_control_id;
    std::string reject_cause;  // reject only: CALL_REJECTED or USER_BUSY
    UtcTime issued_at;         // our clock
    std::variant<std::monostate, TransferOrder, GatherOrder, DialOrder> order = {};  // by kind
};

struct AskCarrier {
    CallControlId call_control_id;
};

// Says on the timeline why the call was not taken.
struct Refused {
    Refusal why = Refusal::no_agent;
};

// The public events so far; the table of all is CONTRACT, "Outbound webhooks".
enum class PublicEventType : std::uint8_t {
    call_ringing,
    call_started,
    call_dtmf_received,
    call_ended,
    call_failed,
    call_gather_completed,
    transfer_initiated,
    transfer_completed,
    transfer_failed,
};
std::string_view word_of(PublicEventType value);

// What is to be told to the customer, frozen at the moment it became true.
struct PublicEvent {
    WebhookEventId id;
    PublicEventType type = PublicEventType::call_ringing;
    std::uint32_t sequence = 0;             // per call, from 1
    UtcTime at;                             // the envelope's timestamp
    std::string digit;                      // call.dtmf.received
    std::optional<std::string> input = {};  // call.gather.completed: the digits; none: it timed out
    std::string destination = {};           // transfer.*
    std::string reason = {};                // transfer.failed
};

using Effect = std::variant<SendCommand, AskCarrier, PublicEvent, Refused>;

}  // namespace gw
