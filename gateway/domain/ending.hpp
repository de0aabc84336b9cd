#pragma once
// SPDX-License-Identifier: Apache-2.0
// How a call ends: the table of LIFECYCLE "How a call ends" as one pure function.
#include "gateway/domain/call.hpp"

#include <optional>

namespace gw {

struct Ending {
    CallStatus status = CallStatus::failed;
    Disposition disposition = Disposition::failed;
    std::optional<EndedReason> reason;
};

// Decides from what the call knows: whether it was answered, who asked for its end, and what the
// carrier said (no hangup known: an unknown cause).
Ending ending_of(const Call& call);

// A cause that leaves no doubt that the call was never answered; others settle first.
bool proves_unanswered(HangupCause cause);

}  // namespace gw
