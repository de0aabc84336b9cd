// SPDX-License-Identifier: Apache-2.0
// The part of call_reads.hpp that answers about deliveries.
#include "gateway/store/call_reads.hpp"

#include <limits>

namespace gw::store {
namespace {

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();

}  // namespace

OutboxReads::OutboxReads(Connection& db)
    : select_next_owed_(db,
                        "SELECT endpoint_id, next_at FROM deliveries INDEXED BY "
                        "deliveries_by_endpoint WHERE endpoint_id > ? "
                        "ORDER BY endpoint_id, next_at LIMIT 1"),
      select_due_(db,
                  "SELECT d.id, d.endpoint_id, d.call_id, e.event_id, d.attempts, d.next_at, "
                  "d.created_at FROM deliveries d INDEXED BY deliveries_by_endpoint "
                  "JOIN webhook_events e ON e.id = d.webhook_event "
                  "WHERE d.endpoint_id = ? AND d.next_at <= ? AND (d.next_at, d.id) > (?, ?) "
                  "ORDER BY d.next_at, d.id LIMIT ?"),
      select_body_(db,
                   "SELECT e.body FROM deliveries d JOIN webhook_events e "
                   "ON e.id = d.webhook_event WHERE d.id = ?"),
      select_attempts_(db,
                       "SELECT a.id, a.delivery_id, e.event, e.event_id, a.url, a.number, "
                       "a.status_code, a.success, a.error, a.at FROM delivery_attempts a "
                       "JOIN webhook_events e ON e.id = a.webhook_event "
                       "WHERE a.call_id = ?1 AND a.ended_at IS NOT NULL "
                       "AND (?2 IS NULL OR e.event = ?2) AND (?3 IS NULL OR a.success = ?3) "
                       "AND (?4 IS NULL OR a.id > ?4) "
                       "ORDER BY a.at / 1000000, a.number, a.id LIMIT ?5") {}

// A jump from endpoint to endpoint along the index: one query over all would read every row.
Result<std::vector<ports::OwedEndpoint>> OutboxReads::owed_endpoints(
    std::optional<EndpointId> after, std::size_t limit) {
    std::vector<ports::OwedEndpoint> found;
    std::int64_t last = after ? after->value() : lowest;
    Statement& s = select_next_owed_;
    while (found.size() < limit) {
        s.put(last);
        const StatementGuard guard(s);
        if (!s.next()) {
            break;
        }
        const auto id = s.get_id<EndpointId>();
        found.push_back({.id = id, .first_at = s.get_time()});
        last = id.value();
    }
    return found;
}

Result<std::vector<ports::PendingDelivery>> OutboxReads::due(EndpointId endpoint,
                                                             const ports::DueRange& range) {
    std::vector<ports::PendingDelivery> found;
    Statement& s = select_due_;
    s.put(endpoint).put(range.until).put(range.after ? micros_of(range.after->first) : lowest);
    s.put(range.after ? range.after->second.value() : lowest);
    s.put(static_cast<std::int64_t>(range.limit));
    const StatementGuard guard(s);
    while (s.next()) {
        ports::PendingDelivery delivery;
        delivery.id = s.get_id<DeliveryId>();
        delivery.endpoint_id = s.get_id<EndpointId>();
        delivery.call_id = s.get_id<CallId>();
        delivery.event_id = s.get_id<WebhookEventId>();
        delivery.attempts = static_cast<std::uint32_t>(s.get_int());
        delivery.next_at = s.get_time();
        delivery.created_at = s.get_time();
        found.push_back(std::move(delivery));
    }
    return found;
}

Result<std::string> OutboxReads::body_of(DeliveryId id) {
    select_body_.put(id);
    const StatementGuard guard(select_body_);
    if (!select_body_.next()) {
        return Error(Errc::not_found, "delivery " + std::to_string(id.value()) + " is not owed");
    }
    return select_body_.get_text();
}

Result<std::vector<ports::AttemptRecord>> OutboxReads::attempts_of(
    CallId id, const ports::AttemptFilter& filter, std::size_t limit) {
    std::vector<ports::AttemptRecord> records;
    Statement& s = select_attempts_;
    s.put(id).put(filter.event).put(filter.success).put(filter.after_id);
    s.put(static_cast<std::int64_t>(limit));
    const StatementGuard guard(s);
    while (s.next()) {
        ports::AttemptRecord record;
        record.id = s.get_id<AttemptId>();
        record.delivery_id = s.get_id<DeliveryId>();
        record.event = s.get_text();
        record.event_id = s.get_id<WebhookEventId>();
        record.url = s.get_text();
        record.number = static_cast<std::uint32_t>(s.get_int());
        if (const auto status = s.get_optional_int()) {
            record.status_code = static_cast<unsigned>(*status);
        }
        record.success = s.get_bool();
        record.error = s.get_optional_text();
        record.created_at = s.get_time();
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace gw::store
