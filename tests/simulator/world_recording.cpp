// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/audio.hpp"
#include "tests/simulator/command_body.hpp"
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/world.hpp"

#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

// From the end of a recording during the call to its webhook.
constexpr milliseconds saved_after_stop{1000};

}  // namespace

Answer World::record_start(Leg& leg, const json& body) {
    if (leg.state == LegState::ringing) {
        return refused(make_error("90020"));
    }
    start_recording(leg,
                    {{"record_channels", body["channels"]},
                     {"record_format", body["format"]},
                     {"record_max_length", number_of(body, "max_length", 0)},
                     {"record_track", text_of(body, "recording_track")}},
                    "StartCallRecordingAPI");
    limit_recording(leg, leg.recordings.back());
    return done();
}

Answer World::record_stop(Leg& leg, const json& body) {
    stop_recordings(leg, text_of(body, "recording_id"), saved_after_stop);
    return done();
}

std::string World::start_recording(Leg& leg, const json& body, const std::string& initiated_by) {
    // One track alone is recorded as mono, whatever the channels (OpenAPI, record_track).
    const std::string track = text_of(body, "record_track");
    const bool one_track = track == "inbound" || track == "outbound";
    leg.recordings.push_back(
        {.id = leg.random.uuid(),
         .channels = one_track ? "single" : text_of(body, "record_channels", "dual"),
         .format = text_of(body, "record_format", "mp3"),
         .initiated_by = initiated_by,
         .started_at = schedule_.now(),
         .ended_at = std::nullopt,
         .length_max = std::chrono::seconds{number_of(body, "record_max_length", 0)}});
    return leg.recordings.back().id;
}

void World::limit_recording(const Leg& leg, const Recording& recording) {
    if (recording.length_max.count() == 0) {
        return;
    }
    schedule_.after(recording.length_max, [this, id = leg.control_id, recorded = recording.id] {
        if (Leg* talking = live(id)) {
            stop_recordings(*talking, recorded, saved_after_stop);
        }
    });
}

void World::stop_recordings(Leg& leg, const std::string& id, milliseconds delay) {
    for (Recording& recording : leg.recordings) {
        if (recording.ended_at || (!id.empty() && recording.id != id)) {
            continue;
        }
        recording.ended_at = schedule_.now();
        ++saves_pending_;
        schedule_.after(delay, [this, control_id = leg.control_id, recording] {
            --saves_pending_;
            const auto found = by_id_.find(control_id);
            if (found == by_id_.end()) {
                return;
            }
            Leg& saved = legs_.at(found->second);
            recordings_[recording.id] = {
                .leg = found->second, .snapshot = saved, .recording = recording};
            emit(saved, "call.recording.saved",
                 payloads::recording_saved(saved, recording, recording_link(saved, recording)));
        });
    }
}

std::string World::recording_link(const Leg& leg, const Recording& recording) {
    // As in the recorded webhook: a presigned link of ten minutes.
    constexpr std::chrono::seconds valid{600};
    const std::string name = leg.leg_id + "-" + recording.id.substr(0, 8) + "." + recording.format;
    Random random{options_.seed, "link " + recording.id + std::to_string(links_.size())};
    const std::string signature = random.token(40);
    links_[signature] = {.recording_id = recording.id, .until = schedule_.now() + valid};
    return options_.recordings_url + "/" + name +
           "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-"
           "Signature=" +
           signature;
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

std::optional<File> World::recording_file(const std::string& signature) const {
    const auto link = links_.find(signature);
    if (link == links_.end() || link->second.until <= schedule_.now()) {
        return std::nullopt;
    }
    const Recording& recording = recordings_.at(link->second.recording_id).recording;
    const int channels = recording.channels == "single" ? 1 : 2;
    const auto length = std::chrono::duration_cast<milliseconds>(
        recording.ended_at.value_or(recording.started_at) - recording.started_at);
    return recording.format == "wav" ? File{"audio/wav", silent_wav(channels, length)}
                                     : File{"audio/mpeg", silent_mp3(channels, length)};
}

}  // namespace gw::simulator
