#include "gateway/app/calls_service.hpp"

#include "gateway/domain/billing.hpp"

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

bool in_scope(const ports::ProjectScope& scope, const Call& call) {
    return call.project_id && std::find(scope.projects.begin(), scope.projects.end(),
                                        *call.project_id) != scope.projects.end();
}

StatusView view_of(const Call& call, UtcTime now) {
    return {.id = call.id,
            .status = call.status,
            .duration_seconds = running_duration_seconds(call, now),
            .started_at = call.started_at,
            .ended_at = call.ended_at};
}

// A live call as it stands now.
Call as_of(Call call, UtcTime now) {
    if (!call.is_final()) {
        call.duration_seconds = running_duration_seconds(call, now);
        call.minutes_used = minutes_of(call.duration_seconds);
        if (call.transfer && call.transfer->answered_at) {
            call.transfer_duration_seconds = seconds_between(
                *call.transfer->answered_at, call.transfer->leg_ended_at.value_or(now));
        }
    }
    return call;
}

Error no_such_call() {
    return Error(Errc::not_found, "no such call");
}

}  // namespace

std::optional<StatusView> CallsService::live_status(const ports::ProjectScope& scope,
                                                    CallId id) const {
    const Call* call = registry_.find(id);
    if (!call || !in_scope(scope, *call)) {
        return std::nullopt;
    }
    return view_of(*call, clock_.utc());
}

asio::awaitable<Result<StatusView>> CallsService::status(ports::ProjectScope scope, CallId id) {
    if (const auto live = live_status(scope, id)) {
        co_return *live;
    }
    const auto call = co_await get(std::move(scope), id);
    if (!call) {
        co_return call.error();
    }
    co_return view_of(*call, clock_.utc());
}

asio::awaitable<Result<Call>> CallsService::get(ports::ProjectScope scope, CallId id) {
    if (const Call* live = registry_.find(id)) {
        if (!in_scope(scope, *live)) {
            co_return no_such_call();
        }
        co_return as_of(*live, clock_.utc());
    }
    auto found = co_await store_.load(id);
    if (!found) {
        co_return found.error();
    }
    if (!found->has_value() || !in_scope(scope, **found)) {
        co_return no_such_call();
    }
    co_return as_of(std::move(**found), clock_.utc());
}

asio::awaitable<Result<ports::CallPage>> CallsService::list(ports::ProjectScope scope,
                                                            ports::CallFilter filter,
                                                            std::optional<ports::CallCursor> after,
                                                            std::size_t limit) {
    auto page = co_await store_.list(std::move(scope), filter, after, limit);
    if (page) {
        const UtcTime now = clock_.utc();
        for (Call& call : page->calls) {
            call = as_of(std::move(call), now);
        }
    }
    co_return page;
}

CallLife CallsService::life(CallId id) const {
    if (registry_.find(id) == nullptr) {
        return CallLife::over;
    }
    const auto ended_at = registry_.ended_at(id);
    if (!ended_at) {
        return CallLife::live;
    }
    return clock_.mono() - *ended_at < late_rows ? CallLife::ended : CallLife::over;
}

asio::awaitable<Result<ports::CallSummary>> CallsService::summary(ports::ProjectScope scope,
                                                                  ports::SummaryFilter filter) {
    co_return co_await store_.summarize(std::move(scope), filter);
}

asio::awaitable<Result<std::vector<ports::AttemptRecord>>> CallsService::deliveries(
    ports::ProjectScope scope, CallId id, ports::AttemptFilter filter) {
    const auto call = co_await get(std::move(scope), id);
    if (!call) {
        co_return call.error();
    }
    co_return co_await outbox_.attempts_of(id, std::move(filter), deliveries_max);
}

asio::awaitable<Result<std::vector<ports::TimelineRow>>> CallsService::timeline(
    ports::ProjectScope scope, CallId id, std::uint32_t after_seq, std::size_t limit) {
    const auto call = co_await get(std::move(scope), id);
    if (!call) {
        co_return call.error();
    }
    co_return co_await store_.timeline(id, after_seq, limit);
}

asio::awaitable<Result<EndOutcome>> CallsService::end(ports::ProjectScope scope, CallId id,
                                                      std::string request_id) {
    const auto call = co_await get(std::move(scope), id);
    if (!call) {
        co_return call.error();
    }
    if (call->is_final()) {
        co_return EndOutcome::not_in_progress;
    }
    EndRequested asked{std::move(request_id)};
    const auto reply = co_await registry_.request(id, std::move(asked));
    if (!reply) {
        if (reply.error().code() == Errc::not_found) {  // it ended and left memory while we looked
            co_return EndOutcome::not_in_progress;
        }
        co_return reply.error();
    }
    switch (reply->verdict) {
        case Verdict::applied:
        case Verdict::redundant:
        case Verdict::noted:
            co_return EndOutcome::accepted;
        case Verdict::refused:
        case Verdict::late:
            co_return EndOutcome::not_in_progress;
    }
    co_return EndOutcome::not_in_progress;
}

// NOLINTNEXTLINE(readability-function-size): one outcome after the other
asio::awaitable<Result<ControlOutcome>> CallsService::control(ports::ProjectScope scope, CallId id,
                                                              decltype(Input::what) what) {
    const ControlOutcome over{.kind = ControlOutcome::Kind::not_allowed,
                              .detail = {},
                              .why = RequestRefusal::not_in_progress};
    const auto call = co_await get(std::move(scope), id);
    if (!call) {
        co_return call.error();
    }
    if (call->is_final()) {
        co_return over;
    }
    const auto reply = co_await registry_.request(id, std::move(what));
    if (!reply) {
        if (reply.error().code() == Errc::not_found) {  // it ended while we looked
            co_return over;
        }
        co_return reply.error();
    }
    ControlOutcome outcome;
    if (!reply->outcome) {
        outcome.kind = ControlOutcome::Kind::not_allowed;
        outcome.why = reply->refusal.value_or(RequestRefusal::not_in_progress);
        co_return outcome;
    }
    outcome.detail = reply->detail;
    switch (*reply->outcome) {
        case CommandOutcome::accepted:
            outcome.kind = ControlOutcome::Kind::accepted;
            break;
        case CommandOutcome::call_gone:
        case CommandOutcome::refused:
            outcome.kind = ControlOutcome::Kind::refused;
            break;
        case CommandOutcome::superseded:  // the call ended before it was sent
            co_return over;
        case CommandOutcome::unknown:
            outcome.kind = ControlOutcome::Kind::unknown;
            break;
    }
    co_return outcome;
}

asio::awaitable<Result<ControlOutcome>> CallsService::transfer(ports::ProjectScope scope, CallId id,
                                                               TransferRequested request) {
    return control(std::move(scope), id, std::move(request));
}

asio::awaitable<Result<ControlOutcome>> CallsService::gather(ports::ProjectScope scope, CallId id,
                                                             GatherRequested request) {
    return control(std::move(scope), id, std::move(request));
}

asio::awaitable<Result<Call>> CallsService::place(CallRequest request, std::string request_id) {
    NewOutboundCall birth;
    auto terms = registry_.terms_for_outbound(request.agent);
    if (!terms) {
        co_return terms.error();
    }
    birth.terms = std::move(*terms);
    birth.order.to = std::move(request.to);
    birth.order.from = std::move(request.from);
    birth.order.machine_detection = std::move(request.machine_detection);
    birth.metadata_json = std::move(request.metadata_json);
    co_return co_await registry_.place(std::move(birth), std::move(request_id));
}

}  // namespace gw::app
