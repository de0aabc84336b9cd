#pragma once
// SPDX-License-Identifier: Apache-2.0
// The fields of a request's query string; what cannot be taken apart is a fault of "query". Pure.
#include "gateway/http/fields.hpp"

namespace gw::http {

FieldValues query_values(std::string_view target, std::span<const Field> fields,
                         FieldFaults& faults);

}  // namespace gw::http
