#pragma once
// SPDX-License-Identifier: Apache-2.0
// All that stands between a request and its endpoint beside the key itself, as one object: the
// limits of organisations and addresses with the header fields that tell of them, trusted proxies,
// Idempotency-Key, audit. Application's thread.
#include "gateway/app/failed_authentications.hpp"
#include "gateway/app/rate_limits.hpp"
#include "gateway/http/client_address.hpp"
#include "gateway/http/dispatcher.hpp"
#include "gateway/http/once_only.hpp"

#include <span>
#include <string>

namespace gw::http {

struct AccessPorts {
    ports::IdempotencyStore& idempotency;
    ports::AuditLog& audit;
    ports::Clock& clock;
    ports::Log& log;
    ports::Metrics& metrics;
};

class AccessControl {
public:
    AccessControl(boost::asio::any_io_executor executor, AccessPorts ports,
                  std::span<const std::string> trusted_proxies);

    // They refer to this object.
    RequestGates gates();
    WriteRecords records() { return {.once = &once_, .audit = &ports_.audit}; }
    // Housekeeping; runs until cancelled.
    boost::asio::awaitable<void> sweep() { return once_.sweep(); }

private:
    std::optional<Problem> authentication_failed(std::string_view address);
    Admission authenticated(const Principal& principal);

    AccessPorts ports_;
    ClientAddress client_address_;
    app::RateLimits rate_limits_;
    app::FailedAuthentications failed_;
    OnceOnly once_;
    ports::Counter& over_rate_;
    ports::Counter& over_failures_;
};

}  // namespace gw::http
