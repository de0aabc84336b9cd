#pragma once
// SPDX-License-Identifier: Apache-2.0
// Telling customers: making the body of an event, and one signed attempt to deliver it.
#include "gateway/domain/call.hpp"
#include "gateway/domain/effect.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace gw::ports {

// The envelope and data of an event as JSON; a pure function of its arguments.
class EventEncoder {
public:
    virtual ~EventEncoder() = default;
    [[nodiscard]] virtual std::string encode(const Call& call, const PublicEvent& event) const = 0;
};

struct WebhookAttempt {
    std::string url;
    std::string secret;  // "whsec_…"
    WebhookEventId event_id;
    std::string body;
    UtcTime signed_at;
};

struct AttemptOutcome {
    std::optional<unsigned> status_code;  // none: no answer
    bool success = false;                 // 2xx
    std::string error;                    // empty on success; fit for the customer's eyes
    std::optional<std::chrono::seconds> retry_after;  // asked for by a 429 or 503
};

class WebhookSender {
public:
    virtual ~WebhookSender() = default;
    // One request, signed now, within the configured time. Never throws.
    virtual boost::asio::awaitable<AttemptOutcome> attempt(WebhookAttempt attempt) = 0;
};

}  // namespace gw::ports
