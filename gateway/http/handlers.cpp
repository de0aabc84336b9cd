// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/handlers.hpp"

#include "gateway/http/control_api.hpp"
#include "gateway/http/reads_api.hpp"

#include <memory>
#include <utility>

namespace gw::http {
namespace {

namespace asio = boost::asio;

asio::awaitable<Reply> pass_on(std::shared_ptr<const net::HttpHandler> handler,
                               ApiRequest request) {
    co_return co_await (*handler)(std::move(request.http));
}

EndpointRow carrier_webhooks_row(net::HttpHandler handler) {
    auto shared = std::make_shared<const net::HttpHandler>(std::move(handler));
    return {{"POST", "/telnyx/webhooks", Access::open},
            [shared](ApiRequest request) { return pass_on(shared, std::move(request)); }};
}

net::HttpHandler handler_of(std::shared_ptr<Dispatcher> dispatcher) {
    return [dispatcher = std::move(dispatcher)](net::HttpRequest request) {
        return dispatcher->handle(std::move(request));
    };
}

}  // namespace

std::vector<EndpointRow> public_endpoints(CallsApiParts calls, net::HttpHandler carrier_webhooks) {
    std::vector<EndpointRow> rows;
    rows.push_back(
        carrier_webhooks_row(std::move(carrier_webhooks)));  // first: most of the traffic
    for (auto& row : calls_endpoints(calls)) {
        rows.push_back(std::move(row));
    }
    for (auto& row : reads_endpoints(calls)) {
        rows.push_back(std::move(row));
    }
    for (auto& row : control_endpoints(calls)) {
        rows.push_back(std::move(row));
    }
    return rows;
}

net::HttpHandler make_public_handler(PublicHandlerParts parts) {
    return handler_of(std::make_shared<Dispatcher>(
        public_endpoints(parts.calls, std::move(parts.carrier_webhooks)),
        std::make_unique<Authenticator>(parts.calls.directory), std::move(parts.gates),
        parts.records, parts.ports));
}

net::HttpHandler make_admin_handler(AdminFunctions functions, DispatcherPorts ports) {
    return handler_of(std::make_shared<Dispatcher>(admin_endpoints(std::move(functions)), nullptr,
                                                   RequestGates{}, WriteRecords{}, ports));
}

std::function<net::HttpResponse(unsigned, std::string_view, const net::Headers&)> make_refusal(
    ports::Random& random) {
    return [&random](unsigned status, std::string_view, const net::Headers& seen) {
        net::HttpResponse response = to_response(problem_of_status(status));
        response.status = status;
        add_common_headers(response, request_id_of(seen, random));
        return response;
    };
}

}  // namespace gw::http
