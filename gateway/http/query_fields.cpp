// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/query_fields.hpp"

namespace gw::http {

FieldValues query_values(std::string_view target, std::span<const Field> fields,
                         FieldFaults& faults) {
    const auto query = parse_query(split_target(target).query);
    if (!query) {
        faults.push_back(
            {"query", "must be correctly percent-encoded, with at most 64 parameters"});
        return {};
    }
    return check_query(fields, *query, faults);
}

}  // namespace gw::http
