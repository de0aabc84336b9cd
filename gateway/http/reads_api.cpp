// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/reads_api.hpp"

#include "gateway/http/call_fields.hpp"
#include "gateway/http/call_json.hpp"
#include "gateway/http/openapi.hpp"
#include "gateway/http/query_fields.hpp"
#include "gateway/http/timeline_stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>

namespace gw::http {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t events_default = 100;
constexpr std::int64_t events_max = 500;
constexpr std::chrono::seconds retry_after_streams{10};

bool is_agent_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::array summary_fields{
    Field{.name = "agent_id",
          .reason = "must be a numeric id (agent_* ids are not supported here)",
          .min = 1,
          .max = 128,
          .accepts = is_agent_number},
    status_field,
    disposition_field,
    from_date_field,
    to_date_field,
};

constexpr std::array event_fields{
    Field{.name = "after_seq",
          .reason = "must be an integer from 0 to 4294967295",
          .kind = FieldKind::integer,
          .min = 0,
          .max = std::numeric_limits<std::uint32_t>::max()},
    Field{.name = "limit",
          .reason = "must be an integer from 1 to 500",
          .kind = FieldKind::integer,
          .min = 1,
          .max = events_max},
};
constexpr std::array recording_fields{
    Field{.name = "expires_in",
          .reason = "must be an integer from 60 to 86400",
          .kind = FieldKind::integer,
          .min = 60,
          .max = 86'400},
};
constexpr Field last_event_id_field{.name = "Last-Event-ID",
                                    .reason = "must be the id of an event of this stream",
                                    .kind = FieldKind::integer,
                                    .min = 0,
                                    .max = std::numeric_limits<std::uint32_t>::max()};

using Parts = std::shared_ptr<const CallsApiParts>;

std::optional<std::chrono::sys_days> day_of(const std::optional<UtcTime>& midnight) {
    return midnight ? std::optional(std::chrono::floor<std::chrono::days>(*midnight))
                    : std::nullopt;
}

// The dates as they were given: one form is accepted only, so the day says it.
std::optional<std::string> text_of(const std::optional<UtcTime>& midnight) {
    return midnight ? std::optional(to_rfc3339(*midnight).substr(0, 10)) : std::nullopt;
}

asio::awaitable<Reply> get_summary(Parts parts, ApiRequest request) {
    FieldFaults faults;
    const FieldValues values = query_values(request.http.target, summary_fields, faults);
    const auto from = values.get<UtcTime>("from_date");
    const auto to = values.get<UtcTime>("to_date");
    if (from && to && *from > *to) {
        faults.push_back({"from_date", "must not be after to_date"});
    }
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    ports::SummaryFilter filter;
    filter.status = word_in<CallStatus>(values, status_field);
    filter.disposition = word_in<Disposition>(values, disposition_field);
    filter.from_day = day_of(from);
    filter.to_day = day_of(to);
    SummaryFilterTexts given;
    given.status = values.get<std::string>("status");
    given.disposition = values.get<std::string>("disposition");
    given.from_date = text_of(from);
    given.to_date = text_of(to);
    given.agent_id = values.get<std::string>("agent_id");
    if (given.agent_id) {
        std::int64_t number = 0;
        const char* end = given.agent_id->data() + given.agent_id->size();
        if (std::from_chars(given.agent_id->data(), end, number).ec != std::errc{}) {
            co_return JsonReply{to_json(ports::CallSummary{}, given)};  // there is no such agent
        }
        filter.agent_id = AgentId(number);
    }
    const auto summary =
        co_await parts->service.summary(std::move(request.principal.projects), filter);
    if (!summary) {
        co_return problem_of(summary.error());
    }
    co_return JsonReply{to_json(*summary, given)};
}

// No recording is in our bucket before the gateway keeps recordings, so none is linked yet.
asio::awaitable<Reply> get_recording(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    FieldFaults faults;
    query_values(request.http.target, recording_fields, faults);
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    const auto call = co_await parts->service.get(std::move(request.principal.projects), *id);
    if (!call) {
        co_return problem_of(call.error());
    }
    co_return Problem(call->recording_enabled ? ProblemCode::recording_not_available
                                              : ProblemCode::recording_not_enabled);
}

asio::awaitable<Reply> page_of_events(Parts parts, ports::ProjectScope scope, CallId id,
                                      std::uint32_t after, std::size_t limit) {
    // One more than asked for tells whether there is a next page.
    auto events = co_await parts->service.timeline(std::move(scope), id, after, limit + 1);
    if (!events) {
        co_return problem_of(events.error());
    }
    std::optional<std::uint32_t> next_after_seq;
    if (events->size() > limit) {
        events->resize(limit);
        next_after_seq = events->back().seq;
    }
    co_return JsonReply{to_json(id, *events, next_after_seq)};
}

Problem too_many_streams(app::TimelineFeed::Full full) {
    const bool of_org = full == app::TimelineFeed::Full::org;
    Problem problem(of_org ? ProblemCode::rate_limit_exceeded : ProblemCode::unavailable,
                    of_org ? "Too many event streams" : "");
    problem.retry_after = retry_after_streams;
    problem.cause = "all places for event streams are taken";
    return problem;
}

asio::awaitable<TimelineStreamParts::Rows> rows_after(Parts parts, ports::ProjectScope scope,
                                                      CallId id, std::uint32_t after,
                                                      std::size_t limit) {
    co_return co_await parts->service.timeline(std::move(scope), id, after, limit);
}

struct StreamAsked {
    ports::ProjectScope scope;
    OrgId org;
    CallId id;
    std::uint32_t after = 0;
    bool again = false;        // the client had a part of it
    net::Headers credentials;  // looked at again before each row
};

asio::awaitable<Reply> stream_of_events(Parts parts, StreamAsked asked) {
    // Also tells whether the call may be seen.
    const auto first = co_await parts->service.timeline(asked.scope, asked.id, asked.after, 1);
    if (!first) {
        co_return problem_of(first.error());
    }
    if (asked.again && first->empty() && parts->service.life(asked.id) == app::CallLife::over) {
        // What tells an EventSource to stay away (WHATWG HTML, 9.2.3).
        co_return net::HttpResponse{204, {}, {}};
    }
    const auto authenticator = std::make_shared<const Authenticator>(parts->directory);
    auto place = parts->feed.subscribe(asked.org, asked.id);
    if (const auto* full = std::get_if<app::TimelineFeed::Full>(&place)) {
        co_return too_many_streams(*full);
    }
    TimelineStreamParts stream{
        .read = [parts, scope = asked.scope, id = asked.id](
                    std::uint32_t after,
                    std::size_t limit) { return rows_after(parts, scope, id, after, limit); },
        .life = [parts, id = asked.id] { return parts->service.life(id); },
        .allowed =
            [authenticator, credentials = std::move(asked.credentials)] {
                return std::holds_alternative<Principal>(authenticator->identify(credentials));
            },
        .place = std::move(std::get<0>(place)),
        .clock = parts->clock,
        .after_seq = asked.after};
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("X-Accel-Buffering", "no");  // nginx: pass pieces on as they come
    response.stream = make_timeline_stream(std::move(stream));
    co_return response;
}

asio::awaitable<Reply> list_events(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    FieldFaults faults;
    const FieldValues values = query_values(request.http.target, event_fields, faults);
    const bool as_stream = accepts_event_stream(request.http.headers);
    std::optional<FieldValue> last_seen;
    if (const auto text = request.http.headers.find("Last-Event-ID");
        as_stream && text && !text->empty()) {
        const bool once = request.http.headers.count(last_event_id_field.name) == 1;
        last_seen = once ? value_of_text(last_event_id_field, *text) : std::nullopt;
        if (!last_seen) {
            faults.push_back(
                {std::string(last_event_id_field.name),
                 once ? std::string(last_event_id_field.reason) : "must be given once"});
        }
    }
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    const auto after = last_seen ? std::get<std::int64_t>(*last_seen)
                                 : values.get<std::int64_t>("after_seq").value_or(0);
    const auto limit =
        static_cast<std::size_t>(values.get<std::int64_t>("limit").value_or(events_default));
    if (as_stream) {
        StreamAsked asked{.scope = std::move(request.principal.projects),
                          .org = request.principal.org_id,
                          .id = *id,
                          .after = static_cast<std::uint32_t>(after),
                          .again = last_seen.has_value(),
                          .credentials = std::move(request.http.headers)};
        co_return co_await stream_of_events(std::move(parts), std::move(asked));
    }
    co_return co_await page_of_events(std::move(parts), std::move(request.principal.projects), *id,
                                      static_cast<std::uint32_t>(after), limit);
}

asio::awaitable<Reply> get_openapi(Parts, ApiRequest request) {
    co_return openapi_response(request.http.headers);
}

}  // namespace

std::vector<EndpointRow> reads_endpoints(CallsApiParts parts) {
    const EndpointBinder bind(parts);
    return {
        {{"GET", "/v1/calls/summary", Access::read}, bind(get_summary)},
        {{"GET", "/v1/calls/{callId}/events", Access::read}, bind(list_events)},
        {{"GET", "/v1/calls/{callId}/recording", Access::read}, bind(get_recording)},
        {{"GET", "/v1/openapi.json", Access::open}, bind(get_openapi)},
    };
}

}  // namespace gw::http
