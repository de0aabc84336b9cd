#pragma once
// SPDX-License-Identifier: Apache-2.0
// Telnyx's words: the event types and hangup causes it documents. Both sets are open on the wire; a
// word that is not in a table is never an error. Constant tables; any thread.
#include "gateway/domain/input.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace gw::telnyx {

// Every event type of Telnyx's OpenAPI document, sorted; the closed set for metric labels.
std::span<const std::string_view> known_event_types();
// Its place in known_event_types(); nothing for a type that is not in there.
std::optional<std::size_t> index_of_event_type(std::string_view word);

CarrierEventType event_type_of(std::string_view word);  // `other` for what means nothing to a call
HangupCause hangup_cause_of(std::string_view word);     // `other` for an unknown word
HangupSource hangup_source_of(std::string_view word);   // `unknown` for an unknown word
std::optional<Direction> direction_of(std::string_view word);

}  // namespace gw::telnyx
