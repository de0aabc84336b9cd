// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/history_checker.hpp"

#include "gateway/domain/time.hpp"
#include "tests/scenario/signatures.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace gw::scenario {
namespace {

using nlohmann::json;

// Durations are rounded half-up.
constexpr std::chrono::milliseconds half_second{500};

bool is_success(const json& status) {
    return status.is_number() && status.get<int>() >= 200 && status.get<int>() < 300;
}

bool is_terminal_event(const std::string& name) {
    return name == "call.ended" || name == "call.failed";
}

bool is_final(const json& call) {
    return !call.at("ended_at").is_null();
}

std::string text(const json& object, const char* name) {
    return object.contains(name) && object[name].is_string() ? object[name].get<std::string>()
                                                             : std::string{};
}

// What a webhook endpoint saw of one event.
struct Received {
    std::string body;
    std::int64_t sequence = 0;
    std::string event;
    std::size_t first = 0;  // place of the first request among all
    std::size_t requests = 0;
    std::size_t taken = 0;  // of them answered 2xx
};

class Checker {
public:
    Checker(const History& history, CheckOptions options) : h_(history), options_(options) {
        index_timelines();
        index_received();
    }

    std::vector<std::string> run() {
        check_events();
        check_commands();
        check_legs();
        for (const CallView& view : h_.calls) {
            check_sequence(view);
            check_terminal(view);
            check_delivered(view);
            check_log(view);
        }
        return std::move(found_);
    }

private:
    void report(const std::string& what) { found_.push_back(what); }
    void index_timelines();
    void index_received();
    void take_received(const json& entry, std::size_t place);
    void check_events();
    void check_commands();
    void check_legs();
    void check_times(const json& leg, const CallView& view);
    [[nodiscard]] std::string end_of(const json& leg, const json& call) const;
    void check_sequence(const CallView& view);
    void check_terminal(const CallView& view);
    void check_delivered(const CallView& view);
    void check_log(const CallView& view);

