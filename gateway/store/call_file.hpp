#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an operator's command reads of a database that a gateway may be serving from: no owner lock,
// a read-only connection of its own, one snapshot. Blocks. Throws std::runtime_error with a
// sentence for the operator.
#include "gateway/ports/call_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::store {

struct StoredCall {
    Call call;
    std::vector<ports::TimelineRow> timeline;  // all of it
};

std::optional<StoredCall> read_stored_call(const std::string& path, CallId id);

// What a start would meet. Writes nothing: a write is begun and given up.
struct DatabaseState {
    bool exists = false;
    std::int64_t schema = 0;  // 0: none yet
    std::int64_t schema_known = 0;
    std::string write_fault;  // empty: it can be written
};
DatabaseState inspect_database(const std::string& path);

}  // namespace gw::store
