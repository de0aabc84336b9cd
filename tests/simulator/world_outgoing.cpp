// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/command_body.hpp"
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/world.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

constexpr milliseconds dial_window{5'000};
// From the answer to the result of machine detection, and from there to the greeting's end.
constexpr milliseconds detection_time{1'000};
constexpr milliseconds greeting_time{1'000};

// What detection says of who answered. Premium detection has words of its own (OpenAPI,
// CallMachinePremiumDetectionEnded.result, read 2026-11); a callee may have either's.
std::string machine_word(const std::string& machine, bool premium) {
    if (premium) {
        return machine == "human" ? "human_residence" : machine;
    }
    if (machine.starts_with("human")) {
        return "human";
    }
    return machine == "machine" ? machine : "not_sure";
}

// What is told when a machine's greeting ends; empty: nothing. Plain `detect` does not wait for it,
// and `detect_beep` tells of a beep only.
std::string greeting_word(const std::string& greeting, const std::string& detection) {
    const bool beep = greeting == "beep_detected";
    if (detection == "premium") {
        return beep ? greeting : "no_beep_detected";
    }
    if (detection == "detect" || (detection == "detect_beep" && !beep)) {
        return {};
    }
    return greeting == "no_beep_detected" ? "ended" : greeting;
}

std::string number_in(const json& to) {
    return to.is_array() ? to.front().get<std::string>() : to.get<std::string>();
}

}  // namespace

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
        leg.park_after_unbridge = !text_of(body, "park_after_unbridge").empty();
    }
    if (const std::string state = text_of(body, "client_state"); !state.empty()) {
        leg.client_state = state;
    }
    json data = {{"record_type", "call"},
                 {"call_control_id", leg.control_id},
                 {"call_leg_id", leg.leg_id},
                 {"call_session_id", leg.session_id},
                 {"is_alive", false}};
    if (leg.client_state) {
        data["client_state"] = *leg.client_state;
    }
    if (!text_of(body, "record").empty()) {
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
    leg.machine_detection = detection == "disabled" ? std::string{} : detection;
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
    if (origin != nullptr && std::erase(origin->pending_targets, leg.control_id) > 0) {
        join(*origin, leg);
    }
    answered(leg);
    if (origin != nullptr && leg.bridge_on_answer && leg.state == LegState::answered) {
        connect(*origin, leg);
    }
    if (!leg.machine_detection.empty()) {
        detect_machine(leg);
    }
}

void World::detect_machine(const Leg& leg) {
    const bool premium = leg.machine_detection == "premium";
    const std::string found = machine_word(leg.callee.machine, premium);
    const std::string start = premium ? "call.machine.premium." : "call.machine.";
    const auto tell = [this, id = leg.control_id](milliseconds when, std::string type,
                                                  std::string result) {
        schedule_.after(when, [this, id, type = std::move(type), result = std::move(result)] {
            if (Leg* talking = live(id)) {
                emit(*talking, type, payloads::machine(*talking, result));
            }
        });
    };
    tell(detection_time, start + "detection.ended", found);
    const std::string heard = greeting_word(leg.callee.greeting, leg.machine_detection);
    if (found == "machine" && !heard.empty()) {
        tell(detection_time + greeting_time, start + "greeting.ended", heard);
    }
}

Answer World::transfer(Leg& leg, const json& body) {
    Leg& target = new_leg(true, text_of(body, "from", leg.to), body["to"].get<std::string>());
    target.session_id = leg.session_id;
    target.transferred_from = leg.control_id;
    leg.pending_targets.push_back(target.control_id);
    leg.park_after_unbridge = !text_of(body, "park_after_unbridge").empty();
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
