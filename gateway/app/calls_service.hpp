#pragma once
// SPDX-License-Identifier: Apache-2.0
// The use cases of the Calls API on domain values; HTTP and JSON are the caller's. Live calls are
// read from memory, all others from the store. Used from the application's thread.
#include "gateway/app/call_registry.hpp"
#include "gateway/domain/result.hpp"
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/outbox.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::app {

struct StatusView {
    CallId id;
    CallStatus status = CallStatus::ringing;
    std::int64_t duration_seconds = 0;
    std::optional<UtcTime> started_at;
    std::optional<UtcTime> ended_at;
};

// What became of a transfer or a gather that was asked for.
struct ControlOutcome {
    enum class Kind : std::uint8_t {
        accepted,  // the carrier took it
        refused,   // the carrier will not: `detail` says why
        unknown,   // the carrier did not answer; what happens is told by webhook
        not_allowed,
    };
    Kind kind = Kind::accepted;
    std::string detail;
    RequestRefusal why = RequestRefusal::not_in_progress;  // with not_allowed
};

// An outbound call to be placed; the fields are checked, the agent is the caller's.
struct CallRequest {
    AgentId agent;
    std::string to;    // E.164
    std::string from;  // E.164
    std::string metadata_json = "{}";
    std::string machine_detection;  // Telnyx's word; empty: none
};

enum class EndOutcome : std::uint8_t {
    accepted,  // on disk; the hang-up is on its way to the carrier (also when it was asked for
               // before)
    not_in_progress,  // 409
};

// Whether rows may still come onto a call's timeline.
enum class CallLife : std::uint8_t {
    live,
    ended,  // a moment ago: what comes late is still taken from memory
    over,
};

// How long after a call's end rows are waited for that come late.
inline constexpr std::chrono::seconds late_rows{10};

class CallsService {
public:
    CallsService(CallRegistry& registry, ports::CallStore& store, ports::Outbox& outbox,
                 const ports::Clock& clock)
        : registry_(registry), store_(store), outbox_(outbox), clock_(clock) {}

    // For the hot path: the status of a live call without waiting. Null: not live or not in scope;
    // ask status().
    [[nodiscard]] std::optional<StatusView> live_status(const ports::ProjectScope& scope,
                                                        CallId id) const;
    // Of a call that may be seen.
    [[nodiscard]] CallLife life(CallId id) const;

    // Everything below gives not_found for a call outside the scope exactly as for one that does
    // not exist; and unavailable when the store cannot answer. Durations of live calls are as of
    // now.
    boost::asio::awaitable<Result<StatusView>> status(ports::ProjectScope scope, CallId id);
    boost::asio::awaitable<Result<Call>> get(ports::ProjectScope scope, CallId id);
    boost::asio::awaitable<Result<ports::CallPage>> list(ports::ProjectScope scope,
                                                         ports::CallFilter filter,
                                                         std::optional<ports::CallCursor> after,
                                                         std::size_t limit);
    boost::asio::awaitable<Result<std::vector<ports::AttemptRecord>>> deliveries(
        ports::ProjectScope scope, CallId id, ports::AttemptFilter filter);
    boost::asio::awaitable<Result<ports::CallSummary>> summary(ports::ProjectScope scope,
                                                               ports::SummaryFilter filter);
    boost::asio::awaitable<Result<std::vector<ports::TimelineRow>>> timeline(
        ports::ProjectScope scope, CallId id, std::uint32_t after_seq, std::size_t limit);
    boost::asio::awaitable<Result<EndOutcome>> end(ports::ProjectScope scope, CallId id,
                                                   std::string request_id);
    // Done when the carrier has answered, or has not for the time a command is given.
    boost::asio::awaitable<Result<ControlOutcome>> transfer(ports::ProjectScope scope, CallId id,
                                                            TransferRequested request);
    boost::asio::awaitable<Result<ControlOutcome>> gather(ports::ProjectScope scope, CallId id,
                                                          GatherRequested request);
    // over_limit: the organisation's calls are at their limit; unavailable: draining, or the store.
    boost::asio::awaitable<Result<Call>> place(CallRequest request, std::string request_id);

private:
    boost::asio::awaitable<Result<ControlOutcome>> control(ports::ProjectScope scope, CallId id,
                                                           decltype(Input::what) what);

    CallRegistry& registry_;
    ports::CallStore& store_;
    ports::Outbox& outbox_;
    const ports::Clock& clock_;
};

// The most records of a delivery log (specification: "up to 500").
inline constexpr std::size_t deliveries_max = 500;

}  // namespace gw::app
