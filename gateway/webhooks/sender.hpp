#pragma once
// SPDX-License-Identifier: Apache-2.0
// One attempt to deliver an event to a customer's endpoint: signed now, one request, no repetition.
// Success is decided at the answer's header block. Used from the HTTP client's executor only.
#include "gateway/net/http_client.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "gateway/ports/webhook_sender.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace gw::webhooks {

struct SenderOptions {
    std::chrono::milliseconds timeout{15'000};   // the whole attempt
    std::size_t response_bytes_max = 64 * 1024;  // read at most, to keep the connection
};

// All references must outlive the object and its coroutines. `http` must be one that keeps to
// public addresses.
std::unique_ptr<ports::WebhookSender> make_webhook_sender(net::HttpClient& http,
                                                          ports::Clock& clock, ports::Log& log,
                                                          ports::Metrics& metrics,
                                                          SenderOptions options = {});

}  // namespace gw::webhooks
