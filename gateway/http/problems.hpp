#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything the API says when it says no: one table from code to status and text, and the one form
// of an error body. Pure; any thread.
#include "gateway/domain/result.hpp"
#include "gateway/net/http_types.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::http {

enum class ProblemCode : std::uint8_t {
    validation_error,
    missing_api_key,
    invalid_api_key,
    read_only_key,
    not_found,
    recording_not_enabled,
    recording_not_available,
    method_not_allowed,
    request_timeout,
    payload_too_large,
    unsupported_media_type,
    expectation_failed,
    headers_too_large,
    call_not_in_progress,
    no_control_channel,
    transfer_in_progress,
    gather_in_progress,
    call_not_active,
    transfer_failed,
    gather_failed,
    upstream_error,
    idempotency_outcome_unknown,
    rate_limit_exceeded,
    auth_rate_limited,
    internal_error,
    http_version_not_supported,
    unavailable,
};

// A faulty field and what is wrong with it, worded to follow the name: "limit" + "must be an
// integer …".
struct FieldFault {
    std::string field;
    std::string reason;
};
using FieldFaults = std::vector<FieldFault>;

struct Problem {
    explicit Problem(ProblemCode which, std::string text = {})
        : code(which), message(std::move(text)) {}
    ProblemCode code;
    std::string message;  // empty: the table's text
    FieldFaults details;
    std::optional<std::chrono::seconds> retry_after;
    std::string allow;  // 405: the methods there are
    std::string cause;  // for our log only, never sent
};

struct ProblemRow {
    ProblemCode code;
    unsigned status;
    std::string_view word;
    std::string_view message;
};
const ProblemRow& row_of(ProblemCode code);

// 400 with every fault listed; the message is the first one's sentence. `faults` is not empty.
Problem validation_problem(FieldFaults faults);
Problem call_not_found();
// What a use case's failure means to the client; the error's context goes to the log, not to the
// client.
Problem problem_of(const Error& error);
// For requests refused by the server before any handler (net::HttpServerOptions::refusal).
Problem problem_of_status(unsigned status);

net::HttpResponse to_response(const Problem& problem);

}  // namespace gw::http
