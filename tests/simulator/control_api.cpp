// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control_api.hpp"

#include "tests/simulator/json_text.hpp"
#include "tests/simulator/telnyx_api.hpp"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

net::HttpResponse problem(unsigned status, const std::string& text) {
    return json_response(status, {{"error", text}});
}

json leg_json(const Leg& leg) {
    json out = {{"call_control_id", leg.control_id},
                {"call_leg_id", leg.leg_id},
                {"call_session_id", leg.session_id},
                {"direction", leg.outgoing ? "outgoing" : "incoming"},
                {"state", name_of(leg.state)},
                {"from", leg.from},
                {"to", leg.to},
                {"client_state", leg.client_state ? json(*leg.client_state) : json(nullptr)},
                {"bridged_with", leg.bridged_with.empty() ? json(nullptr) : json(leg.bridged_with)},
                {"start_time", to_rfc3339_micros(leg.started_at)}};
    if (leg.answered_at) {
        out["answer_time"] = to_rfc3339_micros(*leg.answered_at);
    }
    if (leg.hangup) {
        out["hangup_cause"] = leg.hangup->cause;
        out["end_time"] = to_rfc3339_micros(*leg.ended_at);
    }
    return out;
}

std::string text_in(const RequestTarget& target, const char* name) {
    const auto found = target.query.find(name);
    return found == target.query.end() ? std::string{} : found->second;
}

std::uint64_t number_in(const RequestTarget& target, const char* name, std::uint64_t fallback) {
    const std::string text = text_in(target, name);
    if (text.empty()) {
        return fallback;
    }
    std::uint64_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr !=
        text.data() + text.size()) {
        throw std::invalid_argument(std::string{name} + ": must be a whole number");
    }
    return number;
}

HandMade::Signature signature_from(const std::string& word) {
    using enum HandMade::Signature;
    const std::pair<std::string_view, HandMade::Signature> words[] = {
        {"valid", valid}, {"wrong", wrong}, {"missing", missing}, {"malformed", malformed}};
    for (const auto& [name, signature] : words) {
        if (name == word) {
            return signature;
        }
    }
    throw std::invalid_argument("signature: must be one of valid, wrong, missing, malformed");
}

}  // namespace

net::HttpResponse ControlApi::handle(const net::HttpRequest& request) {
    const RequestTarget to = parse_target(request.target);
    if (request.method == "POST" && !to.segments.empty() && to.segments[0] == "receiver") {
        return receiver_.take(request, to.segments.size() > 1 ? to.segments[1] : "");
    }
    const std::optional<json> body =
        request.body.empty() ? json::object() : parse_json(request.body);
    if (!body) {
        return problem(400, "the body " + json_fault(request.body));
    }
    try {
        return route(request, to, *body);
    } catch (const std::invalid_argument& fault) {
        return problem(400, fault.what());
    } catch (const json::exception& fault) {  // a member of the wrong type
        return problem(400, fault.what());
    }
}

net::HttpResponse ControlApi::route(const net::HttpRequest& request, const RequestTarget& target,
                                    const json& body) {
    const auto& path = target.segments;
    const std::string first = path.empty() ? "" : path[0];
    const std::string what = request.method + " " + first;
    if (path.size() == 3 && first == "calls" && path[2] == "actions" && request.method == "POST") {
        return act(path[1], body);
    }
    if (path.size() == 2 && what == "GET legs") {
        const Leg* leg = parts_.world.find(path[1]);
        return leg == nullptr ? problem(404, "there is no such leg")
                              : json_response(200, leg_json(*leg));
    }
    if (path.size() > 1) {
        return problem(404, "there is no such path; see --help");
    }
    if (what == "POST calls") {
        return place(body);
    }
    if (what == "POST events") {
        return send_event(body);
    }
    if (what == "GET legs") {
        return legs(target);
    }
    if (what == "GET history") {
        return history(target);
    }
    if (what == "GET faults") {
        return json_response(200, to_json(parts_.faults.settings()));
    }
    if (what == "PUT faults") {
        return set_faults(body);
    }
    if (what == "PUT scenario") {
        return set_scenario(body);
    }
    if (what == "PUT webhook_url") {
        return set_webhook_url(body);
    }
    if (what == "GET receiver") {
        return json_response(200, receiver_.settings());
    }
    if (what == "PUT receiver") {
        receiver_.set(body);
        return json_response(200, receiver_.settings());
    }
    if (what == "POST load") {
        return start_load(body);
    }
    if (what == "GET load") {
        return json_response(200, parts_.load.summary(parts_.outbox));
    }
    if (what == "GET status") {
        return status();
    }
    if (what == "POST reset") {
        return reset();
    }
    return problem(404, "there is no such path; see --help");
}

net::HttpResponse ControlApi::place(const json& body) {
    const Leg& leg = parts_.world.place_call(caller_from(body));
    return json_response(201, leg_json(leg));
}

net::HttpResponse ControlApi::act(const std::string& control_id, const json& body) {
    std::vector<Step> steps;
    const bool one = !body.is_object() || !body.contains("steps");  // the short form
    if (one) {
        steps = steps_from(json::array({body}));
    } else {
        expect_members(body, "steps", "actions");
        steps = steps_from(body["steps"]);
    }
    if (parts_.world.find(control_id) == nullptr) {
        return problem(404, "there is no such call");
    }
    const auto refusal = one ? parts_.world.act_now(control_id, steps.front())
                             : parts_.world.act(control_id, std::move(steps));
    return refusal ? problem(409, *refusal) : json_response(202, {{"result", "ok"}});
}

