// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/control_api.hpp"

#include "gateway/domain/e164.hpp"
#include "gateway/http/body_json.hpp"
#include "gateway/http/call_json.hpp"
#include "gateway/http/json_text.hpp"
#include "gateway/http/references.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <ranges>

namespace gw::http {
namespace {

namespace asio = boost::asio;
using Parts = std::shared_ptr<const CallsApiParts>;
using Kind = app::ControlOutcome::Kind;

constexpr std::size_t prompt_characters_max = 3000;
constexpr std::int64_t prompt_bytes_max = 4 * 3000;  // UTF-8
constexpr std::int64_t metadata_bytes_max = 16 * 1024;
// Calls end all the time; a client at the limit is not sent away for long.
constexpr std::chrono::seconds retry_after_limit{5};

bool is_prompt(std::string_view text) {
    const auto characters = std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    const auto is_break = [](char c) { return c == '\t' || c == '\n' || c == '\r'; };
    const bool blank = std::ranges::all_of(text, [&](char c) { return c == ' ' || is_break(c); });
    const bool control = std::ranges::any_of(text, [&](char c) {  // nothing that could be spoken
        return (static_cast<unsigned char>(c) < ' ' && !is_break(c)) || c == '\x7f';
    });
    return !blank && !control && static_cast<std::size_t>(characters) <= prompt_characters_max;
}

bool is_terminator(std::string_view text) {
    return text.empty() ||
           (text.size() == 1 && std::string_view("0123456789*#").find(text) != text.npos);
}

bool is_voice(std::string_view text) {
    return text == "female" || text == "male";
}

// BCP 47 (RFC 5646) as far as its shape goes: subtags of letters and digits, the first of letters.
bool is_language(std::string_view text) {
    bool first = true;
    for (const auto part : std::views::split(text, '-')) {
        const std::string_view subtag(part.begin(), part.end());
        const bool right = std::ranges::all_of(subtag, [first](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return letter || (!first && c >= '0' && c <= '9');
        });
        if (!right || subtag.size() > 8 || subtag.size() < (first ? 2U : 1U)) {
            return false;
        }
        first = false;
    }
    return !first;
}

// What is said of machine detection, and Telnyx's word for it (openapi
// CallRequest.answering_machine_detection, read 2026-11); empty: none.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> detections{
    {{"disabled", ""},
     {"false", ""},
     {"true", "detect"},
     {"detect", "detect"},
     {"detect_beep", "detect_beep"},
     {"detect_words", "detect_words"},
     {"greeting_end", "greeting_end"},
     {"premium", "premium"}}};

std::optional<std::string> detection_of(std::string_view text) {
    for (const auto& [said, word] : detections) {
        if (said == text) {
            return std::string(word);
        }
    }
    return std::nullopt;
}

bool is_detection(std::string_view text) {
    return detection_of(text).has_value();
}

constexpr std::string_view reason_number = "must be a valid E.164 phone number";
constexpr std::array transfer_fields{
    Field{.name = "destination", .reason = reason_number, .required = true, .accepts = is_e164}};

constexpr std::array gather_fields{
    Field{.name = "prompt",
          .reason = "must be a text of 1 to 3000 characters without control characters",
          .required = true,
          .min = 1,
          .max = prompt_bytes_max,
          .accepts = is_prompt},
    Field{.name = "max_digits",
          .reason = "must be an integer from 1 to 20",
          .kind = FieldKind::integer,
          .min = 1,
          .max = 20},
    Field{.name = "terminator",
          .reason = "must be one of 0-9, * and #, or empty",
          .accepts = is_terminator},
    Field{.name = "timeout_seconds",
          .reason = "must be an integer from 5 to 60",
          .kind = FieldKind::integer,
          .min = 5,
          .max = 60},
    Field{.name = "voice", .reason = "must be female or male", .accepts = is_voice},
    Field{.name = "language",
          .reason = "must be a BCP-47 language tag such as en-US",
          .min = 2,
          .max = 35,
          .accepts = is_language},
};

constexpr std::array place_fields{
    Field{.name = "agent_id",
          .reason = "must be an agent_* id or a numeric id of an agent of yours",
          .kind = FieldKind::reference,
          .required = true,
          .min = 1,
          .max = 128,
          .accepts = is_agent_reference},
    Field{.name = "to", .reason = reason_number, .required = true, .accepts = is_e164},
    Field{.name = "from", .reason = reason_number, .accepts = is_e164},
    Field{.name = "metadata",
          .reason = "must be a JSON object of at most 16 KiB",
          .kind = FieldKind::object,
          .max = metadata_bytes_max},
    Field{.name = "answering_machine_detection",
          .reason = "must be true, false, or one of disabled, detect, detect_beep, detect_words, "
                    "greeting_end, premium",
          .kind = FieldKind::word_or_switch,
          .accepts = is_detection},
};

Problem problem_of_refusal(RequestRefusal why, ProblemCode not_in_progress) {
    switch (why) {
        case RequestRefusal::not_in_progress:
            return Problem(not_in_progress);
        case RequestRefusal::no_control_channel:
            return Problem(ProblemCode::no_control_channel);
        case RequestRefusal::transfer_in_progress:
            return Problem(ProblemCode::transfer_in_progress);
        case RequestRefusal::gather_in_progress:
            return Problem(ProblemCode::gather_in_progress);
    }
    return Problem(not_in_progress);
}

// Nothing when the carrier took it.
std::optional<Problem> problem_of_outcome(const app::ControlOutcome& outcome, ProblemCode failed,
                                          ProblemCode not_in_progress) {
    switch (outcome.kind) {
        case Kind::accepted:
            return std::nullopt;
        case Kind::not_allowed:
            return problem_of_refusal(outcome.why, not_in_progress);
        case Kind::refused:
            return Problem(failed, std::string(row_of(failed).message) + ": " + outcome.detail);
        case Kind::unknown: {
            Problem problem(ProblemCode::upstream_error);
            problem.cause = outcome.detail;
            return problem;
        }
    }
    return std::nullopt;
}

asio::awaitable<Reply> transfer_call(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    auto body = read_body(request.http, transfer_fields);
    if (auto* problem = std::get_if<Problem>(&body)) {
        co_return std::move(*problem);
    }
    TransferRequested wish;
    wish.request_id = request.request_id;
    wish.destination = *std::get<FieldValues>(body).get<std::string>("destination");
    const std::string destination = wish.destination;
    const auto outcome = co_await parts->service.transfer(std::move(request.principal.projects),
                                                          *id, std::move(wish));
    if (!outcome) {
        co_return problem_of(outcome.error());
    }
    if (auto problem = problem_of_outcome(*outcome, ProblemCode::transfer_failed,
                                          ProblemCode::call_not_in_progress)) {
        co_return std::move(*problem);
    }
    JsonReply reply{.body = R"({"success":true,"destination":)"};
    append_string(reply.body, destination);
    reply.body += '}';
    co_return reply;
}

GatherSpec spec_of(const FieldValues& values) {
    GatherSpec spec;
    spec.prompt = *values.get<std::string>("prompt");
    spec.max_digits = static_cast<std::uint32_t>(
        values.get<std::int64_t>("max_digits").value_or(spec.max_digits));
    spec.terminator = values.get<std::string>("terminator").value_or(spec.terminator);
    spec.timeout = std::chrono::seconds(
        values.get<std::int64_t>("timeout_seconds").value_or(spec.timeout.count()));
    spec.voice = values.get<std::string>("voice").value_or(spec.voice);
    spec.language = values.get<std::string>("language").value_or(spec.language);
    return spec;
}

asio::awaitable<Reply> gather_digits(Parts parts, ApiRequest request) {
    const auto id = parse_call_id(request.call_id);
    if (!id) {
        co_return call_not_found();
    }
    auto body = read_body(request.http, gather_fields);
    if (auto* problem = std::get_if<Problem>(&body)) {
        co_return std::move(*problem);
    }
    GatherRequested wish;
    wish.request_id = request.request_id;
    wish.spec = spec_of(std::get<FieldValues>(body));
    const auto outcome =
        co_await parts->service.gather(std::move(request.principal.projects), *id, std::move(wish));
    if (!outcome) {
        co_return problem_of(outcome.error());
    }
    if (auto problem = problem_of_outcome(*outcome, ProblemCode::gather_failed,
                                          ProblemCode::call_not_active)) {
        co_return std::move(*problem);
    }
    JsonReply reply{.body = R"({"message":"Gather initiated","call_id":)", .status = 202};
    append_integer(reply.body, id->value());
    reply.body += '}';
    co_return reply;
}

// The agent that the key may call with; null: none of its own.
const ports::Agent* own_agent(const CallsApiParts& parts, const ports::ProjectScope& scope,
                              std::string_view reference) {
    const auto id = agent_of(parts.directory, reference);
    const ports::Agent* agent = id ? parts.directory.agent(*id) : nullptr;
    const bool own =
        agent && std::ranges::find(scope.projects, agent->project_id) != scope.projects.end();
    return own ? agent : nullptr;
}

// The number to call from is one of the agent's, its first when none is wished for.
void check_from(const ports::Agent& agent, std::optional<std::string>& from, FieldFaults& faults) {
    const auto& numbers = agent.phone_numbers;
    const bool named =
        std::ranges::any_of(faults, [](const FieldFault& fault) { return fault.field == "from"; });
    if (named) {
        return;
    }
    if (!from && !numbers.empty()) {
        from = numbers.front();
    }
    if (!from || std::ranges::find(numbers, *from) == numbers.end()) {
        faults.push_back({"from", "must be one of the agent's phone numbers"});
    }
}

asio::awaitable<Reply> place_call(Parts parts, ApiRequest request) {
    FieldFaults faults;
    auto body = read_body(request.http, place_fields, faults);
    if (auto* problem = std::get_if<Problem>(&body)) {
        co_return std::move(*problem);
    }
    const auto& values = std::get<FieldValues>(body);
    const auto reference = values.get<std::string>("agent_id");
    const ports::Agent* agent =
        reference ? own_agent(*parts, request.principal.projects, *reference) : nullptr;
    if (reference && !agent) {
        faults.push_back({"agent_id", std::string(place_fields[0].reason)});
    }
    auto from = values.get<std::string>("from");
    if (agent) {
        check_from(*agent, from, faults);
    }
    if (!faults.empty()) {
        co_return validation_problem(std::move(faults));
    }
    app::CallRequest wish;
    wish.agent = agent->id;
    wish.to = *values.get<std::string>("to");
    wish.from = *from;
    wish.metadata_json = values.get<std::string>("metadata").value_or("{}");
    wish.machine_detection =
        detection_of(values.get<std::string>("answering_machine_detection").value_or("disabled"))
            .value_or("");
    const auto call = co_await parts->service.place(std::move(wish), std::move(request.request_id));
    if (!call && call.error().code() == Errc::over_limit) {
        Problem problem(ProblemCode::rate_limit_exceeded,
                        "The organization's limit of concurrent calls is reached");
        problem.retry_after = retry_after_limit;
        co_return problem;
    }
    if (!call) {
        co_return problem_of(call.error());
    }
    JsonReply reply{.body = {}, .status = 201, .made = call->id};
    append_call(reply.body, *call, parts->clock.utc(), CallDetail::summary);
    co_return reply;
}

}  // namespace

std::vector<EndpointRow> control_endpoints(CallsApiParts parts) {
    const EndpointBinder bind(parts);
    return {
        {{"POST", "/v1/calls", Access::full}, bind(place_call)},
        {{"POST", "/v1/calls/{callId}/transfer", Access::full}, bind(transfer_call)},
        {{"POST", "/v1/calls/{callId}/gather", Access::full}, bind(gather_digits)},
    };
}

}  // namespace gw::http
