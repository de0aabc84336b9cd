// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/problems.hpp"

#include "gateway/http/json_text.hpp"

#include <array>

namespace gw::http {
namespace {

constexpr std::chrono::seconds retry_after_unavailable{5};

constexpr std::array rows{
    ProblemRow{ProblemCode::validation_error, 400, "VALIDATION_ERROR", "The request is not valid"},
    ProblemRow{ProblemCode::missing_api_key, 401, "MISSING_API_KEY", "An API key is required"},
    ProblemRow{ProblemCode::invalid_api_key, 401, "INVALID_API_KEY", "The API key is not valid"},
    ProblemRow{ProblemCode::read_only_key, 403, "READ_ONLY_KEY", "The API key may only read"},
    ProblemRow{ProblemCode::not_found, 404, "NOT_FOUND", "Not found"},
    ProblemRow{ProblemCode::recording_not_enabled, 404, "RECORDING_NOT_ENABLED",
               "Recording was not enabled for this call"},
    ProblemRow{ProblemCode::recording_not_available, 404, "RECORDING_NOT_AVAILABLE",
               "Recording not yet available"},
    ProblemRow{ProblemCode::method_not_allowed, 405, "METHOD_NOT_ALLOWED", "Method not allowed"},
    ProblemRow{ProblemCode::request_timeout, 408, "REQUEST_TIMEOUT", "The request came too slowly"},
    ProblemRow{ProblemCode::payload_too_large, 413, "PAYLOAD_TOO_LARGE",
               "The request body is too large"},
    ProblemRow{ProblemCode::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE",
               "Content-Type must be application/json"},
    ProblemRow{ProblemCode::expectation_failed, 417, "EXPECTATION_FAILED",
               "Only Expect: 100-continue is understood"},
    ProblemRow{ProblemCode::headers_too_large, 431, "HEADERS_TOO_LARGE",
               "The request header is too large"},
    ProblemRow{ProblemCode::call_not_in_progress, 409, "CALL_NOT_IN_PROGRESS",
               "Call is not in progress"},
    ProblemRow{ProblemCode::no_control_channel, 409, "NO_CONTROL_CHANNEL",
               "Call does not have an active control channel"},
    ProblemRow{ProblemCode::transfer_in_progress, 409, "TRANSFER_IN_PROGRESS",
               "A transfer is already in progress for this call"},
    ProblemRow{ProblemCode::gather_in_progress, 409, "GATHER_IN_PROGRESS",
               "A gather operation is already in progress for this call"},
    ProblemRow{ProblemCode::call_not_active, 409, "CALL_NOT_ACTIVE", "Call is not active"},
    ProblemRow{ProblemCode::transfer_failed, 422, "TRANSFER_FAILED", "Transfer failed"},
    ProblemRow{ProblemCode::gather_failed, 422, "GATHER_FAILED", "Gather failed"},
    ProblemRow{ProblemCode::upstream_error, 502, "UPSTREAM_ERROR",
               "The carrier did not answer; what becomes of it is told by webhook"},
    ProblemRow{ProblemCode::idempotency_outcome_unknown, 409, "IDEMPOTENCY_OUTCOME_UNKNOWN",
               "The first request with this Idempotency-Key was interrupted; look at what it did "
               "before sending it with a new key"},
    ProblemRow{ProblemCode::rate_limit_exceeded, 429, "RATE_LIMIT_EXCEEDED", "Too many requests"},
    ProblemRow{ProblemCode::auth_rate_limited, 429, "AUTH_RATE_LIMITED",
               "Too many failed authentications"},
    ProblemRow{ProblemCode::internal_error, 500, "INTERNAL_ERROR", "Internal error"},
    ProblemRow{ProblemCode::http_version_not_supported, 505, "HTTP_VERSION_NOT_SUPPORTED",
               "Only HTTP/1.1 and HTTP/1.0 are understood"},
    ProblemRow{ProblemCode::unavailable, 503, "UNAVAILABLE",
               "The service is unavailable for the moment"},
};

void append_details(std::string& body, const FieldFaults& details) {
    body += ",\"details\":{";
    for (std::size_t i = 0; i < details.size(); ++i) {
        if (i > 0) {
            body += ',';
        }
        append_string(body, details[i].field);
        body += ':';
        append_string(body, details[i].reason);
    }
    body += '}';
}

}  // namespace

const ProblemRow& row_of(ProblemCode code) {
    for (const auto& row : rows) {
        if (row.code == code) {
            return row;
        }
    }
    return rows.front();  // unreachable while every code has its row, which a test holds
}

Problem validation_problem(FieldFaults faults) {
    Problem problem(ProblemCode::validation_error);
    if (!faults.empty()) {
        problem.message = faults.front().field + " " + faults.front().reason;
    }
    problem.details = std::move(faults);
    return problem;
}

Problem call_not_found() {
    return Problem(ProblemCode::not_found, "Call not found");
}

Problem problem_of(const Error& error) {
    Problem problem(ProblemCode::internal_error);
    switch (error.code()) {
        case Errc::not_found:
            return call_not_found();
        case Errc::unavailable:
        case Errc::full:
        case Errc::over_limit:
        case Errc::timeout:
        case Errc::conflict:
        case Errc::canceled:
        case Errc::reset:
        case Errc::connect_failed:
            problem.code = ProblemCode::unavailable;
            problem.retry_after = retry_after_unavailable;
            break;
        case Errc::invalid:
        case Errc::duplicate:
        case Errc::dns_failed:
        case Errc::denied_address:
        case Errc::tls_failed:
        case Errc::protocol:
        case Errc::too_large:
        case Errc::internal:
            break;  // the API has checked its input: these are faults of ours
    }
    problem.cause = std::string(name_of(error.code())) + ": " + error.context();
    return problem;
}

Problem problem_of_status(unsigned status) {
    for (const auto& row : rows) {
        if (row.status == status) {
            Problem problem(row.code);
            if (status == 400) {
                problem.message = "The request is not valid HTTP";
            }
            if (status == 503) {
                problem.retry_after = retry_after_unavailable;
            }
            return problem;
        }
    }
    return Problem(status >= 500 ? ProblemCode::internal_error : ProblemCode::validation_error);
}

net::HttpResponse to_response(const Problem& problem) {
    const auto& row = row_of(problem.code);
    const std::string_view message = problem.message.empty() ? row.message : problem.message;
    net::HttpResponse response;
    response.status = row.status;
    response.body = "{\"error\":";
    append_string(response.body, message);
    response.body += ",\"code\":";
    append_string(response.body, row.word);
    response.body += ",\"message\":";
    append_string(response.body, message);
    if (!problem.details.empty()) {
        append_details(response.body, problem.details);
    }
    if (problem.retry_after) {
        response.body += ",\"retryAfter\":";
        append_integer(response.body, problem.retry_after->count());
        response.headers.add("Retry-After", std::to_string(problem.retry_after->count()));
    }
    response.body += '}';
    if (row.status == 401) {
        response.headers.add("WWW-Authenticate", "Bearer");
    }
    if (!problem.allow.empty()) {
        response.headers.add("Allow", problem.allow);
    }
    response.headers.add("Content-Type", "application/json");
    return response;
}

}  // namespace gw::http
