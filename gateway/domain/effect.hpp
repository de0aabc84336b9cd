#pragma once
// SPDX-License-Identifier: Apache-2.0
// What must be done because of an input. Commands and webhooks are committed with the input that
// caused them and done at least once under a stable id; AskCarrier is not stored: the call's timers
// bring it back.
#include "gateway/domain/call.hpp"
#include "gateway/domain/input.hpp"

#include <string>
#include <variant>
#include <vector>

namespace gw {

struct SendCommand {
    CommandId command_id;
    CommandKind kind = CommandKind::answer;
    CallControlId call_control_id;
    std::string reject_cause;  // reject only: CALL_REJECTED or USER_BUSY
    UtcTime issued_at;         // our clock
};

struct AskCarrier {
    CallControlId call_control_id;
};

// The public events of this issue; the table of all is CONTRACT, "Outbound webhooks".
enum class PublicEventType : std::uint8_t {
    call_ringing,
    call_started,
    call_dtmf_received,
    call_ended,
    call_failed,
};
std::string_view word_of(PublicEventType value);

// What is to be told to the customer, frozen at the moment it became true.
struct PublicEvent {
    WebhookEventId id;
    PublicEventType type = PublicEventType::call_ringing;
    std::uint32_t sequence = 0;  // per call, from 1
    UtcTime at;                  // the envelope's timestamp
    std::string digit;           // call.dtmf.received
};

using Effect = std::variant<SendCommand, AskCarrier, PublicEvent>;

}  // namespace gw
