#pragma once
// SPDX-License-Identifier: Apache-2.0
// The API's objects as JSON text: field names, order and number formats of the Calls specification.
// Pure.
#include "gateway/app/calls_service.hpp"
#include "gateway/domain/call.hpp"

#include <string>
#include <vector>

namespace gw::http {

enum class CallDetail : std::uint8_t {
    summary,  // in a list
    full,     // with transcript and latency_data
};

// A call that is not final is shown with its duration and minutes as of `now`, and with no costs
// yet.
void append_call(std::string& out, const Call& call, UtcTime now, CallDetail detail);
std::string to_json(const ports::CallPage& page, UtcTime now);
std::string to_json(const app::StatusView& status);
// What the caller of the summary gave, in its own words.
struct SummaryFilterTexts {
    std::optional<std::string> agent_id;
    std::optional<std::string> status;
    std::optional<std::string> disposition;
    std::optional<std::string> from_date;
    std::optional<std::string> to_date;
};
// Money rounded to four places here, once: the sums are exact.
std::string to_json(const ports::CallSummary& summary, const SummaryFilterTexts& given);
std::string to_json(const ports::TimelineRow& row);
std::string to_json(CallId id, const std::vector<ports::AttemptRecord>& deliveries);
// `next_after_seq`: where the next page starts; none on the last one.
std::string to_json(CallId id, const std::vector<ports::TimelineRow>& events,
                    std::optional<std::uint32_t> next_after_seq);

}  // namespace gw::http
