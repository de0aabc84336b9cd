#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a call on record says of its legs: its own, and the target that a transfer made. Questions
// only; shared by the apply_*.cpp files and nobody else.
#include "gateway/domain/input.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::detail {

// The cause of a target that was cancelled (Telnyx REFERENCE 2.6: its caller left).
inline constexpr std::string_view cancelled = "originator_cancel";

// Whether the event is of the call's first leg.
[[nodiscard]] bool is_own(const Call& call, const CarrierEvent& event);
// Of the call's session, and no new call to us.
[[nodiscard]] bool is_of_session(const Call& call, const CarrierEvent& event);
// A target's leg that came without our client_state, and is the only one it can be.
[[nodiscard]] bool is_target_by_session(const Call& call, const CarrierEvent& event);
// The leg was the target of a transfer before this one.
[[nodiscard]] bool is_earlier_target(const Transfer& transfer, const CarrierEvent& event);

// The carrier says that the call's own leg is over.
[[nodiscard]] bool own_leg_is_over(const Call& call);
// The call is on its way out: a target that turns up now has nobody to talk to.
[[nodiscard]] bool is_leaving(const Call& call);
// The talk is over and the record about to be written: nobody can end the call any more.
[[nodiscard]] bool is_over(const Call& call);
[[nodiscard]] bool target_rings(const Call& call);    // neither answered nor failed
[[nodiscard]] bool is_transferred(const Call& call);  // the target has answered
[[nodiscard]] bool target_talks(const Call& call);    // has answered, and its leg is not over
// The target had answered and is gone, and its call.hangup, which says when, has not come.
[[nodiscard]] bool target_end_awaited(const Call& call);

// When the caller, or who took the call away, left the target alone.
[[nodiscard]] std::optional<UtcTime> left_at(const Call& call);
// Why the transfer that rings has failed, by who left first: we took the call away (who asked for
// it), the caller left, the target did (its cause), or nobody (timeout).
[[nodiscard]] std::string failure_of(const Call& call);

}  // namespace gw::detail
