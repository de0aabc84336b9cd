// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/telnyx_api.hpp"

#include "tests/simulator/json_text.hpp"
#include "tests/simulator/url.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

Answer error_answer(const ApiError& error) {
    return {.status = error.status, .body = body_of({error})};
}

Reply reply_of(const Answer& answer) {
    return {.response = json_response(answer.status, answer.body)};
}

// What a checker needs of the request's header fields; the key itself is not kept.
json headers_of(const net::HttpRequest& request) {
    json headers = json::object();
    for (const char* name : {"content-type", "user-agent", "x-request-id"}) {
        if (const auto value = request.headers.find(name)) {
            headers[name] = *value;
        }
    }
    headers["authorization"] = request.headers.find("authorization").has_value();
    return headers;
}

}  // namespace

net::HttpResponse json_response(unsigned status, const json& body) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json; charset=utf-8");
    response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    return response;
}

net::HttpResponse text_response(unsigned status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/plain");
    response.body = std::move(body);
    return response;
}

TelnyxApi::TelnyxApi(Schedule& schedule, World& world, Faults& faults, History& history,
                     std::string api_key)
    : schedule_(schedule),
      world_(world),
      faults_(faults),
      history_(history),
      api_key_(std::move(api_key)) {}

Reply TelnyxApi::handle(const net::HttpRequest& request) {
    const RequestTarget target = parse_target(request.target);
    const auto& path = target.segments;
    if (path.size() == 2 && path[0] == "recordings" && request.method == "GET") {
        return recording_file(request, target.query);
    }
    if (!is_authentic(request.headers.find("authorization").value_or(""))) {
        return record({{"method", request.method},
                       {"target", request.target},
                       {"headers", headers_of(request)}},
                      error_answer(make_error("10009")), CommandFault::none);
    }
    if (!path.empty() && path[0] == "v2") {
        const std::vector<std::string> rest{path.begin() + 1, path.end()};
        if (rest.size() == 1 && rest[0] == "calls" && request.method == "POST") {
            return command(request, *find_command("dial"), {});
        }
        if (rest.size() == 4 && rest[0] == "calls" && rest[2] == "actions") {
            const CommandSpec* spec = find_command(rest[3]);
            if (spec != nullptr && spec->name != "dial" && spec->method == request.method) {
                return command(request, *spec, rest[1]);
            }
        }
        if (request.method == "GET") {
            return read(rest, target.query);
        }
    }
    return record(
        {{"method", request.method}, {"target", request.target}, {"headers", headers_of(request)}},
        error_answer(make_error("10005")), CommandFault::none);
}

// The name of the scheme is the same in any case (RFC 9110, 11.1).
bool TelnyxApi::is_authentic(std::string_view authorization) const {
    constexpr std::string_view scheme = "bearer ";
    const bool bearer = authorization.size() > scheme.size() &&
                        std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {},
                                           [](unsigned char c) { return std::tolower(c); });
    return bearer && (api_key_.empty() || authorization.substr(scheme.size()) == api_key_);
}

