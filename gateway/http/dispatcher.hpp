#pragma once
// SPDX-License-Identifier: Apache-2.0
// What every request goes through: request id, route, authentication, limits, the endpoint (a write
// with an Idempotency-Key once only), one form of answer, one audit entry for a write, one count.
// Endpoints only give JSON or a Problem. The server leaves a HEAD's body out
// itself (its length is still told), so GET and HEAD are the same here. Used from the application's
// thread.
#include "gateway/http/authenticate.hpp"
#include "gateway/http/once_only.hpp"
#include "gateway/http/problems.hpp"
#include "gateway/http/router.hpp"
#include "gateway/net/http_types.hpp"
#include "gateway/ports/audit.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "gateway/ports/random.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gw::http {

struct ApiRequest {
    net::HttpRequest http;
    std::string request_id;
    std::string call_id;  // the path's {callId}, decoded; not checked
    Principal principal;  // means nothing on an open route
};

// An HttpResponse passes as it is, and a failure in it is its maker's to log; a Problem is logged
// here.
struct JsonReply {
    std::string body;
    unsigned status = 200;
    std::optional<CallId> made = std::nullopt;  // the call this request made, for the audit log
};
using Reply = std::variant<JsonReply, Problem, net::HttpResponse>;
using Endpoint = std::function<boost::asio::awaitable<Reply>(ApiRequest)>;

struct EndpointRow {
    RouteSpec route;
    Endpoint endpoint;
    // A write that may be done again when nobody knows whether it was done: see OnceOnly.
    bool repeatable = false;
};

// What the limits say about a request of a known principal.
struct Admission {
    std::vector<net::Header> headers;  // for its answer, whatever that is
    std::optional<Problem> refusal;
};

// Where limits go. Each may be empty. Called on the application's thread, so they must not block.
struct RequestGates {
    // Who counts as the peer, when proxies stand in front.
    std::function<std::string(const net::HttpRequest&)> client_address;
    // A request without a good key; a Problem takes the place of its 401.
    std::function<std::optional<Problem>(std::string_view address)> authentication_failed;
    std::function<Admission(const Principal&)> authenticated;
    // A key that nobody has: waited for, then it is looked for once more.
    std::function<boost::asio::awaitable<void>()> unknown_key;
};

// What is kept of writes. Each may be null.
struct WriteRecords {
    OnceOnly* once = nullptr;
    ports::AuditLog* audit = nullptr;
};

struct DispatcherPorts {
    const ports::Clock& clock;
    ports::Random& random;
    ports::Metrics& metrics;
    ports::Log& log;
};

class Dispatcher {
public:
    // `authenticator` may be null when every row is open. The first row is tried before the router
    // by one comparison: the busiest one, without {callId}. What the arguments refer to must
    // outlive it.
    Dispatcher(std::vector<EndpointRow> rows, std::unique_ptr<Authenticator> authenticator,
               RequestGates gates, WriteRecords records, DispatcherPorts ports);
    // Does not throw but for cancellation: a fault of ours is logged and answered 500.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    struct RouteMetrics {
        std::array<ports::Counter*, 5> by_class{};  // 1xx (never used) to 5xx
        ports::Histogram* seconds = nullptr;
    };
    struct Found {
        std::size_t index = 0;
        std::string capture;
    };
    [[nodiscard]] RouteMetrics metrics_of(std::string_view route) const;
    [[nodiscard]] std::variant<Found, Problem> route(const net::HttpRequest& request) const;
    struct Admitted : Admission {
        bool is_known = false;  // the request has its principal, who is within the limits
    };
    // Of one request under way; `handle` holds what it refers to.
    struct Exchange {
        std::size_t index = 0;
        std::string_view request_id;
        std::shared_ptr<ports::AuditEntry> entry;  // null: no write
    };
    using Identity = std::variant<Principal, Problem>;
    [[nodiscard]] boost::asio::awaitable<Identity> identify(const net::Headers& headers) const;
    [[nodiscard]] Admitted admit(Identity known, ApiRequest& request, Access access) const;
    [[nodiscard]] boost::asio::awaitable<Admitted> admit_guarded(ApiRequest& request,
                                                                 Access access) const;
    [[nodiscard]] std::variant<std::monostate, OnceKey, Problem> once_key(
        const EndpointRow& row, const ApiRequest& request) const;
    boost::asio::awaitable<net::HttpResponse> answer(Exchange exchange, ApiRequest request);
    boost::asio::awaitable<net::HttpResponse> answer_admitted(Exchange exchange,
                                                              ApiRequest request);
    boost::asio::awaitable<net::HttpResponse> run(Exchange exchange, ApiRequest request);
    void report(const Problem& problem, unsigned status, const Exchange& exchange) const;
    [[nodiscard]] net::HttpResponse respond(Reply reply, const Exchange& exchange) const;
    void record(const Exchange& exchange, unsigned status) const;

    std::vector<EndpointRow> rows_;
    Router router_;
    std::unique_ptr<Authenticator> authenticator_;
    RequestGates gates_;
    WriteRecords records_;
    DispatcherPorts ports_;
    std::vector<RouteMetrics> metrics_;  // as rows_, and one more for requests without a route
};

// A valid one that was sent (1–128 of A–Z a–z 0–9 . _ -), or 32 random hexadecimal digits.
std::string request_id_of(const net::Headers& headers, ports::Random& random);
// The header fields of every answer.
void add_common_headers(net::HttpResponse& response, std::string request_id);

}  // namespace gw::http
