// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/access_control.hpp"

#include "gateway/app/inbound_terms.hpp"

namespace gw::http {
namespace {

constexpr ports::MetricName limited{"gateway_http_limited_total",
                                    "Requests answered 429, by the limit they met."};

std::string_view word_of(ports::Tier tier) {
    switch (tier) {
        case ports::Tier::payg:
            return "payg";
        case ports::Tier::starter:
            return "starter";
        case ports::Tier::growth:
            return "growth";
        case ports::Tier::enterprise:
            return "enterprise";
    }
    return "payg";
}

std::string seconds_text(UtcTime at) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

}  // namespace

AccessControl::AccessControl(boost::asio::any_io_executor executor, AccessPorts ports,
                             std::span<const std::string> trusted_proxies)
    : ports_(ports),
      client_address_(trusted_proxies),
      rate_limits_(ports.clock),
      once_(std::move(executor),
            {.store = ports.idempotency, .clock = ports.clock, .log = ports.log}),
      over_rate_(ports.metrics.counter(limited, {{"limit", "requests"}})),
      over_failures_(ports.metrics.counter(limited, {{"limit", "failed_authentications"}})) {}

RequestGates AccessControl::gates() {
    RequestGates gates;
    if (!client_address_.trusts_nobody()) {
        gates.client_address = [this](const net::HttpRequest& request) {
            return client_address_.of(request);
        };
    }
    gates.authentication_failed = [this](std::string_view address) {
        return authentication_failed(address);
    };
    gates.authenticated = [this](const Principal& principal) { return authenticated(principal); };
    return gates;
}

std::optional<Problem> AccessControl::authentication_failed(std::string_view address) {
    const auto retry_after = failed_.count(address, ports_.clock.mono());
    if (!retry_after) {
        return std::nullopt;
    }
    over_failures_.increment();
    Problem problem(ProblemCode::auth_rate_limited);
    problem.retry_after = *retry_after;
    return problem;
}

Admission AccessControl::authenticated(const Principal& principal) {
    Admission admission;
    auto& headers = admission.headers;
    headers.reserve(5);
    if (const auto standing = rate_limits_.count(principal.org_id, principal.tier)) {
        headers.push_back({"X-RateLimit-Limit", std::to_string(standing->limit)});
        headers.push_back({"X-RateLimit-Remaining", std::to_string(standing->remaining)});
        headers.push_back({"X-RateLimit-Reset", seconds_text(standing->reset)});
        if (standing->retry_after) {
            over_rate_.increment();
            admission.refusal = Problem(ProblemCode::rate_limit_exceeded);
            admission.refusal->retry_after = *standing->retry_after;
        }
    }
    headers.push_back({"X-RateLimit-Tier", std::string(word_of(principal.tier))});
    // The contract leaves out the first three alone for a tier without limits, and calls the
    // missing limit "none".
    const auto calls = app::concurrency_max(principal.tier);
    headers.push_back({"X-Concurrent-Call-Limit", calls ? std::to_string(*calls) : "none"});
    return admission;
}

}  // namespace gw::http
