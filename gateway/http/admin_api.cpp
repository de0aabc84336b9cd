// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/admin_api.hpp"

#include "gateway/http/json_text.hpp"

#include <memory>
#include <utility>

namespace gw::http {
namespace {

namespace asio = boost::asio;
using Functions = std::shared_ptr<const AdminFunctions>;

asio::awaitable<Reply> metrics(Functions functions, ApiRequest) {
    net::HttpResponse response;
    response.body = functions->metrics_text();
    response.headers.add("Content-Type", "text/plain; version=0.0.4");
    co_return response;
}

asio::awaitable<Reply> healthz(Functions, ApiRequest) {
    co_return JsonReply{R"({"status":"ok"})"};
}

asio::awaitable<Reply> readyz(Functions functions, ApiRequest) {
    const auto reasons = functions->not_ready_reasons();
    if (reasons.empty()) {
        co_return JsonReply{R"({"status":"ready"})"};
    }
    // Not a Problem: an answer that a probe expects is no fault to log.
    net::HttpResponse response{.status = 503, .headers = {}, .body = {}};
    response.body = R"({"status":"not ready","reasons":[)";
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        if (i > 0) {
            response.body += ',';
        }
        append_string(response.body, reasons[i]);
    }
    response.body += "]}";
    response.headers.add("Content-Type", "application/json");
    co_return response;
}

asio::awaitable<Reply> drain(Functions functions, ApiRequest) {
    functions->drain();
    co_return JsonReply{R"({"status":"draining"})", 202};
}

}  // namespace

std::vector<EndpointRow> admin_endpoints(AdminFunctions functions) {
    const auto shared = std::make_shared<const AdminFunctions>(std::move(functions));
    using Function = asio::awaitable<Reply> (*)(Functions, ApiRequest);
    const auto bind = [&shared](Function function) -> Endpoint {
        return
            [shared, function](ApiRequest request) { return function(shared, std::move(request)); };
    };
    return {
        {{"GET", "/metrics", Access::open}, bind(metrics)},
        {{"GET", "/healthz", Access::open}, bind(healthz)},
        {{"GET", "/readyz", Access::open}, bind(readyz)},
        {{"POST", "/drain", Access::open}, bind(drain)},
    };
}

}  // namespace gw::http
