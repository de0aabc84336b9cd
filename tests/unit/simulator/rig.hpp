#pragma once
// SPDX-License-Identifier: Apache-2.0
// The simulator's pure parts under a clock turned by hand, with every event kept.
#include "tests/simulator/history.hpp"
#include "tests/simulator/outbox.hpp"
#include "tests/simulator/world.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace gw::simulator {

using nlohmann::json;

inline constexpr std::int64_t rig_start_micros = 1'763'868'600'000'000;

struct Rig {
    explicit Rig(std::uint64_t seed = 1)
        : schedule(utc_from_micros(rig_start_micros)),
          world(schedule, {.seed = seed},
                [this](Event event) { events.push_back(std::move(event)); }) {}

    void pass(std::int64_t millis) { schedule.advance_to(schedule.now() + milliseconds{millis}); }

    Answer send(const std::string& command, const std::string& control_id,
                const json& body = json::object()) {
        return world.execute(*find_command(command), control_id, body);
    }
    std::string ring(const json& script = {{"steps", json::array()}}) {
        return world.place_call(caller_from(script)).control_id;
    }
    std::string talk(const json& script = {{"steps", json::array()}}) {
        const std::string id = ring(script);
        send("answer", id);
        return id;
    }
    Answer dial(const json& more = json::object()) {
        json body = {{"to", "+31612340300"},
                     {"from", "+31612340100"},
                     {"connection_id", "2811212257810187001"}};
        body.update(more);
        return send("dial", {}, body);
    }
    void callee(const std::string& number, const json& script) {
        world.scenario().callees[number] = callee_from(script);
    }
    // The types of the events told so far, of one leg or of all.
    [[nodiscard]] std::vector<std::string> told(const std::string& control_id = {}) const {
        std::vector<std::string> types;
        for (const Event& event : events) {
            if (control_id.empty() || event.control_id == control_id) {
                types.push_back(event.type);
            }
        }
        return types;
    }
    [[nodiscard]] const Event& last(const std::string& type) const {
        for (auto event = events.rbegin(); event != events.rend(); ++event) {
            if (event->type == type) {
                return *event;
            }
        }
        throw std::logic_error("no event " + type);
    }

    Schedule schedule;
    std::vector<Event> events;
    World world;
};

inline std::string code_of(const Answer& answer) {
    return answer.status == 200 ? "" : answer.body["errors"][0]["code"].get<std::string>();
}

inline std::set<std::string> keys_of(const json& object) {
    std::set<std::string> keys;
    for (const auto& [key, _] : object.items()) {
        keys.insert(key);
    }
    return keys;
}

}  // namespace gw::simulator
