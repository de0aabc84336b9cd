// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/validate.hpp"
#include "tests/simulator/world.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

// Telnyx ignores a repeated command_id for 60 s (command documentation, read 2026-11).
constexpr milliseconds command_id_kept{60'000};
constexpr milliseconds dial_window{5'000};

Answer refused(const ApiError& error) {
    return {.status = error.status, .body = body_of({error})};
}

Answer done(json data = {{"result", "ok"}}) {
    return {.status = 200, .body = {{"data", std::move(data)}}, .executed = true};
}

std::string text_of(const json& body, const char* name, std::string fallback = {}) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>()
                                                     : std::move(fallback);
}

bool flag_of(const json& body, const char* name, bool fallback) {
    const auto found = body.find(name);
    return found != body.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

std::int64_t number_of(const json& body, const char* name, std::int64_t fallback) {
    const auto found = body.find(name);
    return found != body.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                             : fallback;
}

std::string number_in(const json& to) {
    return to.is_array() ? to.front().get<std::string>() : to.get<std::string>();
}

// The per-call webhook settings of dial, answer and transfer.
void take_webhook_settings(Leg& leg, const json& body) {
    leg.webhook_url = text_of(body, "webhook_url", leg.webhook_url);
    const json by_event = body.value("webhook_urls", json::object());
    for (const auto& [event, urls] : by_event.items()) {
        leg.webhook_urls[event] = urls.is_array() ? urls.get<std::vector<std::string>>()
                                                  : std::vector{urls.get<std::string>()};
    }
    const json policies = body.value("webhook_retries_policies", json::object());
    for (const auto& [event, policy] : policies.items()) {
        leg.retries_ms[event] = policy.at("retries_ms").get<std::vector<std::int64_t>>();
    }
}

}  // namespace

const std::unordered_map<std::string_view, World::Handler>& World::handlers() {
    static const std::unordered_map<std::string_view, Handler> table = {
        {"answer", &World::answer},
        {"reject", &World::reject},
        {"hangup", &World::hangup},
        {"transfer", &World::transfer},
        {"bridge", &World::bridge},
        {"gather", &World::gather},
        {"gather_using_speak", &World::gather_with_prompt},
        {"gather_using_audio", &World::gather_with_prompt},
        {"gather_stop", &World::gather_stop},
        {"speak", &World::speak},
        {"playback_start", &World::playback_start},
        {"playback_stop", &World::playback_stop},
        {"record_start", &World::record_start},
        {"record_stop", &World::record_stop},
        {"record_pause", &World::nothing_to_see},
        {"record_resume", &World::nothing_to_see},
        {"streaming_start", &World::streaming_start},
        {"streaming_stop", &World::streaming_stop},
        {"send_dtmf", &World::nothing_to_see},
        {"client_state_update", &World::nothing_to_see},
    };
    return table;
}

Answer World::execute(const CommandSpec& command, const std::string& control_id, const json& body) {
    const bool dialling = command.needs == Needs::nothing;
    const Leg* known = find(control_id);
    if (!dialling && known == nullptr) {
        return refused(make_error("90015", "/call_control_id"));
    }
    if (const auto errors = validate(command, body); !errors.empty()) {
        return {.status = errors.front().status, .body = body_of(errors)};
    }
    const std::string command_id = text_of(body, "command_id");
    const std::string key = control_id + '\n' + command_id;
    if (!command_id.empty()) {
        if (const auto seen = seen_commands_.find(key); seen != seen_commands_.end()) {
            Answer again = seen->second;
            again.executed = false;
            again.duplicate = true;
            return again;
        }
    }
    if (auto refusal = refuse(command, known)) {
        return *std::move(refusal);
    }
    Answer answer;
    if (dialling) {
        answer = dial(body);
    } else {
        Leg& leg = *live(control_id);
        leg.client_state = body.contains("client_state") && body["client_state"].is_string()
                               ? std::optional{body["client_state"].get<std::string>()}
                               : leg.client_state;
        answer = (this->*handlers().at(command.name))(leg, body);
    }
    if (answer.status == 200 && !command_id.empty()) {
        seen_commands_[key] = answer;
        schedule_.after(command_id_kept, [this, key] { seen_commands_.erase(key); });
    }
    return answer;
}

std::optional<Answer> World::refuse(const CommandSpec& command, const Leg* leg) const {
    if (leg == nullptr) {
        return std::nullopt;
    }
    if (leg->state == LegState::ended) {
        return refused(make_error("90018"));
    }
    if (command.needs == Needs::answered && leg->state == LegState::ringing) {
        return refused(make_error("90034"));
    }
    if (leg->outgoing && (command.name == "answer" || command.name == "reject")) {
        return refused(make_error("90102"));
    }
    return std::nullopt;
}

Answer World::dial(const json& body) {
    if (body["connection_id"].get<std::string>() != options_.connection_id) {
        ApiError error = make_error("10015", "/connection_id",
                                    "The requested connection_id (Call Control App ID) is either "
                                    "invalid or does not exist. Only "
                                    "Call Control Apps with valid webhook URL are accepted.");
        error.title = "Invalid value for connection_id (Call Control App ID)";
        return refused(error);
    }
    const std::string link = text_of(body, "link_to");
    const Leg* linked = link.empty() ? nullptr : find(link);
    if (!link.empty() && linked == nullptr) {
        return refused(make_error("90015", "/link_to"));
    }
    const UtcTime now = schedule_.now();
    while (!dials_.empty() && dials_.front() <= now - dial_window) {
        dials_.pop_front();
    }
    if (dials_.size() >= options_.dials_max) {
        return refused(make_error("90103"));
    }
    dials_.push_back(now);
    ++totals_.dials;
    Leg& leg = new_leg(true, body["from"].get<std::string>(), number_in(body["to"]));
    if (linked != nullptr) {
        leg.session_id = linked->session_id;
        leg.bridge_on_answer = flag_of(body, "bridge_on_answer", false);
        leg.transferred_from = link;
        leg.park_after_unbridge = body.contains("park_after_unbridge");
    }
    if (body.contains("client_state") && body["client_state"].is_string()) {
        leg.client_state = body["client_state"].get<std::string>();
    }
    json data = {{"record_type", "call"},
                 {"call_control_id", leg.control_id},
                 {"call_leg_id", leg.leg_id},
                 {"call_session_id", leg.session_id},
                 {"is_alive", false}};
    if (leg.client_state) {
        data["client_state"] = *leg.client_state;
    }
    if (body.contains("record")) {
        data["recording_id"] = start_recording(leg, body, "DialVerb");
        leg.record_on_answer = body;
    }
    originate(leg, body);
    return done(std::move(data));
}

void World::originate(Leg& leg, const json& body) {
    leg.callee = callee_for(leg.to);
    leg.steps = leg.callee.steps;
    leg.stream_on_answer = text_of(body, "stream_url");
    const std::string detection = text_of(body, "answering_machine_detection", "disabled");
    leg.machine_detection = detection != "disabled";
    leg.premium_detection = detection == "premium";
    take_webhook_settings(leg, body);
    emit(leg, "call.initiated", payloads::initiated(leg));
    const std::string id = leg.control_id;
    schedule_.after(leg.callee.after, [this, id] {
        if (Leg* ringing = live(id); ringing != nullptr && ringing->state == LegState::ringing) {
            callee_outcome(*ringing);
        }
    });
    const bool retry = flag_of(body, "retry_on_timeout", true);
    schedule_.after(milliseconds{1000 * number_of(body, "timeout_secs", 30)}, [this, id, retry] {
        if (Leg* ringing = live(id); ringing != nullptr && ringing->state == LegState::ringing) {
            ring_timeout(*ringing, retry);
        }
    });
    const milliseconds limit{1000 * number_of(body, "time_limit_secs", 14400)};
    schedule_.after(leg.callee.after + limit, [this, id] {
        if (Leg* talking = live(id); talking != nullptr && talking->state == LegState::answered) {
            end(*talking, {.cause = "time_limit", .source = "unknown", .sip_cause = "unspecified"});
        }
    });
}

void World::ring_timeout(Leg& leg, bool retry_on_timeout) {
    end(leg, retry_on_timeout
                 ? Hangup{.cause = "timeout", .source = "caller", .sip_cause = "487"}
                 : Hangup{.cause = "no_answer", .source = "callee", .sip_cause = "480"});
}

void World::callee_outcome(Leg& leg) {
    using enum CalleeScript::Outcome;
    switch (leg.callee.outcome) {
        case busy:
            return end(leg, {.cause = "user_busy", .source = "callee", .sip_cause = "486"});
        case reject:
            return end(leg, {.cause = "call_rejected", .source = "callee", .sip_cause = "603"});
        case no_answer:
            return end(leg, {.cause = "no_answer", .source = "callee", .sip_cause = "480"});
        case not_found:
            return end(leg, {.cause = "not_found", .source = "callee", .sip_cause = "404"});
        case ring:
            return;
        case answer:
            break;
    }
    Leg* origin = leg.transferred_from.empty() ? nullptr : live(leg.transferred_from);
    if (origin != nullptr && origin->pending_target == leg.control_id) {
        origin->pending_target.clear();
        origin->bridged_with = leg.control_id;
        leg.bridged_with = origin->control_id;
    }
    answered(leg);
    if (origin != nullptr && leg.bridge_on_answer && leg.state == LegState::answered) {
        connect(*origin, leg);
    }
    if (leg.machine_detection) {
        schedule_.after(milliseconds{1000}, [this, id = leg.control_id] {
            if (Leg* talking = live(id)) {
                emit(*talking,
                     talking->premium_detection ? "call.machine.premium.detection.ended"
                                                : "call.machine.detection.ended",
                     payloads::machine(*talking, talking->callee.machine));
            }
        });
    }
}

Answer World::answer(Leg& leg, const json& body) {
    if (leg.state == LegState::answered) {  // what Telnyx says to this is not documented
        Answer again = done();
        again.executed = false;
        return again;
    }
    take_webhook_settings(leg, body);
    json data = {{"result", "ok"}};
    if (body.contains("record")) {
        data["recording_id"] = start_recording(leg, body, "StartCallRecordingAPI");
        leg.record_on_answer = body;
    }
    leg.stream_on_answer = text_of(body, "stream_url");
    answered(leg);
    return done(std::move(data));
}

Answer World::reject(Leg& leg, const json& body) {
    if (leg.state == LegState::answered) {
        return refused(make_error("10015", {}, "The call has already been answered."));
    }
    const bool busy = body["cause"].get<std::string>() == "USER_BUSY";
    end(leg, busy ? Hangup{.cause = "user_busy", .source = "callee", .sip_cause = "486"}
                  : Hangup{.cause = "call_rejected", .source = "callee", .sip_cause = "603"});
    return done();
}

Answer World::hangup(Leg& leg, const json& /*body*/) {
    if (leg.state == LegState::answered) {
        end(leg, {.cause = "normal_clearing",
                  .source = leg.outgoing ? "caller" : "callee",
                  .sip_cause = leg.outgoing ? "200" : "unspecified"});
    } else {
        end(leg, leg.outgoing
                     ? Hangup{.cause = "originator_cancel", .source = "caller", .sip_cause = "487"}
                     : Hangup{.cause = "call_rejected", .source = "callee", .sip_cause = "603"});
    }
    return done();
}

Answer World::transfer(Leg& leg, const json& body) {
    Leg& target = new_leg(true, text_of(body, "from", leg.to), body["to"].get<std::string>());
    target.session_id = leg.session_id;
    target.transferred_from = leg.control_id;
    leg.pending_target = target.control_id;
    leg.park_after_unbridge = body.contains("park_after_unbridge");
    const std::string state = text_of(body, "target_leg_client_state");
    if (!state.empty()) {
        target.client_state = state;
    }
    originate(target, body);
    const bool early = flag_of(body, "early_media", true);
    const bool answers = target.callee.outcome == CalleeScript::Outcome::answer;
    if (early || answers) {
        const milliseconds when = early ? std::min(target.callee.bridged_after, target.callee.after)
                                        : target.callee.after;
        schedule_.after(std::max(when - milliseconds{1}, milliseconds{0}),
                        [this, id = target.control_id] {
                            Leg* ringing = live(id);
                            if (ringing == nullptr || ringing->state != LegState::ringing) {
                                return;
                            }
                            emit(*ringing, "call.bridged", payloads::bridged(*ringing));
                            Leg* origin = live(ringing->transferred_from);
                            if (origin != nullptr && ringing->callee.bridged_on_both) {
                                emit(*origin, "call.bridged", payloads::bridged(*origin));
                            }
                        });
    }
    return done();
}

Answer World::bridge(Leg& leg, const json& body) {
    const std::string other_id =
        text_of(body, "call_control_id", text_of(body, "call_control_id_to_bridge_with"));
    if (other_id.empty()) {
        return refused(
            make_error("10015", {}, "The simulator bridges calls only, no queues or video rooms."));
    }
    if (find(other_id) == nullptr || other_id == leg.control_id) {
        return refused(make_error("90015", "/call_control_id"));
    }
    Leg* other = live(other_id);
    if (other == nullptr) {
        return refused(make_error("90018"));
    }
    leg.park_after_unbridge = body.contains("park_after_unbridge");
    connect(leg, *other);
    return done();
}

void World::connect(Leg& leg, Leg& other) {
    leg.bridged_with = other.control_id;
    other.bridged_with = leg.control_id;
    emit(leg, "call.bridged", payloads::bridged(leg));
    emit(other, "call.bridged", payloads::bridged(other));
}

Answer World::nothing_to_see(Leg& /*leg*/, const json& /*body*/) {
    return done();
}

const CalleeScript& World::callee_for(const std::string& number) const {
    static const CalleeScript usual;
    for (const std::string& key : {number, std::string{"*"}}) {
        if (const auto found = scenario_.callees.find(key); found != scenario_.callees.end()) {
            return found->second;
        }
    }
    return usual;
}

}  // namespace gw::simulator
