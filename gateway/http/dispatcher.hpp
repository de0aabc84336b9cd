#pragma once
// SPDX-License-Identifier: Apache-2.0
// What every request goes through: request id, route, authentication, the endpoint, one form of
// answer, one count. Endpoints only give JSON or a Problem. The server leaves a HEAD's body out
// itself (its length is still told), so GET and HEAD are the same here. Used from the application's
// thread.
#include "gateway/http/authenticate.hpp"
#include "gateway/http/problems.hpp"
#include "gateway/http/router.hpp"
#include "gateway/net/http_types.hpp"
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
};
using Reply = std::variant<JsonReply, Problem, net::HttpResponse>;
using Endpoint = std::function<boost::asio::awaitable<Reply>(ApiRequest)>;

struct EndpointRow {
    RouteSpec route;
    Endpoint endpoint;
};

// Where limits go: each may refuse. Called on the application's thread, so they must not block.
struct RequestGates {
    // Before the key is looked at; the peer's address.
    std::function<std::optional<Problem>(std::string_view remote_address)> before_authentication;
    std::function<std::optional<Problem>(const Principal&)> after_authentication;
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
               RequestGates gates, DispatcherPorts ports);
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
    [[nodiscard]] std::optional<Problem> admit(ApiRequest& request, Access access) const;
    boost::asio::awaitable<Reply> answer(std::size_t index, ApiRequest request);
    void report(const Problem& problem, unsigned status, std::size_t index,
                std::string_view request_id) const;
    [[nodiscard]] net::HttpResponse finish(Reply reply, std::size_t index,
                                           std::string request_id) const;

    std::vector<EndpointRow> rows_;
    Router router_;
    std::unique_ptr<Authenticator> authenticator_;
    RequestGates gates_;
    DispatcherPorts ports_;
    std::vector<RouteMetrics> metrics_;  // as rows_, and one more for requests without a route
};

// A valid one that was sent (1–128 of A–Z a–z 0–9 . _ -), or 32 random hexadecimal digits.
std::string request_id_of(const net::Headers& headers, ports::Random& random);
// The header fields of every answer.
void add_common_headers(net::HttpResponse& response, std::string request_id);

}  // namespace gw::http
