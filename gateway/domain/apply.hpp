#pragma once
// SPDX-License-Identifier: Apache-2.0
// The call state machine: one pure, total function. No clock, no random, no I/O, no throw. A late,
// repeated or impossible input is a verdict, never an error. The golden table
// tests/golden/apply.txt is its manual.
#include "gateway/domain/call.hpp"
#include "gateway/domain/effect.hpp"
#include "gateway/domain/input.hpp"

#include <string_view>
#include <vector>

namespace gw {

enum class Verdict : std::uint8_t {
    applied,    // the call changed or something is to be done
    noted,      // a sign of life or a fact for the timeline, nothing more
    late,       // it came after the call was final; the record stands
    redundant,  // it says what is already known
    refused,    // an API request that this state does not allow
};
std::string_view word_of(Verdict value);

// Why an API request is refused.
enum class RequestRefusal : std::uint8_t {
    not_in_progress,
    no_control_channel,  // the call has no leg at the carrier
    transfer_in_progress,
    gather_in_progress,
};

struct Transition {
    Call call;
    std::vector<Effect> effects;
    Verdict verdict = Verdict::noted;
    std::optional<RequestRefusal> refusal;  // with Verdict::refused
};

// What the directory knows about the number that was called, and what the gateway can take.
struct InboundTerms {
    std::optional<AgentId> agent_id;
    std::string agent_public_id;
    std::optional<ProjectId> project_id;
    std::optional<OrgId> org_id;
    std::string language;
    bool recording_enabled = false;
    Rates rates;
    CallPolicy policy;
    std::optional<Refusal> refusal;  // from `admit`
};

// A call's first moment: an incoming call.initiated, or (adopted) parked events whose
// call.initiated never came. Gives status `ringing` with the answer command, or the final status
// `rejected` with the reject.
struct NewCall {
    CallId id;
    Nonce nonce;
    InboundTerms terms;
    bool adopted =
        false;  // made from parked events: never answered by us, the carrier is asked first
    Direction direction = Direction::inbound;
    // Adopted: what the other parked events say where the first one is silent.
    std::string from = {};
    std::string to = {};
    std::optional<UtcTime> begun = {};  // the earliest time that one of them tells
};
Transition begin_call(const NewCall& birth, const CarrierEvent& first, UtcTime at);

// A call that we place: on record, with its dial command, before the carrier knows of it.
struct NewOutboundCall {
    CallId id;
    Nonce nonce;
    InboundTerms terms;  // no refusal
    DialOrder order;
    std::string metadata_json = "{}";
};
Transition begin_outbound_call(const NewOutboundCall& birth, UtcTime at);

Transition apply(Call call, const Input& input);

// Whether an event that neither its control id nor our client_state leads to a call is of this one:
// by its leg id, which stays when the control id changes, or by the session as that of the only leg
// it can be (of a call we placed, or of a target not heard of yet).
bool is_related(const Call& call, const CarrierEvent& event);

// Order within a call: by occurred_at, then initiated < answered < others < hangup.
bool happens_before(const CarrierEvent& a, const CarrierEvent& b);

// Whether a command that has not been carried out yet still makes sense for this call.
bool is_wanted(const Call& call, const SendCommand& command);

// What became of a transfer or gather by all that is known: one without an answer, or that was sent
// and then no longer wanted, may have been carried out, and its own events may say so.
CommandOutcome fate_of(const Call& call, const CommandResult& result);

}  // namespace gw
