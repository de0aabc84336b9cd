#pragma once
// SPDX-License-Identifier: Apache-2.0
// A JSON request body, read strictly: one object, at most 64 levels deep, no name twice, valid
// UTF-8, and numbers that fit. Hides the JSON library. Pure; any thread.
#include "gateway/http/fields.hpp"
#include "gateway/net/http_types.hpp"

#include <span>
#include <variant>

namespace gw::http {

inline constexpr std::size_t body_depth_max = 64;

// The listed members of the request's body. 415 unless its Content-Type is application/json (a
// charset, if any, must be utf-8) and it is not encoded; 400 for text that is not such JSON, and
// for faulty or missing members, all listed.
std::variant<FieldValues, Problem> read_body(const net::HttpRequest& request,
                                             std::span<const Field> fields);
// The same for a caller that checks more: faulty members are left out and listed in `faults`,
// behind what is there.
std::variant<FieldValues, Problem> read_body(const net::HttpRequest& request,
                                             std::span<const Field> fields, FieldFaults& faults);

}  // namespace gw::http
