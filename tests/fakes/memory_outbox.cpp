// SPDX-License-Identifier: Apache-2.0
// The part of memory_store.hpp that keeps deliveries.
#include "tests/fakes/memory_store_later.hpp"

#include <algorithm>

namespace gw::fakes {

using boost::asio::awaitable;

awaitable<Result<std::vector<ports::OwedEndpoint>>> MemoryStore::owed_endpoints(
    std::optional<EndpointId> after, std::size_t limit) {
    using Found = std::vector<ports::OwedEndpoint>;
    return read<Found>([this, after, limit]() -> Result<Found> {
        std::map<EndpointId, UtcTime> first;
        for (const auto& [id, delivery] : deliveries_) {
            const auto& pending = delivery.pending;
            const auto known = first.emplace(pending.endpoint_id, pending.next_at).first;
            known->second = std::min(known->second, pending.next_at);
        }
        Found found;
        for (const auto& [id, first_at] : first) {
            if (found.size() < limit && (!after || id > *after)) {
                found.push_back({.id = id, .first_at = first_at});
            }
        }
        return found;
    });
}

awaitable<Result<std::vector<ports::PendingDelivery>>> MemoryStore::due(EndpointId endpoint,
                                                                        ports::DueRange range) {
    using Found = std::vector<ports::PendingDelivery>;
    return read<Found>([this, endpoint, range]() -> Result<Found> {
        const auto place_of = [](const ports::PendingDelivery& pending) {
            return ports::DuePlace(pending.next_at, pending.id);
        };
        Found found;
        for (const auto& [id, delivery] : deliveries_) {
            const auto& pending = delivery.pending;
            if (pending.endpoint_id == endpoint && pending.next_at <= range.until &&
                (!range.after || place_of(pending) > *range.after)) {
                found.push_back(pending);
            }
        }
        std::ranges::sort(found, {}, place_of);
        found.resize(std::min(found.size(), range.limit));
        return found;
    });
}

awaitable<Result<std::string>> MemoryStore::body_of(DeliveryId id) {
    return read<std::string>([this, id]() -> Result<std::string> {
        const auto found = deliveries_.find(id);
        if (found == deliveries_.end()) {
            return Error(Errc::not_found, "this delivery is not owed");
        }
        return sent_.at(found->second.pending.event_id).body;
    });
}

awaitable<Result<void>> MemoryStore::begin_attempt(ports::AttemptStart start) {
    return write<void>([this, start = std::move(start)] { return apply_begin(start); });
}

Result<void> MemoryStore::apply_begin(const ports::AttemptStart& start) {
    const auto found = deliveries_.find(start.delivery_id);
    if (found == deliveries_.end()) {
        return Error(Errc::not_found, "this delivery is not owed");
    }
    if (attempts_.contains(start.id)) {
        return {};
    }
    Delivery& delivery = found->second;
    Attempt attempt;
    attempt.call_id = delivery.pending.call_id;
    attempt.record.id = start.id;
    attempt.record.delivery_id = start.delivery_id;
    attempt.record.event = sent_.at(delivery.pending.event_id).event;
    attempt.record.event_id = delivery.pending.event_id;
    attempt.record.url = start.url;
    attempt.record.number = start.number;
    attempt.record.created_at = start.at;
    attempts_[start.id] = std::move(attempt);
    delivery.pending.attempts = start.number;
    delivery.open_attempt = start.id;
    return {};
}

awaitable<Result<void>> MemoryStore::finish_attempt(ports::AttemptEnd end) {
    return write<void>([this, end = std::move(end)] { return apply_finish(end); });
}

Result<void> MemoryStore::apply_finish(const ports::AttemptEnd& end) {
    const auto found = attempts_.find(end.id);
    if (found == attempts_.end() || found->second.record.delivery_id != end.delivery_id) {
        return Error(Errc::not_found, "this attempt is not on record");
    }
    Attempt& attempt = found->second;
    if (attempt.ended) {
        return {};
    }
    attempt.ended = true;
    attempt.record.status_code = end.status_code;
    attempt.record.success = end.success;
    attempt.record.error = end.error.empty() ? std::nullopt : std::optional(end.error);
    const auto delivery = deliveries_.find(end.delivery_id);
    if (delivery == deliveries_.end()) {
        return {};
    }
    if (end.next_at) {
        delivery->second.pending.next_at = *end.next_at;
        delivery->second.open_attempt.reset();
    } else {
        deliveries_.erase(delivery);
    }
    return {};
}

awaitable<Result<void>> MemoryStore::give_up(DeliveryId id) {
    return write<void>([this, id]() -> Result<void> {
        deliveries_.erase(id);
        return {};
    });
}

awaitable<Result<std::size_t>> MemoryStore::close_interrupted(UtcTime) {
    return write<std::size_t>([this]() -> Result<std::size_t> { return apply_close(); });
}

std::size_t MemoryStore::apply_close() {
    std::size_t closed = 0;
    for (auto& [id, delivery] : deliveries_) {
        if (delivery.open_attempt) {
            Attempt& attempt = attempts_.at(*delivery.open_attempt);
            attempt.ended = true;
            attempt.record.success = false;
            attempt.record.error = "outcome unknown: gateway restarted";
            delivery.open_attempt.reset();
            delivery.pending.next_at = delivery.pending.created_at;
            ++closed;
        }
    }
    return closed;
}

awaitable<Result<std::vector<ports::AttemptRecord>>> MemoryStore::attempts_of(
    CallId id, ports::AttemptFilter filter, std::size_t limit) {
    using Records = std::vector<ports::AttemptRecord>;
    return read<Records>([this, id, filter = std::move(filter), limit]() -> Result<Records> {
        return records_of(id, filter, limit);
    });
}

std::vector<ports::AttemptRecord> MemoryStore::records_of(CallId id,
                                                          const ports::AttemptFilter& filter,
                                                          std::size_t limit) const {
    const auto key = [](const ports::AttemptRecord& record) {
        const auto shown = std::chrono::floor<std::chrono::seconds>(record.created_at);
        return std::tuple(shown, record.number, record.id);
    };
    std::vector<ports::AttemptRecord> records;
    for (const auto& [attempt_id, attempt] : attempts_) {
        const auto& record = attempt.record;
        if (attempt.call_id == id && attempt.ended &&
            (!filter.event || record.event == *filter.event) &&
            (!filter.success || record.success == *filter.success) &&
            (!filter.after_id || record.id > *filter.after_id)) {
            records.push_back(record);
        }
    }
    std::ranges::sort(records, [&key](const auto& a, const auto& b) { return key(a) < key(b); });
    records.resize(std::min(records.size(), limit));
    return records;
}

}  // namespace gw::fakes
