// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/command_body.hpp"
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/validate.hpp"
#include "tests/simulator/world.hpp"

#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

// Telnyx ignores a repeated command_id for 60 s (command documentation, read 2026-11).
constexpr milliseconds command_id_kept{60'000};

// The document's example has this name for it (OpenAPI, CallRequest.webhook_urls).
std::string event_named(const std::string& key) {
    return key == "call.bridge" ? "call.bridged" : key;
}

}  // namespace

void take_webhook_settings(Leg& leg, const json& body) {
    leg.webhook_url = text_of(body, "webhook_url", leg.webhook_url);
    const json by_event = body.value("webhook_urls", json::object());
    for (const auto& [name, urls] : by_event.items()) {
        leg.webhook_urls[event_named(name)] = urls.is_array()
                                                  ? urls.get<std::vector<std::string>>()
                                                  : std::vector{urls.get<std::string>()};
    }
    const json policies = body.value("webhook_retries_policies", json::object());
    for (const auto& [name, policy] : policies.items()) {
        leg.retries_ms[event_named(name)] =
            policy.at("retries_ms").get<std::vector<std::int64_t>>();
    }
}

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
        const std::optional<std::string> before = leg.client_state;
        if (const std::string state = text_of(body, "client_state"); !state.empty()) {
            leg.client_state = state;  // the events of this command carry it
        }
        answer = (this->*handlers().at(command.name))(leg, body);
        if (answer.status != 200) {
            leg.client_state = before;
        }
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
    if (leg->state == LegState::ended || leg->leaving) {
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

Answer World::answer(Leg& leg, const json& body) {
    if (leg.state == LegState::answered) {  // what Telnyx says to this is not documented
        Answer again = done();
        again.executed = false;
        return again;
    }
    take_webhook_settings(leg, body);
    json data = {{"result", "ok"}};
    if (!text_of(body, "record").empty()) {
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
    leg.park_after_unbridge = !text_of(body, "park_after_unbridge").empty();
    connect(leg, *other);
    return done();
}

void World::connect(Leg& leg, Leg& other) {
    join(leg, other);
    emit(leg, "call.bridged", payloads::bridged(leg));
    emit(other, "call.bridged", payloads::bridged(other));
}

Answer World::nothing_to_see(Leg& /*leg*/, const json& /*body*/) {
    return done();
}

}  // namespace gw::simulator
