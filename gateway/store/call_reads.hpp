#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the reader answers about calls and deliveries, each from one snapshot somebody else began.
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/outbox.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

class CallReads {
public:
    explicit CallReads(Connection& db);

    Result<std::optional<Call>> load(CallId id);
    Result<std::optional<ports::LoadedCall>> load_by_leg(const CallControlId& leg);
    Result<std::vector<ports::LoadedCall>> load_live();
    Result<std::vector<ports::TimelineRow>> timeline(CallId id, std::uint32_t after_seq,
                                                     std::size_t limit);
    Result<std::vector<ports::OwedCommand>> owed_commands();
    Result<std::vector<ports::ParkedEvent>> parked();

private:
    std::vector<EventId> events_of(CallId id);

    Statement select_call_;
    Statement select_by_leg_;
    Statement select_events_;
    Statement select_live_;
    Statement select_timeline_;
    Statement select_commands_;
    Statement select_parked_;
};

class OutboxReads {
public:
    explicit OutboxReads(Connection& db);

    Result<std::vector<ports::OwedEndpoint>> owed_endpoints(std::optional<EndpointId> after,
                                                            std::size_t limit);
    Result<std::vector<ports::PendingDelivery>> due(EndpointId endpoint,
                                                    const ports::DueRange& range);
    Result<std::string> body_of(DeliveryId id);
    Result<std::vector<ports::AttemptRecord>> attempts_of(CallId id,
                                                          const ports::AttemptFilter& filter,
                                                          std::size_t limit);

private:
    Statement select_next_owed_;
    Statement select_due_;
    Statement select_body_;
    Statement select_attempts_;
};

}  // namespace gw::store
