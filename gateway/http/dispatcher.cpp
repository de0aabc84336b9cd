// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dispatcher.hpp"

#include "gateway/http/target.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace gw::http {
namespace {

constexpr std::string_view no_route = "none";
constexpr std::size_t request_id_length_max = 128;

std::vector<RouteSpec> specs_of(const std::vector<EndpointRow>& rows) {
    std::vector<RouteSpec> specs;
    specs.reserve(rows.size());
    for (const auto& row : rows) {
        specs.push_back(row.route);
    }
    return specs;
}

bool is_request_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

std::string name_of_route(const RouteSpec& spec) {
    return std::string(spec.method) + " " + std::string(spec.pattern);
}

}  // namespace

std::string request_id_of(const net::Headers& headers, ports::Random& random) {
    if (headers.count("X-Request-Id") == 1) {
        const std::string_view sent = *headers.find("X-Request-Id");
        if (!sent.empty() && sent.size() <= request_id_length_max &&
            std::ranges::all_of(sent, is_request_id_char)) {
            return std::string(sent);
        }
    }
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    std::string id;
    id.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        id += digits[byte >> 4U];
        id += digits[byte & 0xFU];
    }
    return id;
}

void add_common_headers(net::HttpResponse& response, std::string request_id) {
    response.headers.set("X-Request-Id", std::move(request_id));
    if (response.headers.count("Cache-Control") == 0) {
        response.headers.add("Cache-Control", "no-store");
    }
}

Dispatcher::Dispatcher(std::vector<EndpointRow> rows, std::unique_ptr<Authenticator> authenticator,
                       RequestGates gates, DispatcherPorts ports)
    : rows_(std::move(rows)),
      router_(specs_of(rows_)),
      authenticator_(std::move(authenticator)),
      gates_(std::move(gates)),
      ports_(ports) {
    for (const auto& row : rows_) {
        const auto& spec = row.route;
        metrics_.push_back(metrics_of(name_of_route(spec)));
        if (spec.access != Access::open && authenticator_ == nullptr) {
            throw std::logic_error("a route asks for a key and nobody checks keys");
        }
    }
    metrics_.push_back(metrics_of(no_route));
}

Dispatcher::RouteMetrics Dispatcher::metrics_of(std::string_view route) const {
    static constexpr std::array<std::string_view, 5> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
    RouteMetrics metrics;
    for (std::size_t i = 1; i < classes.size(); ++i) {
        metrics.by_class[i] = &ports_.metrics.counter(
            {"gateway_http_requests_total", "HTTP requests answered, by route and status class."},
            {{"route", route}, {"status", classes[i]}});
    }
    metrics.seconds = &ports_.metrics.histogram(
        {"gateway_http_request_seconds", "Time from a request read whole to its answer."},
        {{"route", route}});
    return metrics;
}

std::variant<Dispatcher::Found, Problem> Dispatcher::route(const net::HttpRequest& request) const {
    const std::string_view path = split_target(request.target).path;
    if (const auto& first = rows_.front().route;
        path == first.pattern && request.method == first.method) {
        return Found{.index = 0, .capture = {}};
    }
    RouteMatch match = router_.match(request.method, path);
    if (auto* found = std::get_if<RouteFound>(&match)) {
        return Found{.index = found->index, .capture = std::move(found->capture)};
    }
    if (std::holds_alternative<PathMalformed>(match)) {
        return validation_problem({{"path", "must be correctly percent-encoded"}});
    }
    if (auto* wrong = std::get_if<MethodWrong>(&match)) {
        Problem problem(ProblemCode::method_not_allowed);
        problem.allow = std::move(wrong->allow);
        return problem;
    }
    return Problem(ProblemCode::not_found);
}

std::optional<Problem> Dispatcher::admit(ApiRequest& request, Access access) const {
    if (access == Access::open) {
        return std::nullopt;
    }
    if (gates_.before_authentication) {
        if (auto refused = gates_.before_authentication(request.http.remote_address)) {
            return refused;
        }
    }
    auto known = authenticator_->authenticate(request.http.headers);
    if (auto* problem = std::get_if<Problem>(&known)) {
        return std::move(*problem);
    }
    request.principal = std::move(std::get<Principal>(known));
    if (gates_.after_authentication) {
        if (auto refused = gates_.after_authentication(request.principal)) {
            return refused;
        }
    }
    if (access == Access::full && request.principal.scope != ports::Scope::full) {
        return Problem(ProblemCode::read_only_key);
    }
    return std::nullopt;
}

boost::asio::awaitable<Reply> Dispatcher::answer(std::size_t index, ApiRequest request) {
    const EndpointRow& row = rows_[index];
    std::string failure;
    try {
        if (auto refused = admit(request, row.route.access)) {
            co_return std::move(*refused);
        }
        co_return co_await row.endpoint(std::move(request));
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) {
            throw;  // the connection is being closed: nobody waits for an answer
        }
        failure = error.what();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    Problem problem(ProblemCode::internal_error);
    problem.cause = "exception: " + failure;
    co_return problem;
}

void Dispatcher::report(const Problem& problem, unsigned status, std::size_t index,
                        std::string_view request_id) const {
    if (status < 500) {
        return;
    }
    const std::string route =
        index < rows_.size() ? name_of_route(rows_[index].route) : std::string(no_route);
    ports_.log.warn("http_request_failed", {{"request_id", request_id},
                                            {"route", route},
                                            {"status", status},
                                            {"cause", problem.cause}});
}

net::HttpResponse Dispatcher::finish(Reply reply, std::size_t index, std::string request_id) const {
    net::HttpResponse response;
    if (auto* json = std::get_if<JsonReply>(&reply)) {
        response.status = json->status;
        response.body = std::move(json->body);
        response.headers.reserve(3);
        response.headers.add("Content-Type", "application/json");
    } else if (const auto* problem = std::get_if<Problem>(&reply)) {
        response = to_response(*problem);
        report(*problem, response.status, index, request_id);
    } else {
        response = std::move(std::get<net::HttpResponse>(reply));
    }
    add_common_headers(response, std::move(request_id));
    return response;
}

boost::asio::awaitable<net::HttpResponse> Dispatcher::handle(net::HttpRequest request) {
    const MonoTime begin = ports_.clock.mono();
    std::string request_id = request_id_of(request.headers, ports_.random);
    auto routed = route(request);
    std::size_t index = rows_.size();
    Reply reply = Problem(ProblemCode::not_found);
    if (auto* problem = std::get_if<Problem>(&routed)) {
        reply = std::move(*problem);
    } else {
        auto& found = std::get<Found>(routed);
        index = found.index;
        ApiRequest api{.http = std::move(request),
                       .request_id = request_id,
                       .call_id = std::move(found.capture),
                       .principal = {}};
        reply = co_await answer(index, std::move(api));
    }
    net::HttpResponse response = finish(std::move(reply), index, std::move(request_id));
    const RouteMetrics& metrics = metrics_[index];
    metrics.by_class[std::clamp(response.status / 100, 2U, 5U) - 1]->increment();
    metrics.seconds->observe(std::chrono::duration<double>(ports_.clock.mono() - begin).count());
    co_return response;
}

}  // namespace gw::http
