#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one table between closed sets and their words on the wire, in the database, in metrics and in
// logs.
#include "gateway/domain/call.hpp"
#include "gateway/domain/input.hpp"

#include <optional>
#include <string_view>

namespace gw {

std::string_view word_of(Direction value);
std::string_view word_of(CallStatus value);
std::string_view word_of(Disposition value);
std::string_view word_of(EndedReason value);
std::string_view word_of(ClosedBy value);
std::string_view word_of(HangupCause value);
// The cause as the carrier said it; "other" when it said none. Valid as long as the event.
std::string_view cause_word(const CarrierEvent& event);
std::string_view word_of(HangupSource value);
std::string_view word_of(Refusal value);
std::string_view word_of(CommandKind value);
std::string_view word_of(CommandOutcome value);
std::string_view word_of(TimerKind value);
std::string_view word_of(CarrierView value);
std::string_view word_of(TransferPhase value);

// Nothing for a word that is not in the table (parse<HangupCause> is lenient: see telnyx/wire).
template <class E>
std::optional<E> parse_word(std::string_view word);

}  // namespace gw
