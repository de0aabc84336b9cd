#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the API reads, in memory, with a switch for a store that cannot answer. It obeys CallStore's
// and Outbox's promises as far as the API can see them: scope, order, pages, versions. One thread.
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/outbox.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace gw::http::testing {

namespace asio = boost::asio;

class FakeStore final : public ports::CallStore {
public:
    std::map<CallId, Call> calls;
    std::map<CallId, std::vector<ports::TimelineRow>> rows;
    std::vector<SendCommand> commands;            // committed
    std::vector<ports::SummaryFilter> summaries;  // asked for
    bool is_away = false;
    bool throws = false;

    CallId next_call_id() override {
        return CallId(1 + (calls.empty() ? 0 : calls.rbegin()->first.value()));
    }
    DeliveryId next_delivery_id() override { return DeliveryId(++delivery_); }
    using ports::CallStore::commit;
    asio::awaitable<Result<void>> commit(std::shared_ptr<const ports::CallCommit> made) override {
        const ports::CallCommit& commit = *made;
        if (is_away) {
            co_return away();
        }
        auto& held = calls[commit.call.id];
        if (held.version != commit.expected_version) {
            co_return Error(Errc::conflict, "version");
        }
        std::ranges::copy(commit.commands, std::back_inserter(commands));
        held = commit.call;
        co_return Result<void>();
    }
    asio::awaitable<Result<std::optional<ports::LoadedCall>>> load_by_leg(
        CallControlId leg) override {
        for (const auto& [id, call] : calls) {
            if (call.call_control_id == leg) {
                co_return std::optional(ports::LoadedCall{call, {}});
            }
        }
        co_return std::optional<ports::LoadedCall>();
    }
    asio::awaitable<Result<std::optional<Call>>> load(CallId id) override {
        if (throws) {
            throw std::runtime_error("planted");
        }
        if (is_away) {
            co_return away();
        }
        const auto at = calls.find(id);
        co_return at == calls.end() ? std::optional<Call>() : std::optional(at->second);
    }
    asio::awaitable<Result<std::vector<ports::LoadedCall>>> load_live() override {
        std::vector<ports::LoadedCall> live;
        for (const auto& [id, call] : calls) {
            if (!call.is_final()) {
                live.push_back({call, {}});
            }
        }
        co_return live;
    }
    asio::awaitable<Result<ports::CallPage>> list(ports::ProjectScope scope,
                                                  ports::CallFilter filter,
                                                  std::optional<ports::CallCursor> after,
                                                  std::size_t limit) override {
        if (is_away) {
            co_return away();
        }
        std::vector<Call> found;
        for (const auto& [id, call] : calls) {
            if (is_in(scope, call) && passes(filter, call) &&
                (!after || position(call) < std::pair(after->created_at, after->id))) {
                found.push_back(call);
            }
        }
        std::ranges::sort(found, std::greater<>{}, position);
        ports::CallPage page;
        const bool more = found.size() > limit;
        found.resize(std::min(found.size(), limit));
        if (more) {
            page.next = ports::CallCursor{found.back().created_at, found.back().id};
        }
        page.calls = std::move(found);
        co_return page;
    }
    asio::awaitable<Result<ports::CallSummary>> summarize(ports::ProjectScope scope,
                                                          ports::SummaryFilter filter) override {
        if (is_away) {
            co_return away();
        }
        summaries.push_back(filter);
        ports::CallSummary sum;
        for (const auto& [id, call] : calls) {
            if (is_in(scope, call) && (!filter.agent_id || filter.agent_id == call.agent_id)) {
                ++sum.total_calls;
                sum.total_duration_seconds += call.duration_seconds;
                sum.total_minutes_used.hundredths += call.minutes_used.hundredths;
                sum.total_cost.micros += call.costs.total_cost.micros;
            }
        }
        co_return sum;
    }
    asio::awaitable<Result<std::vector<ports::TimelineRow>>> timeline(CallId id,
                                                                      std::uint32_t after_seq,
                                                                      std::size_t limit) override {
        if (is_away) {
            co_return away();
        }
        std::vector<ports::TimelineRow> found;
        for (const auto& row : rows[id]) {
            if (row.seq > after_seq && found.size() < limit) {
                found.push_back(row);
            }
        }
        co_return found;
    }
    asio::awaitable<Result<std::vector<ports::OwedCommand>>> owed_commands() override {
        co_return std::vector<ports::OwedCommand>();
    }
    asio::awaitable<Result<void>> park(ports::ParkedEvent) override { co_return Result<void>(); }
    asio::awaitable<Result<std::vector<ports::ParkedEvent>>> parked() override {
        co_return std::vector<ports::ParkedEvent>();
    }
    asio::awaitable<Result<void>> discard_parked(std::vector<EventId>) override {
        co_return Result<void>();
    }
    void note_repeat(EventId, UtcTime) override {}
    asio::awaitable<Result<void>> ping() override { co_return Result<void>(); }

private:
    static Error away() { return Error(Errc::unavailable, "the disk is gone (secret path)"); }
    static std::pair<UtcTime, CallId> position(const Call& call) {
        return {call.created_at, call.id};
    }
    static bool is_in(const ports::ProjectScope& scope, const Call& call) {
        return call.project_id &&
               std::ranges::find(scope.projects, *call.project_id) != scope.projects.end();
    }
    static bool passes(const ports::CallFilter& filter, const Call& call) {
        return (!filter.agent_id || filter.agent_id == call.agent_id) &&
               (!filter.status || filter.status == call.status) &&
               (!filter.disposition || filter.disposition == call.disposition) &&
               (!filter.created_from || call.created_at >= *filter.created_from) &&
               (!filter.created_before || call.created_at < *filter.created_before);
    }
    std::int64_t delivery_ = 0;
};

class FakeOutbox final : public ports::Outbox {
public:
    std::map<CallId, std::vector<ports::AttemptRecord>> attempts;

    AttemptId next_attempt_id() override { return AttemptId(1); }
    asio::awaitable<Result<std::vector<ports::OwedEndpoint>>> owed_endpoints(
        std::optional<EndpointId>, std::size_t) override {
        co_return std::vector<ports::OwedEndpoint>();
    }
    asio::awaitable<Result<std::vector<ports::PendingDelivery>>> due(EndpointId,
                                                                     ports::DueRange) override {
        co_return std::vector<ports::PendingDelivery>();
    }
    asio::awaitable<Result<std::string>> body_of(DeliveryId) override { co_return std::string(); }
    asio::awaitable<Result<void>> begin_attempt(ports::AttemptStart) override {
        co_return Result<void>();
    }
    asio::awaitable<Result<void>> finish_attempt(ports::AttemptEnd) override {
        co_return Result<void>();
    }
    asio::awaitable<Result<void>> give_up(DeliveryId) override { co_return Result<void>(); }
    asio::awaitable<Result<std::size_t>> close_interrupted(UtcTime) override {
        co_return std::size_t{0};
    }
    asio::awaitable<Result<std::vector<ports::AttemptRecord>>> attempts_of(
        CallId id, ports::AttemptFilter filter, std::size_t limit) override {
        std::vector<ports::AttemptRecord> found;
        for (const auto& record : attempts[id]) {
            if ((!filter.event || *filter.event == record.event) &&
                (!filter.success || *filter.success == record.success) &&
                (!filter.after_id || record.id > *filter.after_id) && found.size() < limit) {
                found.push_back(record);
            }
        }
        co_return found;
    }
};

}  // namespace gw::http::testing
