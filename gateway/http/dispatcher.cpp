// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dispatcher.hpp"

#include "gateway/domain/ids.hpp"
#include "gateway/http/target.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace gw::http {

namespace asio = boost::asio;

namespace {

constexpr std::string_view no_route = "none";
constexpr std::size_t request_id_length_max = 128;
constexpr std::size_t audited_path_max = 256;

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

Problem fault(std::string_view what) {
    Problem problem(ProblemCode::internal_error);
    problem.cause = "exception: " + std::string(what);
    return problem;
}

std::shared_ptr<ports::AuditEntry> entry_of(const ApiRequest& request, UtcTime now) {
    auto entry = std::make_shared<ports::AuditEntry>();
    entry->at = now;
    entry->request_id = request.request_id;
    entry->key_id = request.principal.key_id;
    entry->org_id = request.principal.org_id;
    entry->project_id = request.principal.project_id;
    entry->address = request.http.remote_address;
    entry->method = request.http.method;
    entry->path = split_target(request.http.target).path.substr(0, audited_path_max);
    entry->call_id = parse_call_id(request.call_id);
    return entry;
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
                       RequestGates gates, WriteRecords records, DispatcherPorts ports)
    : rows_(std::move(rows)),
      router_(specs_of(rows_)),
      authenticator_(std::move(authenticator)),
      gates_(std::move(gates)),
      records_(records),
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

Dispatcher::Admitted Dispatcher::admit(Identity known, ApiRequest& request, Access access) const {
    Admitted admitted;
    if (auto* problem = std::get_if<Problem>(&known)) {
        admitted.refusal = std::move(*problem);
        if (gates_.authentication_failed) {
            if (auto limited = gates_.authentication_failed(request.http.remote_address)) {
                admitted.refusal = std::move(*limited);
            }
        }
        return admitted;
    }
    request.principal = std::move(std::get<Principal>(known));
    if (gates_.authenticated) {
        static_cast<Admission&>(admitted) = gates_.authenticated(request.principal);
        if (admitted.refusal) {
            return admitted;
        }
    }
    admitted.is_known = true;
    admitted.refusal = authenticator_->narrow(request.http.headers, request.principal);
    if (!admitted.refusal && access == Access::full &&
        request.principal.scope != ports::Scope::full) {
        admitted.refusal = Problem(ProblemCode::read_only_key);
    }
    return admitted;
}

// Whoever uses a key in the moment it was made by another process must not be told that it is
// wrong.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<Dispatcher::Identity> Dispatcher::identify(const net::Headers& headers) const {
    Identity known = authenticator_->identify(headers);
    const auto* problem = std::get_if<Problem>(&known);
    if (problem && problem->code == ProblemCode::invalid_api_key && gates_.unknown_key) {
        co_await gates_.unknown_key();
        known = authenticator_->identify(headers);
    }
    co_return known;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<Dispatcher::Admitted> Dispatcher::admit_guarded(ApiRequest& request,
                                                                Access access) const {
    Admitted admitted;
    try {
        admitted = admit(co_await identify(request.http.headers), request, access);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) {
            throw;  // the connection is being closed: nobody waits for an answer
        }
        admitted.refusal = fault(error.what());
    } catch (const std::exception& error) {
        admitted.refusal = fault(error.what());
    }
    co_return admitted;
}

std::variant<std::monostate, OnceKey, Problem> Dispatcher::once_key(
    const EndpointRow& row, const ApiRequest& request) const {
    if (records_.once == nullptr || row.route.access != Access::full ||
        row.route.method != "POST") {
        return std::monostate{};
    }
    // A call has two spellings, its number and its public id.
    const auto call = parse_call_id(request.call_id);
    const std::string subject =
        std::string(row.route.pattern) + ' ' + (call ? to_public(*call) : request.call_id);
    return records_.once->key_of(request.http, request.principal, subject);
}

// Does not throw but for cancellation.
asio::awaitable<net::HttpResponse> Dispatcher::run(Exchange exchange, ApiRequest request) {
    Reply reply = Problem(ProblemCode::internal_error);
    try {
        reply = co_await rows_[exchange.index].endpoint(std::move(request));
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) {
            throw;  // the connection is being closed: nobody waits for an answer
        }
        reply = fault(error.what());
    } catch (const std::exception& error) {
        reply = fault(error.what());
    }
    if (const auto* json = std::get_if<JsonReply>(&reply); json && json->made && exchange.entry) {
        exchange.entry->call_id = json->made;
    }
    co_return respond(std::move(reply), exchange);
}

