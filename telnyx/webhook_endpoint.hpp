#pragma once
// SPDX-License-Identifier: Apache-2.0
// POST /telnyx/webhooks: from the bytes of a request to a carrier event taken by the application,
// cheapest checks first. 200 means that the event is on disk, or is none of our business and must
// not come again. Used from the executor of the HTTP server only.
#include "gateway/app/event_intake.hpp"
#include "gateway/net/http_types.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "telnyx/failure_limiter.hpp"
#include "telnyx/webhook_signature.hpp"
#include "telnyx/wire/event_json.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gw::telnyx {

struct WebhookEndpointOptions {
    std::size_t body_bytes_max = 1024 * 1024;
    // Refused signatures of one address in a minute, after which it gets 429 without a look; 0: no
    // limit. Behind a proxy all of Telnyx is one address with its forgers, so the bound only keeps
    // forgeries from taking more than about one hundredth of a core (55 µs each, SPEED), and
    // genuine events pass unless the flood is larger than that; Telnyx repeats what gets 429.
    std::uint32_t failures_per_minute_max = 10'000;
    std::size_t limited_addresses_max = 4'096;
    std::chrono::seconds retry_after{1};  // said with 503
    // The address to count by; empty: the peer's.
    std::function<std::string(const net::HttpRequest&)> client_address = {};
};

class WebhookEndpoint {
public:
    WebhookEndpoint(SignatureVerifier verifier, app::EventIntake& intake, ports::Clock& clock,
                    ports::Log& log, ports::Metrics& metrics, WebhookEndpointOptions options = {});
    ~WebhookEndpoint();
    WebhookEndpoint(const WebhookEndpoint&) = delete;
    WebhookEndpoint& operator=(const WebhookEndpoint&) = delete;

    // The object must outlive the coroutine. Exceptions of the intake go through: the server
    // answers 500.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    struct Meters;

    [[nodiscard]] std::optional<net::HttpResponse> refuse_early(const net::HttpRequest& request);
    [[nodiscard]] std::optional<net::HttpResponse> refuse_unsigned(const net::HttpRequest& request);
    net::HttpResponse refuse_event(const net::HttpRequest& request, std::size_t body_bytes,
                                   EventFault fault);
    net::HttpResponse answer_taken(app::Intake intake);
    net::HttpResponse answer_failed(const Error& error);

    SignatureVerifier verifier_;
    app::EventIntake& intake_;
    ports::Clock& clock_;
    ports::Log& log_;
    WebhookEndpointOptions options_;
    FailureLimiter limiter_;
    std::unique_ptr<Meters> meters_;
};

}  // namespace gw::telnyx
