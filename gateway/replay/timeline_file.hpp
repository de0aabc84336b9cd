#pragma once
// SPDX-License-Identifier: Apache-2.0
// Timelines in files: what GET /v1/calls/:id/events gives, one page or several, one after another,
// in an array, or merged into one {"events":[…]}; or a bare array of rows. Pure; any thread.
#include "gateway/domain/call.hpp"
#include "gateway/domain/result.hpp"
#include "gateway/ports/call_store.hpp"

#include <istream>
#include <optional>
#include <vector>

namespace gw::replay {

struct TimelineFile {
    std::optional<CallId> call_id;
    // The call's limits and delays, where somebody put them beside the rows: "policy", an object
    // whose members are named as in CallPolicy with their unit (settle_ms, ring_timeout_s, …).
    std::optional<CallPolicy> policy;
    std::vector<ports::TimelineRow> rows;  // by seq, from 1 without gaps
};

// invalid, with the reason: no JSON, no rows, rows of two calls, a page that is missing.
Result<TimelineFile> read_timeline(std::istream& text);

}  // namespace gw::replay