asio::awaitable<net::HttpResponse> Dispatcher::answer_admitted(Exchange exchange,
                                                               ApiRequest request) {
    const EndpointRow& row = rows_[exchange.index];
    auto key = once_key(row, request);
    if (auto* problem = std::get_if<Problem>(&key)) {
        co_return respond(std::move(*problem), exchange);
    }
    if (std::holds_alternative<std::monostate>(key)) {
        co_return co_await run(std::move(exchange), std::move(request));
    }
    auto shared = std::make_shared<ApiRequest>(std::move(request));
    OnceOnly::Work work = [this, exchange, shared] { return run(exchange, std::move(*shared)); };
    auto outcome =
        co_await records_.once->run(std::get<OnceKey>(key), row.repeatable, std::move(work));
    if (auto* problem = std::get_if<Problem>(&outcome)) {
        co_return respond(std::move(*problem), exchange);
    }
    co_return std::move(std::get<net::HttpResponse>(outcome));
}

asio::awaitable<net::HttpResponse> Dispatcher::answer(Exchange exchange, ApiRequest request) {
    const Access access = rows_[exchange.index].route.access;
    Admitted admitted = co_await admit_guarded(request, access);
    if (admitted.is_known && access == Access::full && records_.audit != nullptr) {
        exchange.entry = entry_of(request, ports_.clock.utc());
    }
    net::HttpResponse response;
    if (admitted.refusal) {
        response = respond(std::move(*admitted.refusal), exchange);
    } else {
        response = co_await answer_admitted(exchange, std::move(request));
    }
    for (auto& [name, value] : admitted.headers) {
        response.headers.set(name, std::move(value));
    }
    if (exchange.entry) {
        record(exchange, response.status);
    }
    co_return response;
}

void Dispatcher::record(const Exchange& exchange, unsigned status) const {
    ports::AuditEntry& entry = *exchange.entry;
    entry.status = status;
    const std::string route = name_of_route(rows_[exchange.index].route);
    ports_.log.info("api_write",
                    {{"request_id", entry.request_id},
                     {"key_id", entry.key_id},
                     {"org_id", entry.org_id ? entry.org_id->value() : 0},
                     {"project_id", entry.project_id ? entry.project_id->value() : 0},
                     {"route", route},
                     {"call_id", entry.call_id ? to_public(*entry.call_id) : std::string()},
                     {"status", status}});
    records_.audit->record(entry);
}

void Dispatcher::report(const Problem& problem, unsigned status, const Exchange& exchange) const {
    if (status < 500) {
        return;
    }
    const std::string route = exchange.index < rows_.size()
                                  ? name_of_route(rows_[exchange.index].route)
                                  : std::string(no_route);
    ports_.log.warn("http_request_failed", {{"request_id", exchange.request_id},
                                            {"route", route},
                                            {"status", status},
                                            {"cause", problem.cause}});
}

net::HttpResponse Dispatcher::respond(Reply reply, const Exchange& exchange) const {
    if (const auto* problem = std::get_if<Problem>(&reply)) {
        net::HttpResponse response = to_response(*problem);
        report(*problem, response.status, exchange);
        return response;
    }
    if (auto* whole = std::get_if<net::HttpResponse>(&reply)) {
        return std::move(*whole);
    }
    auto& json = std::get<JsonReply>(reply);
    net::HttpResponse response;
    response.status = json.status;
    response.body = std::move(json.body);
    response.headers.reserve(8);
    response.headers.add("Content-Type", "application/json");
    return response;
}

asio::awaitable<net::HttpResponse> Dispatcher::handle(net::HttpRequest request) {
    const MonoTime begin = ports_.clock.mono();
    std::string request_id = request_id_of(request.headers, ports_.random);
    auto routed = route(request);
    Exchange exchange{.index = rows_.size(), .request_id = request_id, .entry = nullptr};
    net::HttpResponse response;
    if (auto* problem = std::get_if<Problem>(&routed)) {
        response = respond(std::move(*problem), exchange);
    } else {
        auto& found = std::get<Found>(routed);
        exchange.index = found.index;
        if (gates_.client_address) {
            request.remote_address = gates_.client_address(request);
        }
        ApiRequest api{.http = std::move(request),
                       .request_id = request_id,
                       .call_id = std::move(found.capture),
                       .principal = {}};
        const bool is_open = rows_[found.index].route.access == Access::open;
        auto answered = is_open ? run(exchange, std::move(api)) : answer(exchange, std::move(api));
        response = co_await std::move(answered);
    }
    const RouteMetrics& metrics = metrics_[exchange.index];
    add_common_headers(response, std::move(request_id));
    metrics.by_class[std::clamp(response.status / 100, 2U, 5U) - 1]->increment();
    metrics.seconds->observe(std::chrono::duration<double>(ports_.clock.mono() - begin).count());
    co_return response;
}

}  // namespace gw::http
