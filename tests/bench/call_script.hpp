#pragma once
// SPDX-License-Identifier: Apache-2.0
// The events of one inbound call as ready-made HTTP requests, signed before the run so that signing
// costs nothing during it. The shapes are those of recorded Telnyx events (an inbound call from the
// telephone network: initiated, answered, dtmf.received, hangup by the caller), with fresh ids,
// numbers and times.
#include "tests/bench/event_signer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gw::bench {

struct CallShape {
    unsigned dtmf = 3;
    bool hangup = true;
    std::string connection_id = "1234567890";
    std::string to = "+31850012345";
};

struct SignedEvent {
    std::string timestamp;
    std::string body;
    std::string signature_base64;
};

// `number` makes the ids: the same number never twice in a store.
std::vector<SignedEvent> sign_call(const EventSigner& signer, const CallShape& shape,
                                   std::uint32_t number);

// What the carrier says of a transfer's target that is busy: it is rung, and hangs up. `number` is
// the caller's, `client_state` what the transfer command wants the target to carry.
struct BusyTarget {
    CallShape shape;
    std::string to;
    std::string client_state;
};
std::vector<SignedEvent> sign_busy_target(const EventSigner& signer, const BusyTarget& of,
                                          std::uint32_t number);
// The caller has pressed all keys of the gather whose command carried `client_state`.
SignedEvent sign_gather_ended(const EventSigner& signer, const CallShape& shape,
                              std::string_view client_state, std::uint32_t number);

std::string request_of(const SignedEvent& event, std::string_view path);

// The number of the call to which a call_control_id made here belongs; -1 when it is none of ours.
std::int64_t number_of_leg(std::string_view call_control_id);

}  // namespace gw::bench
