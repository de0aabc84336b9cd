#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the two listeners run: the whole public and the whole private interface as one handler each,
// and the answer to requests that no handler sees. Only compose includes this.
#include "gateway/http/admin_api.hpp"
#include "gateway/http/calls_api.hpp"

#include <functional>
#include <string_view>

namespace gw::http {

struct PublicHandlerParts {
    CallsApiParts calls;
    net::HttpHandler carrier_webhooks;  // POST /telnyx/webhooks
    RequestGates gates;
    WriteRecords records = {};
    DispatcherPorts ports;
};

std::vector<EndpointRow> public_endpoints(CallsApiParts calls, net::HttpHandler carrier_webhooks);

// What the parts refer to must outlive the handler.
net::HttpHandler make_public_handler(PublicHandlerParts parts);
net::HttpHandler make_admin_handler(AdminFunctions functions, DispatcherPorts ports);

// For net::HttpServerOptions::refusal. `random` must outlive it.
std::function<net::HttpResponse(unsigned status, std::string_view reason, const net::Headers& seen)>
make_refusal(ports::Random& random);

}  // namespace gw::http