Reply TelnyxApi::command(const net::HttpRequest& request, const CommandSpec& spec,
                         const std::string& control_id) {
    // The document requires a body of every command, be it {} (requestBody.required).
    const std::optional<json> parsed = parse_json(request.body);
    json entry = {
        {"command", spec.name},           {"call_control_id", control_id},
        {"method", request.method},       {"target", request.target},
        {"headers", headers_of(request)}, {"body", parsed ? *parsed : json(request.body)}};
    ++totals_.received;
    if (!parsed || !parsed->is_object()) {
        ApiError error = make_error(
            "10015", {},
            "The body " + (parsed ? "is no JSON object" : json_fault(request.body)) + ".");
        error.status = 400;
        return record(std::move(entry), error_answer(error), CommandFault::none);
    }
    const json& body = *parsed;
    const FaultSettings& settings = faults_.settings();
    const CommandFault fault = faults_.for_command(std::string{spec.name}, control_id);
    totals_.faulted += fault == CommandFault::none ? 0 : 1;
    switch (fault) {
        case CommandFault::none:
            break;
        case CommandFault::server_error: {
            ApiError error = make_error("10007");
            error.status = static_cast<unsigned>(settings.server_error_status);
            if (error.status == 503) {
                error.title = error.detail = "Service unavailable";
            }
            return record(std::move(entry), error_answer(error), fault);
        }
        case CommandFault::rate_limited: {
            Reply reply = record(std::move(entry), error_answer(make_error("10011")), fault);
            reply.response.headers.add("x-ratelimit-limit", "50");
            reply.response.headers.add("x-ratelimit-remaining", "0");
            reply.response.headers.add("x-ratelimit-reset",
                                       std::to_string(settings.rate_limit_reset_s));
            return reply;
        }
        case CommandFault::ended:
            return record(std::move(entry), error_answer(make_error("90018")), fault);
        case CommandFault::stall: {
            Reply reply{.response = text_response(504, {}), .hold = settings.stall_time};
            if (settings.stall_executes) {
                reply.then = [this, &spec, control_id, body, entry] {
                    return run(spec, control_id, body, entry);
                };
            } else {
                record(std::move(entry), {.status = 0}, fault);
            }
            return reply;
        }
        case CommandFault::reply_lost: {
            const Answer answer = world_.execute(spec, control_id, body);
            record(std::move(entry), answer, fault);
            return {.response = text_response(504, {}), .hold = settings.stall_time};
        }
    }
    return run(spec, control_id, body, std::move(entry));
}

Reply TelnyxApi::run(const CommandSpec& spec, const std::string& control_id, const json& body,
                     json entry) {
    Reply reply =
        record(std::move(entry), world_.execute(spec, control_id, body), CommandFault::none);
    if (reply.response.status == 429) {  // dial pacing
        reply.response.headers.add("x-ratelimit-limit", std::to_string(world_.options().dials_max));
        reply.response.headers.add("x-ratelimit-remaining", "0");
        reply.response.headers.add("x-ratelimit-reset", "5");
    }
    return reply;
}

Reply TelnyxApi::record(json entry, const Answer& answer, CommandFault fault) {
    entry["status"] = answer.status;
    entry["answer"] = answer.body;
    entry["executed"] = answer.executed;
    entry["duplicate"] = answer.duplicate;
    if (fault != CommandFault::none) {
        entry["fault"] = name_of(fault);
    }
    totals_.executed += answer.executed ? 1 : 0;
    totals_.duplicates += answer.duplicate ? 1 : 0;
    totals_.refused += answer.status >= 400 ? 1 : 0;
    history_.add(entry.contains("command") ? "command" : "request", schedule_.now(),
                 std::move(entry));
    return reply_of(answer);
}

Reply TelnyxApi::read(const std::vector<std::string>& path,
                      const std::map<std::string, std::string>& query) {
    Answer answer = error_answer(make_error("10005"));
    if (path.size() == 2 && path[0] == "calls") {
        answer = world_.get_call(path[1]);
    } else if (path.size() == 3 && path[0] == "connections" && path[2] == "active_calls") {
        const auto [page, errors] = page_from(query);
        answer = errors.empty() ? world_.active_calls(path[1], page)
                                : Answer{.status = errors.front().status, .body = body_of(errors)};
    } else if (path.size() == 2 && path[0] == "call_control_applications") {
        answer = world_.get_application(path[1]);
    } else if (path.size() == 2 && path[0] == "recordings") {
        answer = world_.get_recording(path[1]);
    }
    std::string target;
    for (const std::string& part : path) {
        target += "/" + part;
    }
    return record({{"method", "GET"}, {"target", target}}, answer, CommandFault::none);
}

Reply TelnyxApi::recording_file(const net::HttpRequest& request,
                                const std::map<std::string, std::string>& query) {
    // As the file storage does: a second way of authentication beside the signed link is refused.
    if (request.headers.find("authorization")) {
        return {
            .response = {.status = 400, .headers = {}, .body = "Only one auth mechanism allowed"}};
    }
    const auto signature = query.find("X-Amz-Signature");
    auto file = signature == query.end() ? std::nullopt : world_.recording_file(signature->second);
    if (!file) {
        return {.response = text_response(403, "Request has expired")};
    }
    net::HttpResponse response{.status = 200,
                               .headers = {{"Content-Type", std::move(file->content_type)}},
                               .body = std::move(file->bytes)};
    return {.response = std::move(response)};
}

}  // namespace gw::simulator