    const History& h_;
    CheckOptions options_;
    std::map<std::string, std::vector<std::string>> on_timelines_;  // carrier event → calls
    std::map<std::string, std::vector<const CallView*>> calls_of_leg_;
    std::map<std::string, std::map<std::string, Received>> received_;  // call → event id → seen
    std::vector<std::string> found_;
};

void Checker::index_timelines() {
    for (const CallView& view : h_.calls) {
        std::set<std::string> legs;
        for (const json& row : view.events) {
            const json& data = row.at("data");
            if (!data.contains("data")) {
                continue;  // an input that is no carrier event
            }
            on_timelines_[text(data["data"], "id")].push_back(text(view.call, "call_id"));
            legs.insert(text(data["data"].value("payload", json::object()), "call_control_id"));
        }
        for (const std::string& leg : legs) {
            calls_of_leg_[leg].push_back(&view);
        }
    }
}

void Checker::index_received() {
    std::size_t place = 0;
    for (const json& entry : h_.carrier) {
        if (text(entry, "type") == "received") {
            take_received(entry, ++place);
        }
    }
}

void Checker::take_received(const json& entry, std::size_t place) {
    const std::string body = text(entry, "body");
    const json event = json::parse(body, nullptr, false);
    if (!event.is_object()) {
        report("a webhook's body is no JSON object: " + body);
        return;
    }
    const std::string id = text(event, "id");
    if (const auto fault = fault_of_signatures(entry.at("headers"), body, h_.secret);
        !fault.empty()) {
        report("webhook " + id + ": " + fault);
    }
    Received& seen = received_[text(event, "call_id")][id];
    if (seen.requests == 0) {
        seen = {.body = body,
                .sequence = event.value("sequence", std::int64_t{0}),
                .event = text(event, "event"),
                .first = place};
    } else if (seen.body != body) {
        report("webhook " + id + " was sent with other bytes than before");
    }
    ++seen.requests;
    seen.taken += is_success(entry.at("answered")) ? 1 : 0;
}

// What was answered 2xx stands on exactly one timeline.
void Checker::check_events() {
    std::map<std::string, const json*> made;
    std::set<std::string> served;  // legs that have an agent
    for (const json& leg : h_.legs) {
        if (h_.numbers.contains(text(leg, "to"))) {
            served.insert(text(leg, "call_control_id"));
        }
    }
    std::set<std::string> accepted;
    for (const json& entry : h_.carrier) {
        if (text(entry, "type") == "event" && entry.contains("event")) {
            made[text(entry["event"], "id")] = &entry;
        } else if (text(entry, "type") == "webhook" && is_success(entry.at("status")) &&
                   served.contains(text(entry, "call_control_id"))) {
            accepted.insert(text(entry, "event_id"));
        }
    }
    for (const std::string& id : accepted) {
        if (made.contains(id) && !on_timelines_.contains(id)) {
            report("carrier event " + id + " (" + text(made[id]->at("event"), "event_type") +
                   ") was answered 2xx and is on no timeline");
        }
    }
    for (const auto& [id, calls] : on_timelines_) {
        if (calls.size() > 1) {
            report("carrier event " + id + " is on timelines " + std::to_string(calls.size()) +
                   " times");
        }
    }
}

void Checker::check_commands() {
    std::map<std::pair<std::string, std::string>, std::size_t> executed;  // leg, kind
    std::map<std::string, std::size_t> executed_id;
    std::map<std::string, std::string> bodies;
    for (const json& entry : h_.carrier) {
        if (text(entry, "type") != "command" || !entry.at("body").is_object()) {
            continue;
        }
        const std::string leg = text(entry, "call_control_id");
        const std::string kind = text(entry, "command");
        const std::string id = text(entry["body"], "command_id");
        if (id.empty()) {
            report("command " + kind + " for leg " + leg + " has no command_id");
        }
        const auto [known, is_new] = bodies.emplace(id, entry["body"].dump());
        if (!is_new && known->second != entry["body"].dump()) {
            report("command " + id + " was repeated with another body");
        }
        if (entry.value("executed", false)) {
            // What is wished for may be wished again; each wish has an id of its own.
            const bool by_wish =
                kind == "transfer" || kind == "gather_using_speak" || kind == "dial";
            executed[{leg, kind}] += by_wish ? 0 : 1;
            ++executed_id[id];
        }
    }
    for (const auto& [what, times] : executed) {
        if (times > 1) {
            report("command " + what.second + " was executed " + std::to_string(times) +
                   " times on leg " + what.first);
        }
    }
    for (const auto& [id, times] : executed_id) {
        if (times > 1) {
            report("command_id " + id + " was executed " + std::to_string(times) + " times");
        }
    }
}

void Checker::check_legs() {
    std::set<std::string> told;  // legs of which an event was taken
    for (const json& entry : h_.carrier) {
        if (text(entry, "type") == "webhook" && is_success(entry.at("status"))) {
            told.insert(text(entry, "call_control_id"));
        }
    }
    std::set<std::string> known;
    for (const json& leg : h_.legs) {
        const std::string id = text(leg, "call_control_id");
        known.insert(id);
        if (text(leg, "direction") != "incoming" || !h_.numbers.contains(text(leg, "to"))) {
            continue;
        }
        const auto calls = calls_of_leg_.find(id);
        if (calls == calls_of_leg_.end()) {
            if (told.contains(id)) {
                report("leg " + id + " has no call");
            }
            continue;
        }
        if (calls->second.size() > 1) {
            report("leg " + id + " has " + std::to_string(calls->second.size()) + " calls");
        }
        check_times(leg, *calls->second.front());
    }
    for (const auto& [leg, calls] : calls_of_leg_) {
        if (!known.contains(leg) && !is_final(calls.front()->call)) {
            report("ghost: call " + text(calls.front()->call, "call_id") +
                   " is live and the carrier knows no such leg");
        }
    }
}

// A transferred call lasts until its last party is gone: the caller's leg or the target's.
std::string Checker::end_of(const json& leg, const json& call) const {
    std::string ended = text(leg, "end_time");
    if (text(call, "disposition") != "transferred") {
        return ended;
    }
    for (const json& target : h_.legs) {
        if (text(target, "direction") == "outgoing" && !text(target, "answer_time").empty() &&
            text(target, "call_session_id") == text(leg, "call_session_id") &&
            text(target, "to") == text(call, "transferred_to")) {
            ended = std::max(ended, text(target, "end_time"));
        }
    }
    return ended;
}

void Checker::check_times(const json& leg, const CallView& view) {
    const json& call = view.call;
    const std::string name = text(call, "call_id");
    if (text(leg, "state") == "ended" && !is_final(call)) {
        report("ghost: call " + name + " is " + text(call, "status") + ", the carrier ended it");
        return;
    }
    if (text(leg, "state") != "ended" && is_final(call)) {
        report("call " + name + " is " + text(call, "status") + ", at the carrier it is " +
               text(leg, "state"));
        return;
    }
    if (!options_.times_are_the_carriers || !is_final(call)) {
        return;
    }
    const auto in_seconds = [](const std::string& time) { return time.substr(0, 19) + "Z"; };
    const std::string answered = text(leg, "answer_time");
    const std::string started = text(call, "started_at");
    if (started != (answered.empty() ? "" : in_seconds(answered))) {
        report("call " + name + " has started_at '" + started + "', the carrier says '" + answered +
               "'");
    }
    const std::string ended = end_of(leg, call);
    if (text(call, "ended_at") != in_seconds(ended)) {
        report("call " + name + " has ended_at " + text(call, "ended_at") + ", the carrier says " +
               ended);
    }
    std::int64_t duration = 0;
    if (!answered.empty()) {
        const auto lasted = parse_rfc3339(ended).value() - parse_rfc3339(answered).value();
        duration = std::chrono::floor<std::chrono::seconds>(lasted + half_second).count();
    }
    if (call.at("duration_seconds").get<std::int64_t>() != duration) {
        report("call " + name + " has duration_seconds " + call["duration_seconds"].dump() +
               ", by the carrier's times (" + answered + " to " + ended + ") it is " +
               std::to_string(duration) + "; " + call.dump());
    }
}

// What the receiver saw of a call is numbered 1, 2, 3 … in the order of the first deliveries.
void Checker::check_sequence(const CallView& view) {
    const std::string name = text(view.call, "call_id");
    std::map<std::int64_t, std::pair<std::string, std::size_t>> by_sequence;
    for (const auto& [id, seen] : received_[name]) {
        const auto [other, is_new] = by_sequence.try_emplace(seen.sequence, id, seen.first);
        if (!is_new) {
            report("call " + name + ": sequence " + std::to_string(seen.sequence) +
                   " was given to " + id + " and " + other->second.first);
        }
    }
    std::int64_t expected = 0;
    std::size_t before = 0;
    for (const auto& [sequence, event] : by_sequence) {
        if (sequence != ++expected) {
            report("call " + name + ": sequence " + std::to_string(expected) + " is missing");
            expected = sequence;
        }
        if (options_.receiver_saw_order && event.second < before) {
            report("call " + name + ": sequence " + std::to_string(sequence) +
                   " was delivered before the one before it");
        }
        before = std::max(before, event.second);
    }
}

void Checker::check_terminal(const CallView& view) {
    const std::string name = text(view.call, "call_id");
    std::set<std::string> ids;
    for (const json& row : view.events) {
        for (const json& effect : row.at("effects")) {
            if (is_terminal_event(text(effect, "webhook"))) {
                ids.insert(text(effect, "event_id"));
            }
        }
    }
    for (const auto& [id, seen] : received_[name]) {
        if (is_terminal_event(seen.event)) {
            ids.insert(id);
        }
    }
    const std::size_t expected = is_final(view.call) ? 1 : 0;
    if (ids.size() != expected) {
        report("call " + name + " (" + text(view.call, "status") + ") has " +
               std::to_string(ids.size()) + " terminal events");
    }
}

// Every webhook the timeline speaks of arrived, and none arrived of which it does not.
void Checker::check_delivered(const CallView& view) {
    const std::string name = text(view.call, "call_id");
    const auto& received = received_[name];
    if (text(view.call, "agent_id").empty()) {  // the endpoint is the agent's
        if (!received.empty()) {
            report("call " + name + " has no agent, and the agent's endpoint was told of it");
        }
        return;
    }
    std::map<std::string, std::int64_t> decided;
    for (const json& row : view.events) {
        for (const json& effect : row.at("effects")) {
            if (effect.contains("webhook")) {
                decided[text(effect, "event_id")] = effect.at("sequence").get<std::int64_t>();
            }
        }
    }
    for (const auto& [id, sequence] : decided) {
        const auto seen = received.find(id);
        if (seen == received.end() || seen->second.taken == 0) {
            report("call " + name + ": webhook " + id + " was never delivered");
        } else if (seen->second.sequence != sequence) {
            report("call " + name + ": webhook " + id + " carries another sequence than decided");
        }
    }
    for (const auto& [id, _] : received) {
        if (!decided.contains(id)) {
            report("call " + name + ": webhook " + id + " is not on the timeline");
        }
    }
}

// No request the receiver saw is missing from the log, and first attempts were made in order.
void Checker::check_log(const CallView& view) {
    const std::string name = text(view.call, "call_id");
    struct Logged {
        std::size_t attempts = 0;
        std::size_t successes = 0;
    };
    std::map<std::string, Logged> log;
    std::vector<std::pair<std::int64_t, std::string>> first_attempts;
    for (const json& row : view.deliveries) {
        Logged& logged = log[text(row, "event_id")];
        ++logged.attempts;
        logged.successes += row.at("success").get<bool>() ? 1 : 0;
        if (row.at("attempt") == 1) {
            first_attempts.emplace_back(row.at("id").get<std::int64_t>(), text(row, "event_id"));
        }
    }
    auto& received = received_[name];
    for (const auto& [id, seen] : received) {
        if (log[id].attempts < seen.requests) {
            report("call " + name + ": webhook " + id + " was received " +
                   std::to_string(seen.requests) + " times, the log has " +
                   std::to_string(log[id].attempts) + " attempts");
        }
        if (log[id].successes > seen.taken) {
            report("call " + name + ": the log says webhook " + id +
                   " was taken more often than it was");
        }
    }
    std::ranges::sort(first_attempts);
    std::int64_t before = 0;
    for (const auto& [_, id] : first_attempts) {
        const auto seen = received.find(id);
        if (seen != received.end() && seen->second.sequence < before) {
            report("call " + name + ": the first attempt of sequence " +
                   std::to_string(seen->second.sequence) + " came after that of a later one");
        }
        before = seen == received.end() ? before : std::max(before, seen->second.sequence);
    }
}

}  // namespace

std::vector<std::string> violations_of(const History& history, CheckOptions options) {
    return Checker(history, options).run();
}

}  // namespace gw::scenario
