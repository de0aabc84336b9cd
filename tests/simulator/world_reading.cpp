// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/world.hpp"

#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

Answer refused(const ApiError& error) {
    return {.status = error.status, .body = body_of({error})};
}

}  // namespace

Answer World::get_application(const std::string& connection_id) const {
    if (connection_id != options_.connection_id) {
        return refused(make_error("10005"));
    }
    return {.status = 200,
            .body = {{"data",
                      {{"id", connection_id},
                       {"record_type", "call_control_application"},
                       {"active", true},
                       {"webhook_api_version", "2"},
                       {"webhook_event_url",
                        options_.webhook_url ? json(options_.webhook_url()) : json(nullptr)}}}}};
}

Answer World::get_recording(const std::string& recording_id) {
    const auto found = recordings_.find(recording_id);
    if (found == recordings_.end()) {
        return refused(make_error("10005"));
    }
    const auto& [_, leg, recording] = found->second;
    return {
        .status = 200,
        .body = {{"data", payloads::recording(leg, recording, recording_link(leg, recording))}}};
}

std::optional<std::string> World::recording_file(const std::string& signature) const {
    const auto found = links_.find(signature);
    if (found == links_.end() || found->second.until <= schedule_.now()) {
        return std::nullopt;
    }
    // One second of silence: 8 kHz, 8 bits, mono, 44 bytes of RIFF header.
    std::string file{
        "RIFF\x64\x1f\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0"
        "data\x40\x1f\0\0",
        44};
    file.append(8000, '\x80');
    return file;
}

Answer World::get_call(const std::string& control_id) const {
    const Leg* leg = find(control_id);
    if (leg == nullptr) {
        return refused(make_error("90015", "/call_control_id"));
    }
    return {.status = 200, .body = {{"data", payloads::call_status(*leg, schedule_.now())}}};
}

Answer World::active_calls(const std::string& connection_id, std::size_t limit,
                           const std::string& after) const {
    json data = json::array();
    std::size_t total = 0;
    bool reached = after.empty();
    json next = nullptr;
    for (const auto& [_, leg] : legs_) {
        if (leg.state == LegState::ended || leg.connection_id != connection_id) {
            continue;
        }
        ++total;
        if (reached && data.size() < limit) {
            data.push_back(payloads::active_call(leg, schedule_.now()));
        } else if (reached && next.is_null()) {
            next = data.back()["call_control_id"];
        }
        reached = reached || leg.control_id == after;
    }
    const json cursors = {{"after", next}, {"before", after.empty() ? json(nullptr) : json(after)}};
    return {.status = 200,
            .body = {{"data", std::move(data)},
                     {"meta",
                      {{"cursors", cursors},
                       {"next", nullptr},
                       {"previous", nullptr},
                       {"total_items", total}}}}};
}

}  // namespace gw::simulator
