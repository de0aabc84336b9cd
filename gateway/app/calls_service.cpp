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
    const Call* call = registry_.find(id);
    return call == nullptr ? CallLife::over : call->is_final() ? CallLife::ended : CallLife::live;
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
    const auto verdict = co_await registry_.request(id, std::move(asked));
    if (!verdict) {
        if (verdict.error().code() ==
            Errc::not_found) {  // it ended and left memory while we looked
            co_return EndOutcome::not_in_progress;
        }
        co_return verdict.error();
    }
    switch (*verdict) {
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

}  // namespace gw::app
