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
            return read(request, rest, target.query);
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
    const CommandFault fault = faults_.for_command(std::string{spec.name}, control_id);
    totals_.faulted += fault == CommandFault::none ? 0 : 1;
    if (auto reply = failed(entry, fault)) {
        return *std::move(reply);
    }
    const FaultSettings& settings = faults_.settings();
    if (fault == CommandFault::stall) {
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
    if (fault == CommandFault::reply_lost) {
        record(std::move(entry), world_.execute(spec, control_id, body), fault);
        return {.response = text_response(504, {}), .hold = settings.stall_time};
    }
    return run(spec, control_id, body, std::move(entry));
}

// The answer of a fault that answers at once, for a command or a read.
std::optional<Reply> TelnyxApi::failed(const json& entry, CommandFault fault) {
    const FaultSettings& settings = faults_.settings();
    if (fault == CommandFault::server_error) {
        ApiError error = make_error("10007");
        error.status = static_cast<unsigned>(settings.server_error_status);
        if (error.status == 503) {
            error.title = error.detail = "Service unavailable";
        }
        return record(entry, error_answer(error), fault);
    }
    if (fault == CommandFault::rate_limited) {
        Reply reply = record(entry, error_answer(make_error("10011")), fault);
        reply.response.headers.add("x-ratelimit-limit", "50");
        reply.response.headers.add("x-ratelimit-remaining", "0");
        reply.response.headers.add("x-ratelimit-reset",
                                   std::to_string(settings.rate_limit_reset_s));
        return reply;
    }
    if (fault == CommandFault::ended) {
        return record(entry, error_answer(make_error("90018")), fault);
    }
    return std::nullopt;
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
    const char* const type = entry.contains("command")                     ? "command"
                             : entry.value("read", "") == "recording_file" ? "download"
                                                                           : "request";
    history_.add(type, schedule_.now(), std::move(entry));
    return reply_of(answer);
}

Reply TelnyxApi::read(const net::HttpRequest& request, const std::vector<std::string>& path,
                      const std::map<std::string, std::string>& query) {
    std::string name;
    std::function<Answer()> ask = [] { return error_answer(make_error("10005")); };
    const std::string id = path.size() > 1 ? path[1] : std::string{};
    if (path.size() == 2 && path[0] == "calls") {
        name = "call";
        ask = [this, id] { return world_.get_call(id); };
    } else if (path.size() == 3 && path[0] == "connections" && path[2] == "active_calls") {
        name = "active_calls";
        ask = [this, id, asked = page_from(query)] {
            const auto& errors = asked.errors;
            return errors.empty()
                       ? world_.active_calls(id, asked.page)
                       : Answer{.status = errors.front().status, .body = body_of(errors)};
        };
    } else if (path.size() == 2 && path[0] == "call_control_applications") {
        name = "application";
        ask = [this, id] { return world_.get_application(id); };
    } else if (path.size() == 2 && path[0] == "recordings") {
        name = "recording";
        ask = [this, id] { return world_.get_recording(id); };
    }
    json entry = {{"method", "GET"}, {"target", request.target}, {"headers", headers_of(request)}};
    if (name.empty()) {
        return record(std::move(entry), ask(), CommandFault::none);
    }
    entry["read"] = name;
    return read_unless_failed(name, id, entry, [this, ask = std::move(ask), entry] {
        return record(entry, ask(), CommandFault::none);
    });
}

Reply TelnyxApi::read_unless_failed(const std::string& name, const std::string& scope,
                                    const json& entry, std::function<Reply()> ask) {
    const CommandFault fault = faults_.for_read(name, scope);
    if (auto reply = failed(entry, fault)) {
        return *std::move(reply);
    }
    if (fault != CommandFault::stall) {
        return ask();
    }
    Reply reply{.response = text_response(504, {}), .hold = faults_.settings().stall_time};
    if (faults_.settings().stall_executes) {
        reply.then = std::move(ask);
    } else {
        record(entry, {.status = 0}, fault);
    }
    return reply;
}

Reply TelnyxApi::recording_file(const net::HttpRequest& request,
                                const std::map<std::string, std::string>& query) {
    json entry = {{"method", "GET"},
                  {"target", request.target},
                  {"headers", headers_of(request)},
                  {"read", "recording_file"}};
    const bool authorized = request.headers.find("authorization").has_value();
    const auto found = query.find("X-Amz-Signature");
    const std::string signature = found == query.end() ? std::string{} : found->second;
    return read_unless_failed("recording_file", signature, entry, [=, this] {
        Reply reply{.response = text_response(403, "Request has expired")};
        std::size_t bytes = 0;
        if (authorized) {
            // As the file storage does: a second way of authentication beside the signed link.
            reply.response = text_response(400, "Only one auth mechanism allowed");
        } else if (auto file = world_.recording_file(signature)) {
            bytes = file->bytes.size();
            reply.response = {.status = 200,
                              .headers = {{"Content-Type", std::move(file->content_type)}},
                              .body = std::move(file->bytes)};
        }
        json told = entry;
        told["status"] = reply.response.status;
        told["bytes"] = bytes;
        history_.add("download", schedule_.now(), std::move(told));
        return reply;
    });
}

}  // namespace gw::simulator
