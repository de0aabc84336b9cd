// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/calls_api.hpp"

#include "gateway/http/call_fields.hpp"
#include "gateway/http/call_json.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/query_fields.hpp"
#include "gateway/http/references.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>

namespace gw::http {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t page_default = 50;
constexpr std::int64_t page_max = 100;

bool is_cursor(std::string_view text) {
    return parse_cursor(text).has_value();
}
bool is_event_name(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= 'a' && c <= 'z') || c == '.' || c == '_'; });
}

constexpr std::array list_fields{
    Field{.name = "agent_id",
          .reason = "must be an agent_* id or a numeric id",
          .min = 1,
          .max = 128,
          .accepts = is_agent_reference},
    status_field,
    disposition_field,
    from_date_field,
    to_date_field,
    Field{.name = "after",
          .reason = "must be the next_cursor of an earlier response",
          .accepts = is_cursor},
    Field{.name = "limit",
          .reason = "must be an integer from 1 to 100",
          .kind = FieldKind::integer,
          .min = 1,
          .max = page_max},
};

constexpr std::array delivery_fields{
    Field{.name = "event",
          .reason = "must be the name of an event",
          .min = 1,
          .max = 64,
          .accepts = is_event_name},
    Field{.name = "success", .reason = "must be true or false", .kind = FieldKind::boolean},
    Field{.name = "after_id",
          .reason = "must be an integer from 0 up",
          .kind = FieldKind::integer,
          .min = 0,
          .max = std::numeric_limits<std::int64_t>::max()},
};

ports::CallFilter filter_of(const FieldValues& values) {
    ports::CallFilter filter;
    filter.status = word_in<CallStatus>(values, status_field);
    filter.disposition = word_in<Disposition>(values, disposition_field);
    filter.created_from = values.get<UtcTime>("from_date");
    if (const auto last_day = values.get<UtcTime>("to_date")) {
        filter.created_before = *last_day + std::chrono::days(1);
    }
    return filter;
}

using Parts = std::shared_ptr<const CallsApiParts>;

asio::awaitable<Reply> list_calls(Parts parts, ApiRequest request) {
    FieldFaults faults;
    const FieldValues values = query_values(request.http.target, list_fields, faults);
    ports::CallFilter filter = filter_of(values);
    if (filter.created_from && filter.created_before &&
        *filter.created_from >= *filter.created_before) {
        faults.push_back({"from_date", "must not be after to_date"});
    }
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    if (const auto reference = values.get<std::string>("agent_id")) {
        filter.agent_id = agent_of(parts->directory, *reference);
        if (!filter.agent_id) {
            co_return JsonReply{to_json(ports::CallPage{}, parts->clock.utc())};
        }
    }
    std::optional<ports::CallCursor> after;
    if (const auto text = values.get<std::string>("after")) {
        after = parse_cursor(*text);
    }
    const auto limit =
        static_cast<std::size_t>(values.get<std::int64_t>("limit").value_or(page_default));
    auto page = co_await parts->service.list(std::move(request.principal.projects),
                                             std::move(filter), after, limit);
    if (!page) {
        co_return problem_of(page.error());
    }
    co_return JsonReply{to_json(*page, parts->clock.utc())};
}

asio::awaitable<Reply> get_call(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    auto call = co_await parts->service.get(std::move(request.principal.projects), *id);
    if (!call) {
        co_return problem_of(call.error());
    }
    JsonReply reply;
    append_call(reply.body, *call, parts->clock.utc(), CallDetail::full);
    co_return reply;
}

// The most asked of all: a live call is answered from memory, without waiting for anything.
asio::awaitable<Reply> get_status(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    if (const auto live = parts->service.live_status(request.principal.projects, *id)) {
        co_return JsonReply{to_json(*live)};
    }
    auto status = co_await parts->service.status(std::move(request.principal.projects), *id);
    if (!status) {
        co_return problem_of(status.error());
    }
    co_return JsonReply{to_json(*status)};
}

asio::awaitable<Reply> list_deliveries(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    FieldFaults faults;
    const FieldValues values = query_values(request.http.target, delivery_fields, faults);
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    ports::AttemptFilter filter;
    filter.event = values.get<std::string>("event");
    filter.success = values.get<bool>("success");
    if (const auto after = values.get<std::int64_t>("after_id")) {
        filter.after_id = AttemptId(*after);
    }
    auto deliveries = co_await parts->service.deliveries(std::move(request.principal.projects), *id,
                                                         std::move(filter));
    if (!deliveries) {
        co_return problem_of(deliveries.error());
    }
    co_return JsonReply{to_json(*id, *deliveries)};
}

// The request has no fields, so a body, whatever it is, is not read.
asio::awaitable<Reply> end_call(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    auto outcome = co_await parts->service.end(std::move(request.principal.projects), *id,
                                               std::move(request.request_id));
    if (!outcome) {
        co_return problem_of(outcome.error());
    }
    switch (*outcome) {
        case app::EndOutcome::accepted:
            break;
        case app::EndOutcome::not_in_progress:
            co_return Problem(ProblemCode::call_not_in_progress);
    }
    co_return JsonReply{R"({"success":true})"};
}

}  // namespace

std::vector<EndpointRow> calls_endpoints(CallsApiParts parts) {
    const EndpointBinder bind(parts);
    return {
        {{"GET", "/v1/calls/{callId}/status", Access::read}, bind(get_status)},
        {{"GET", "/v1/calls", Access::read}, bind(list_calls)},
        {{"GET", "/v1/calls/{callId}", Access::read}, bind(get_call)},
        {{"GET", "/v1/calls/{callId}/webhooks", Access::read}, bind(list_deliveries)},
        {{"POST", "/v1/calls/{callId}/end", Access::full}, bind(end_call), true},
    };
}

}  // namespace gw::http
