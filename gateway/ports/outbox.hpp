#pragma once
// SPDX-License-Identifier: Apache-2.0
// Durable webhook deliveries and their attempts. An attempt is on disk before its request leaves;
// its result is written after. Same threading promise as CallStore, whose commit creates the
// deliveries.
#include "gateway/domain/ids.hpp"
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::ports {

// A delivery that is still owed.
struct PendingDelivery {
    DeliveryId id;
    EndpointId endpoint_id;
    CallId call_id;
    WebhookEventId event_id;
    std::uint32_t attempts = 0;  // made so far, unfinished ones included
    UtcTime next_at;             // not before; our clock
    UtcTime created_at;
};

// An endpoint that is owed something.
struct OwedEndpoint {
    EndpointId id;
    UtcTime first_at;  // when the first of it is due
};

// Which of an endpoint's owed deliveries: those with next_at ≤ until, by (next_at, id).
using DuePlace = std::pair<UtcTime, DeliveryId>;
struct DueRange {
    UtcTime until;
    std::optional<DuePlace> after;  // continues a page
    std::size_t limit = 0;
};

struct AttemptStart {
    AttemptId id;
    DeliveryId delivery_id;
    std::uint32_t number = 1;
    UtcTime at;
    std::string url;  // as it was when the attempt was made
};

struct AttemptEnd {
    AttemptId id;
    DeliveryId delivery_id;
    UtcTime at;
    std::optional<unsigned> status_code;
    bool success = false;
    std::string error;               // empty on success: "HTTP 503", "timeout", ...
    std::optional<UtcTime> next_at;  // the next attempt; none: the delivery is over
};

// One line of the delivery log.
struct AttemptRecord {
    AttemptId id;
    DeliveryId delivery_id;
    std::string event;  // "call.ended"
    WebhookEventId event_id;
    std::string url;
    std::uint32_t number = 1;
    std::optional<unsigned> status_code;
    bool success = false;
    std::optional<std::string> error;
    UtcTime created_at;
};

struct AttemptFilter {
    std::optional<std::string> event;
    std::optional<bool> success;
    std::optional<AttemptId> after_id;  // only greater ids; no record need have this one
};

class Outbox {
public:
    virtual ~Outbox() = default;
    virtual AttemptId next_attempt_id() = 0;
    // By id; `after` continues a page. The cost is a look per endpoint, however much it is owed.
    virtual boost::asio::awaitable<Result<std::vector<OwedEndpoint>>> owed_endpoints(
        std::optional<EndpointId> after, std::size_t limit) = 0;
    // The cost is that of the rows it gives, whatever other endpoints are owed.
    virtual boost::asio::awaitable<Result<std::vector<PendingDelivery>>> due(EndpointId endpoint,
                                                                             DueRange range) = 0;
    // The frozen body of the delivery's event.
    virtual boost::asio::awaitable<Result<std::string>> body_of(DeliveryId id) = 0;
    // The same attempt told again changes nothing.
    virtual boost::asio::awaitable<Result<void>> begin_attempt(AttemptStart start) = 0;
    virtual boost::asio::awaitable<Result<void>> finish_attempt(AttemptEnd end) = 0;
    // The delivery is over without another attempt; its attempts stay in the log. One that is not
    // owed is fine.
    virtual boost::asio::awaitable<Result<void>> give_up(DeliveryId id) = 0;
    // For the start: every attempt without a result gets "outcome unknown: gateway restarted", and
    // its delivery is due again at its created_at, so that it stays before later events of its
    // call. Gives the number of such attempts.
    virtual boost::asio::awaitable<Result<std::size_t>> close_interrupted(UtcTime now) = 0;
    // Finished attempts of a call, by created_at as it is shown (whole seconds), then attempt
    // number, then id; at most `limit`.
    virtual boost::asio::awaitable<Result<std::vector<AttemptRecord>>> attempts_of(
        CallId id, AttemptFilter filter, std::size_t limit) = 0;
};

}  // namespace gw::ports
