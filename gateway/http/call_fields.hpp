#pragma once
// SPDX-License-Identifier: Apache-2.0
// Parameters that choose calls, alike wherever calls are listed or summed.
#include "gateway/domain/words.hpp"
#include "gateway/http/fields.hpp"

namespace gw::http {

inline constexpr Field status_field{
    .name = "status",
    .reason =
        "must be one of ringing, in-progress, completed, failed, busy, no-answer, "
        "canceled, rejected",
    .accepts = [](std::string_view word) { return parse_word<CallStatus>(word).has_value(); }};
inline constexpr Field disposition_field{
    .name = "disposition",
    .reason =
        "must be one of answered, no-answer, transferred, busy, failed, voicemail, "
        "rejected",
    .accepts = [](std::string_view word) { return parse_word<Disposition>(word).has_value(); }};
inline constexpr Field from_date_field{
    .name = "from_date", .reason = "must be a date as YYYY-MM-DD", .kind = FieldKind::date};
inline constexpr Field to_date_field{
    .name = "to_date", .reason = from_date_field.reason, .kind = FieldKind::date};

// The word of a field that was given and is right.
template <class E>
std::optional<E> word_in(const FieldValues& values, const Field& field) {
    const auto word = values.get<std::string>(field.name);
    return word ? parse_word<E>(*word) : std::nullopt;
}

}  // namespace gw::http
