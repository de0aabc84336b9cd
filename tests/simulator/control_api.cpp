// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control_api.hpp"

#include "tests/simulator/json_members.hpp"
#include "tests/simulator/json_text.hpp"
#include "tests/simulator/telnyx_api.hpp"
#include "tests/simulator/validate.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

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

// Throws std::invalid_argument when the query has a member that is not among `names` ("a|b").
void expect_query(const RequestTarget& target, std::string_view names) {
    for (const auto& [name, _] : target.query) {
        const auto known = split_words(names);
        if (std::ranges::find(known, name) == known.end()) {
            fail(name.substr(0, 100), "is unknown here; known are " + std::string{names});
        }
    }
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
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        fail(name, "must be a whole number");
    }
    return number;
}

// A filter's word; empty when there is none.
std::string word_in(const RequestTarget& target, const char* name, std::string_view words) {
    const std::string word = text_in(target, name);
    const auto known = split_words(words);
    if (target.query.contains(name) && std::ranges::find(known, word) == known.end()) {
        fail(name, one_of(words));
    }
    return word;
}

}  // namespace

net::HttpResponse ControlApi::problem(unsigned status, const std::string& text) {
    return json_response(status, {{"error", text}});
}

net::HttpResponse ControlApi::handle(const net::HttpRequest& request) {
    const RequestTarget to = parse_target(request.target);
    if (request.method == "POST" && !to.segments.empty() && to.segments[0] == "receiver") {
        return receiver_.take(request, to.segments.size() > 1 ? to.segments[1] : "");
    }
    const std::optional<json> body =
        request.body.empty() ? json::object() : parse_json(request.body);
    net::HttpResponse response = answer(request, to, body);
    if (request.method != "GET") {  // what somebody did to the simulator explains what it did then
        parts_.history.add("control", parts_.schedule.now(),
                           {{"method", request.method},
                            {"target", request.target},
                            {"body", body ? *body : json(request.body)},
                            {"status", response.status}});
    }
    return response;
}

net::HttpResponse ControlApi::answer(const net::HttpRequest& request, const RequestTarget& target,
                                     const std::optional<json>& body) {
    if (!body) {
        return problem(400, "the body " + json_fault(request.body));
    }
    try {
        return route(request, target, *body);
    } catch (const std::invalid_argument& fault) {
        return problem(400, fault.what());
    } catch (const json::exception&) {
        return problem(400, "a member has a value of the wrong type");
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

net::HttpResponse ControlApi::legs(const RequestTarget& target) const {
    expect_query(target, "state");
    const std::string state = word_in(target, "state", "ringing|answered|ended|live");
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
    expect_query(target, "after|type|limit");
    const std::string type =
        word_in(target, "type", "event|webhook|command|request|download|received|control");
    json entries = parts_.history.read(number_in(target, "after", 0), type,
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

net::HttpResponse ControlApi::start_load(const json& body) {
    expect_members(body, "calls|rate|script", "load");
    LoadPlan plan;
    plan.calls = static_cast<std::uint64_t>(whole_number(body, "calls", 0, 1, load_calls_max));
    if (body.contains("rate")) {
        plan.rate = body["rate"].is_number() ? body["rate"].get<double>() : 0;
    }
    if (plan.rate < load_rate_min || plan.rate > load_rate_max) {
        return problem(400, "rate: must be a number from 0.001 to 100000");
    }
    plan.script = caller_from(object_member(body, "script"));
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
    parts_.faults.set(parts_.faults_at_start);
    receiver_.reset();
    return json_response(200, {{"result", "ok"}});
}

}  // namespace gw::simulator
