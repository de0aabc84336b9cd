#pragma once
// SPDX-License-Identifier: Apache-2.0
// The store in memory, with the promises of the real one (tests/contract) and faults on demand. An
// operation takes effect in one posted function and its waiter resumes in another, so a run of the
// executor can be cut before, between and after; deterministic, one thread. What is in the object
// is "on disk": it survives the executor, and `reopen` makes it what the next process finds.
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/directory.hpp"
#include "gateway/ports/outbox.hpp"

#include <functional>
#include <map>
#include <set>

namespace gw::fakes {

enum class WriteFault : std::uint8_t {
    full,             // nothing was written
    unavailable,      // nothing was written
    outcome_unknown,  // it was written, and reported as unavailable
    refused,          // nothing was written: a broken promise of ours
};

class MemoryStore final : public ports::CallStore,
                          public ports::Outbox,
                          public ports::DirectoryStore {
public:
    // The n-th write from now, 1 being the next, fails so.
    void fail_write(std::uint64_t nth, WriteFault fault);
    // Asked before every write with its number (from 1); after `fail_write` had its say.
    void set_write_faults(std::function<std::optional<WriteFault>(std::uint64_t)> source);
    // The next writes are not even begun: there is no memory to ask for them.
    void throw_at_writes(int writes) { throws_ = writes; }
    void fail_reads(bool fail) { reads_fail_ = fail; }
    [[nodiscard]] std::uint64_t writes() const { return writes_; }
    // The most writes that ever waited at once.
    [[nodiscard]] std::size_t most_waiting() const { return most_waiting_; }
    // Numbers go on from what is on record.
    void reopen();

    CallId next_call_id() override { return CallId(++last_call_); }
    DeliveryId next_delivery_id() override { return DeliveryId(++last_delivery_); }
    using ports::CallStore::commit;
    boost::asio::awaitable<Result<void>> commit(
        std::shared_ptr<const ports::CallCommit> commit) override;
    boost::asio::awaitable<Result<std::optional<ports::LoadedCall>>> load_by_leg(
        CallControlId leg) override;
    boost::asio::awaitable<Result<std::optional<Call>>> load(CallId id) override;
    boost::asio::awaitable<Result<std::vector<ports::LoadedCall>>> load_live() override;
    boost::asio::awaitable<Result<ports::CallPage>> list(ports::ProjectScope scope,
                                                         ports::CallFilter filter,
                                                         std::optional<ports::CallCursor> after,
                                                         std::size_t limit) override;
    boost::asio::awaitable<Result<ports::CallSummary>> summarize(
        ports::ProjectScope scope, ports::SummaryFilter filter) override;
    boost::asio::awaitable<Result<std::vector<ports::TimelineRow>>> timeline(
        CallId id, std::uint32_t after_seq, std::size_t limit) override;
    boost::asio::awaitable<Result<std::vector<ports::OwedCommand>>> owed_commands() override;
    boost::asio::awaitable<Result<void>> park(ports::ParkedEvent event) override;
    boost::asio::awaitable<Result<std::vector<ports::ParkedEvent>>> parked() override;
    boost::asio::awaitable<Result<void>> discard_parked(std::vector<EventId> events) override;
    void note_repeat(EventId id, UtcTime occurred_at) override;
    boost::asio::awaitable<Result<void>> ping() override;

    AttemptId next_attempt_id() override { return AttemptId(++last_attempt_); }
    boost::asio::awaitable<Result<std::vector<ports::OwedEndpoint>>> owed_endpoints(
        std::optional<EndpointId> after, std::size_t limit) override;
    boost::asio::awaitable<Result<std::vector<ports::PendingDelivery>>> due(
        EndpointId endpoint, ports::DueRange range) override;
    boost::asio::awaitable<Result<std::string>> body_of(DeliveryId id) override;
    boost::asio::awaitable<Result<void>> begin_attempt(ports::AttemptStart start) override;
    boost::asio::awaitable<Result<void>> finish_attempt(ports::AttemptEnd end) override;
    boost::asio::awaitable<Result<void>> give_up(DeliveryId id) override;
    boost::asio::awaitable<Result<std::size_t>> close_interrupted(UtcTime now) override;
    boost::asio::awaitable<Result<std::vector<ports::AttemptRecord>>> attempts_of(
        CallId id, ports::AttemptFilter filter, std::size_t limit) override;

    void seed(const ports::DirectoryContent& content) override;
    ports::DirectoryContent load() override { return directory_; }

private:
    struct EventPlace {
        CallId call;
        std::size_t index = 0;
    };
    struct Delivery {
        ports::PendingDelivery pending;
        std::optional<AttemptId> open_attempt;
    };
    struct Attempt {
        ports::AttemptRecord record;
        CallId call_id;
        bool ended = false;
    };
    struct SentEvent {
        std::string event;
        std::string body;
    };

    template <class T, class Work>
    boost::asio::awaitable<Result<T>> write(Work work);
    template <class T, class Work>
    boost::asio::awaitable<Result<T>> read(Work work);
    std::optional<WriteFault> fault_of_next_write();
    Result<void> apply_commit(const ports::CallCommit& commit);
    Result<void> check(const ports::CallCommit& commit) const;
    void tell(const ports::CallCommit& commit, const ports::OutboundEvent& event);
    Result<void> apply_begin(const ports::AttemptStart& start);
    Result<void> apply_finish(const ports::AttemptEnd& end);
    std::size_t apply_close();
    EndpointId endpoint_id_of(const ports::Endpoint& endpoint);
    [[nodiscard]] ports::LoadedCall loaded(const Call& call) const;
    [[nodiscard]] ports::CallPage page_of(const ports::ProjectScope& scope,
                                          const ports::CallFilter& filter,
                                          const std::optional<ports::CallCursor>& after,
                                          std::size_t limit) const;
    [[nodiscard]] std::vector<ports::AttemptRecord> records_of(CallId id,
                                                               const ports::AttemptFilter& filter,
                                                               std::size_t limit) const;

    std::map<CallId, Call> calls_;
    std::map<CallControlId, CallId> legs_;
    std::map<CallId, std::vector<ports::TimelineRow>> timelines_;
    std::map<CallId, std::vector<EventId>> seen_;
    std::map<EventId, EventPlace> events_;
    std::map<CommandId, ports::OwedCommand> commands_;
    std::map<EventId, ports::ParkedEvent> parked_;
    std::map<WebhookEventId, SentEvent> sent_;
    std::map<DeliveryId, Delivery> deliveries_;
    std::map<AttemptId, Attempt> attempts_;
    ports::DirectoryContent directory_;
    std::int64_t last_endpoint_ = 0;

    std::int64_t last_call_ = 0;
    std::int64_t last_delivery_ = 0;
    std::int64_t last_attempt_ = 0;
    std::int64_t last_delivery_used_ = 0;

    std::uint64_t writes_ = 0;
    std::size_t waiting_ = 0;
    std::size_t most_waiting_ = 0;
    std::map<std::uint64_t, WriteFault> planned_;
    std::function<std::optional<WriteFault>(std::uint64_t)> fault_source_;
    int throws_ = 0;
    bool reads_fail_ = false;
};

}  // namespace gw::fakes