net::HttpResponse ControlApi::send_event(const json& body) {
    expect_members(
        body,
        "event_type|payload|id|occurred_at|body|signature|timestamp_offset_s|url|redeliver|copies",
        "events");
    Random random{parts_.seed, "hand-made " + std::to_string(++hand_made_)};
    HandMade event{.signature = signature_from(body.value("signature", "valid")),
                   .timestamp_offset = std::chrono::seconds{body.value("timestamp_offset_s", 0)},
                   .url = body.value("url", ""),
                   .redeliver = body.value("redeliver", false)};
    event.event_id = body.value("id", random.uuid());
    event.event_type = body.value("event_type", "");
    if (body.contains("body")) {
        event.body = body["body"].get<std::string>();
    } else if (event.event_type.empty()) {
        return problem(400, "events: needs event_type and payload, or body");
    } else {
        const json data = {
            {"event_type", event.event_type},
            {"id", event.event_id},
            {"occurred_at", body.value("occurred_at", to_rfc3339_micros(parts_.schedule.now()))},
            {"payload", body.value("payload", json::object())},
            {"record_type", "event"}};
        const std::string url = event.url.empty() ? parts_.outbox.urls().primary : event.url;
        event.body = json{{"data", data}, {"meta", {{"attempt", 1}, {"delivered_to", url}}}}.dump();
    }
    if ((event.url.empty() ? parts_.outbox.urls().primary : event.url).empty()) {
        return problem(409, "there is no webhook URL to send it to");
    }
    const int copies = body.value("copies", 1);
    for (int i = 0; i < copies; ++i) {
        parts_.outbox.post(event);
    }
    return json_response(202, {{"event_id", event.event_id}});
}

net::HttpResponse ControlApi::legs(const RequestTarget& target) const {
    const std::string state = text_in(target, "state");
    json list = json::array();
    for (const auto& [_, leg] : parts_.world.legs()) {
        if (state.empty() || state == name_of(leg.state) ||
            (state == "live" && leg.state != LegState::ended)) {
            list.push_back(leg_json(leg));
        }
    }
    return json_response(200, {{"legs", std::move(list)}});
}

net::HttpResponse ControlApi::history(const RequestTarget& target) const {
    json entries = parts_.history.read(number_in(target, "after", 0), text_in(target, "type"),
                                       number_in(target, "limit", 10'000));
    return json_response(200, {{"entries", std::move(entries)}});
}

net::HttpResponse ControlApi::set_faults(const json& body) {
    parts_.faults.set(merged(parts_.faults.settings(), body));
    return json_response(200, to_json(parts_.faults.settings()));
}

net::HttpResponse ControlApi::set_scenario(const json& body) {
    Scenario scenario = scenario_from(body);
    if (!scenario.calls.empty() || !scenario.faults.empty()) {
        return problem(400, "scenario: calls and faults have their own paths");
    }
    parts_.world.set_scenario(std::move(scenario));
    return json_response(200, {{"result", "ok"}});
}

// A gateway on a free port is known only after it has started, and it needs this simulator's port.
net::HttpResponse ControlApi::set_webhook_url(const json& body) {
    expect_members(body, "url|failover_url", "webhook_url");
    const Outbox::Urls urls{.primary = body.at("url").get<std::string>(),
                            .failover = body.value("failover_url", "")};
    for (const std::string& url : {urls.primary, urls.failover}) {
        if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://")) {
            return problem(400, "webhook_url: '" + url + "' is no http or https URL");
        }
    }
    parts_.outbox.urls() = urls;
    return json_response(200, {{"url", urls.primary}, {"failover_url", urls.failover}});
}

net::HttpResponse ControlApi::start_load(const json& body) {
    expect_members(body, "calls|rate|script", "load");
    LoadPlan plan{.calls = whole_number(body, "calls", 0, 1, load_calls_max)};
    if (body.contains("rate")) {
        plan.rate = body["rate"].is_number() ? body["rate"].get<double>() : 0;
    }
    if (plan.rate < load_rate_min || plan.rate > load_rate_max) {
        return problem(400, "rate: must be a number from 0.001 to 100000");
    }
    plan.script = caller_from(body.value("script", json::object()));
    if (!parts_.load.start(plan)) {
        return problem(409, "load: more than 10000000 calls would be still to come");
    }
    return json_response(202, {{"result", "ok"}});
}

net::HttpResponse ControlApi::status() const {
    json summary = parts_.load.summary(parts_.outbox);
    summary["seed"] = parts_.seed;
    summary["idle"] =
        parts_.load.placed_all() && parts_.world.quiet() && parts_.outbox.pending() == 0;
    return json_response(200, summary);
}

net::HttpResponse ControlApi::reset() {
    parts_.schedule.clear();
    parts_.outbox.reset();
    parts_.world.reset();
    parts_.load.reset();
    parts_.history.clear();
    parts_.faults.set({});
    receiver_.reset();
    return json_response(200, {{"result", "ok"}});
}

}  // namespace gw::simulator
