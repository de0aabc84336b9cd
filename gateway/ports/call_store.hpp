#pragma once
// SPDX-License-Identifier: Apache-2.0
// Durable calls. The one rule: when `commit` succeeds, the inputs, the call they made and all that
// is owed because of them are on disk, in one transaction; when it fails, nothing of it is.
// Implementations may be used from one thread (the application's) and complete on that thread's
// executor.
#include "gateway/domain/apply.hpp"
#include "gateway/domain/call_change.hpp"
#include "gateway/domain/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::ports {

// One input on a call's timeline with what became of it. `seq` counts from 1 without gaps.
struct TimelineEntry {
    std::uint32_t seq = 0;
    Input input;
    Verdict verdict = Verdict::noted;
    std::vector<Effect> effects;
};

// An event to tell, with its frozen body, and the endpoints it is owed to.
struct OutboundEvent {
    PublicEvent event;
    std::string body;
    std::vector<std::pair<DeliveryId, EndpointId>> deliveries;
};

struct CallCommit {
    Call call;                           // as it is to be; call.version = expected_version + 1
    std::uint64_t expected_version = 0;  // 0: the call is new
    // How far the call is from what it was at expected_version: the store writes no more than that.
    CallChange change = CallChange::anything;
    std::vector<TimelineEntry> entries;
    std::vector<CommandId>
        finished_commands;  // removed first: the same id may be owed anew by this commit
    std::vector<SendCommand> commands;  // owed until a later commit lists them as finished
    std::vector<OutboundEvent> webhooks;
    std::vector<EventId> unparked;  // parked events that are on the timeline now
};

struct LoadedCall {
    Call call;
    std::vector<EventId> seen;  // carrier events already on its timeline
};

struct OwedCommand {
    CallId call_id;
    SendCommand command;
};

struct ParkedEvent {
    CarrierEvent event;
    UtcTime parked_at;  // our clock
};

// Whose calls a reader may see. There is no "all": every query names its projects.
struct ProjectScope {
    std::vector<ProjectId> projects;
};

struct CallFilter {
    std::optional<AgentId> agent_id;
    std::optional<CallStatus> status;
    std::optional<Disposition> disposition;
    std::optional<UtcTime> created_from;    // inclusive
    std::optional<UtcTime> created_before;  // exclusive
};

// Newest first means by (created_at, id) descending; the cursor is the last row of the page before.
struct CallCursor {
    UtcTime created_at;
    CallId id;
};

struct CallPage {
    std::vector<Call> calls;
    std::optional<CallCursor> next;  // present when more follow
};

// Whole UTC days on created_at, both inclusive.
struct SummaryFilter {
    std::optional<AgentId> agent_id = std::nullopt;
    std::optional<CallStatus> status = std::nullopt;
    std::optional<Disposition> disposition = std::nullopt;
    std::optional<std::chrono::sys_days> from_day = std::nullopt;
    std::optional<std::chrono::sys_days> to_day = std::nullopt;
};

// Exact sums over calls: live ones are counted, and have no figures yet.
struct CallSummary {
    std::int64_t total_calls = 0;
    std::int64_t completed_calls = 0;  // by status
    std::int64_t failed_calls = 0;     // by status
    std::int64_t answered_calls = 0;   // by disposition: a transferred call is another
    std::int64_t no_answer_calls = 0;  // by disposition
    std::int64_t total_duration_seconds = 0;
    CentiMinutes total_minutes_used = {};
    MicroMoney total_cost = {};
    MicroMoney total_recording_cost = {};
    MicroMoney total_llm_discount = {};
    friend bool operator==(const CallSummary&, const CallSummary&) = default;
};

struct TimelineRow {
    std::uint32_t seq = 0;
    UtcTime at;
    std::string kind;  // "call.answered", "command.answer", "timer.settle", "api.end", ...
    std::string verdict;
    std::uint32_t repeats = 0;  // how often the same event came again
    std::string data_json;
    std::string effects_json;
};

class CallStore {
public:
    virtual ~CallStore() = default;

    // Numbers for rows about to be committed; never given out twice, also not after a restart, if
    // used in a commit. Gaps are normal.
    virtual CallId next_call_id() = 0;
    virtual DeliveryId next_delivery_id() = 0;

    // conflict: the call's version is another (or, for a new call, its call_control_id has a call
    // already); duplicate: one of the carrier events is on a timeline already, known by its id and
    // occurred_at (both are signed, a repetition carries both, and together they keep the index of
    // all history cheap); unavailable, full: try again later. It is read from other threads while
    // this is under way: nobody changes it until then; afterwards it is the caller's alone.
    virtual boost::asio::awaitable<Result<void>> commit(
        std::shared_ptr<const CallCommit> commit) = 0;
    boost::asio::awaitable<Result<void>> commit(CallCommit commit_made) {
        return commit(std::make_shared<const CallCommit>(std::move(commit_made)));
    }

    virtual boost::asio::awaitable<Result<std::optional<LoadedCall>>> load_by_leg(
        CallControlId leg) = 0;
    virtual boost::asio::awaitable<Result<std::optional<Call>>> load(CallId id) = 0;
    // Every call that is not final; for the start.
    virtual boost::asio::awaitable<Result<std::vector<LoadedCall>>> load_live() = 0;
    virtual boost::asio::awaitable<Result<CallPage>> list(ProjectScope scope, CallFilter filter,
                                                          std::optional<CallCursor> after,
                                                          std::size_t limit) = 0;
    virtual boost::asio::awaitable<Result<CallSummary>> summarize(ProjectScope scope,
                                                                  SummaryFilter filter) = 0;
    virtual boost::asio::awaitable<Result<std::vector<TimelineRow>>> timeline(
        CallId id, std::uint32_t after_seq, std::size_t limit) = 0;
    virtual boost::asio::awaitable<Result<std::vector<OwedCommand>>> owed_commands() = 0;

    // Keeps an event whose call is not known yet; duplicate when it is parked or on a timeline
    // already.
    virtual boost::asio::awaitable<Result<void>> park(ParkedEvent event) = 0;
    virtual boost::asio::awaitable<Result<std::vector<ParkedEvent>>> parked() = 0;
    // Removes parked events that can become no call (of another connection, say); they are logged
    // first.
    virtual boost::asio::awaitable<Result<void>> discard_parked(std::vector<EventId> events) = 0;

    // The same event came again: makes it visible on the timeline. Best effort, not waited for.
    virtual void note_repeat(EventId id, UtcTime occurred_at) = 0;

    // Whether the store can take a write now; unavailable or full otherwise.
    virtual boost::asio::awaitable<Result<void>> ping() = 0;
};

}  // namespace gw::ports
