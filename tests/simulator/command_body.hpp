#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reading the members of a checked command body, and the answers commands have in common: for the
// world_*.cpp files alone.
#include "tests/simulator/world.hpp"

#include <string>
#include <utility>

namespace gw::simulator {

inline Answer done(nlohmann::json data = {{"result", "ok"}}) {
    return {.status = 200, .body = {{"data", std::move(data)}}, .executed = true};
}

inline Answer refused(const ApiError& error) {
    return {.status = error.status, .body = body_of({error})};
}

inline std::string text_of(const nlohmann::json& body, const char* name,
                           std::string fallback = {}) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>()
                                                     : std::move(fallback);
}

inline bool flag_of(const nlohmann::json& body, const char* name, bool fallback) {
    const auto found = body.find(name);
    return found != body.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

inline std::int64_t number_of(const nlohmann::json& body, const char* name, std::int64_t fallback) {
    const auto found = body.find(name);
    return found != body.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                             : fallback;
}

inline milliseconds time_of(const nlohmann::json& body, const char* name, std::int64_t fallback) {
    return milliseconds{number_of(body, name, fallback)};
}

// The per-call webhook settings of dial, answer and transfer.
void take_webhook_settings(Leg& leg, const nlohmann::json& body);

}  // namespace gw::simulator
