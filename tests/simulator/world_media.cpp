// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/validate.hpp"
#include "tests/simulator/world.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

Answer done() {
    return {.status = 200, .body = {{"data", {{"result", "ok"}}}}, .executed = true};
}

Answer refused(const ApiError& error) {
    return {.status = error.status, .body = body_of({error})};
}

std::string text_of(const json& body, const char* name, std::string fallback = {}) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>()
                                                     : std::move(fallback);
}

milliseconds time_of(const json& body, const char* name, std::int64_t fallback) {
    const auto found = body.find(name);
    return milliseconds{
        found != body.end() && found->is_number_integer() ? found->get<std::int64_t>() : fallback};
}

Gather gather_from(const json& body) {
    Gather gather;
    gather.gather_id = text_of(body, "gather_id");
    gather.valid_digits = text_of(body, "valid_digits", gather.valid_digits);
    gather.terminating = text_of(body, "terminating_digit", gather.terminating);
    gather.minimum = static_cast<std::size_t>(time_of(body, "minimum_digits", 1).count());
    gather.maximum = static_cast<std::size_t>(time_of(body, "maximum_digits", 128).count());
    gather.inter_digit = time_of(body, "inter_digit_timeout_millis", 5000);
    return gather;
}

}  // namespace

// --- gather and keys
// ---------------------------------------------------------------------------------

Answer World::gather(Leg& leg, const json& body) {
    Gather gather = gather_from(body);
    gather.first_timeout = time_of(body, "initial_timeout_millis", 5000);
    start_gather(leg, std::move(gather), time_of(body, "timeout_millis", 60'000));
    return done();
}

Answer World::gather_with_prompt(Leg& leg, const json& body) {
    Gather gather = gather_from(body);
    gather.tries_left = time_of(body, "maximum_tries", 3).count();
    gather.first_timeout = time_of(body, "timeout_millis", 60'000);
    const auto characters = static_cast<std::int64_t>(text_of(body, "payload").size());
    gather.speech_time = scenario_.speak_time.value_or(milliseconds{50 * characters});
    start_gather(leg, std::move(gather), std::nullopt);
    return done();
}

Answer World::gather_stop(Leg& leg, const json& /*body*/) {
    if (leg.gather) {
        end_gather(leg, "cancelled");
    }
    return done();
}

void World::start_gather(Leg& leg, Gather gather, std::optional<milliseconds> whole) {
    if (leg.gather) {  // what Telnyx does with a second gather is not documented
        end_gather(leg, "cancelled");
    }
    leg.gather = std::move(gather);
    arm_gather(leg, leg.gather->speech_time + leg.gather->first_timeout);
    const std::uint64_t started = leg.gather_round = leg.gather->round;
    if (whole) {
        schedule_.after(*whole, [this, id = leg.control_id, started] {
            Leg* waiting = live(id);
            if (waiting != nullptr && waiting->gather && waiting->gather_round == started) {
                end_gather(*waiting, "timeout");
            }
        });
    }
    wake(leg, "gather");
}

void World::arm_gather(Leg& leg, milliseconds wait) {
    const std::uint64_t round = leg.gather->round = ++gather_rounds_;
    schedule_.after(wait, [this, id = leg.control_id, round] {
        Leg* waiting = live(id);
        if (waiting == nullptr || !waiting->gather || waiting->gather->round != round) {
            return;
        }
        const Gather& gather = *waiting->gather;
        if (!gather.digits.empty() && gather.digits.size() >= gather.minimum) {
            end_gather(*waiting, "valid");
        } else {
            gather_missed(*waiting, "timeout");
        }
    });
}

void World::gather_missed(Leg& leg, const std::string& status) {
    Gather& gather = *leg.gather;
    if (--gather.tries_left <= 0) {
        end_gather(leg, status);
        return;
    }
    gather.digits.clear();
    arm_gather(leg, gather.speech_time + gather.first_timeout);
}

void World::gather_key(Leg& leg, char key) {
    Gather& gather = *leg.gather;
    if (gather.terminating.find(key) != std::string::npos) {
        if (gather.digits.size() >= gather.minimum) {
            end_gather(leg, "valid");
        } else {
            gather_missed(leg, "invalid");
        }
        return;
    }
    gather.digits += key;
    if (gather.valid_digits.find(key) == std::string::npos) {
        gather_missed(leg, "invalid");
    } else if (gather.digits.size() >= gather.maximum) {
        end_gather(leg, "valid");
    } else {
        arm_gather(leg, gather.inter_digit);
    }
}

void World::end_gather(Leg& leg, const std::string& status) {
    json payload = payloads::gather_ended(leg, leg.gather->digits, status);
    leg.gather.reset();
    emit(leg, "call.gather.ended", std::move(payload));
}

void World::press(Leg& leg, char key) {
    emit(leg, "call.dtmf.received", payloads::dtmf(leg, key));
    if (leg.gather) {
        gather_key(leg, key);
    }
}

// --- speech and files
// --------------------------------------------------------------------------------

Answer World::speak(Leg& leg, const json& body) {
    Play play{.speech = true, .id = leg.random.token(10)};
    const auto characters = static_cast<std::int64_t>(text_of(body, "payload").size());
    play.length = scenario_.speak_time.value_or(milliseconds{50 * characters});
    enqueue(leg, std::move(play), body);
    return done();
}

Answer World::playback_start(Leg& leg, const json& body) {
    Play play{.speech = false,
              .media_url = text_of(body, "audio_url"),
              .media_name = text_of(body, "media_name"),
              .overlay = body.value("overlay", false)};
    MediaScript media;
    for (const std::string& name : {play.media_url + play.media_name, std::string{"*"}}) {
        if (const auto found = scenario_.media.find(name); found != scenario_.media.end()) {
            media = found->second;
            break;
        }
    }
    play.length = media.length;
    play.status = media.status;
    enqueue(leg, std::move(play), body);
    return done();
}

Answer World::playback_stop(Leg& leg, const json& body) {
    stop_plays(leg, text_of(body, "stop", "all"), "cancelled");
    return done();
}

void World::enqueue(Leg& leg, Play play, const json& body) {
    const auto loop = body.find("loop");
    if (loop != body.end() && loop->is_string()) {
        play.length = milliseconds::max();  // "infinity"
    } else if (loop != body.end() && loop->is_number_integer()) {
        play.length *= loop->get<std::int64_t>();
    }
    if (body.contains("stop")) {
        stop_plays(leg, text_of(body, "stop"), "cancelled");
    }
    leg.plays.push_back(std::move(play));
    if (leg.plays.size() == 1) {
        start_play(leg);
    }
}

void World::start_play(Leg& leg) {
    const Play play = leg.plays.front();
    const std::uint64_t round = ++leg.play_round;
    emit(leg, play.speech ? "call.speak.started" : "call.playback.started",
         payloads::play_started(leg, play));
    if (play.length == milliseconds::max()) {
        return;
    }
    schedule_.after(play.length, [this, id = leg.control_id, round] {
        Leg* playing = live(id);
        if (playing != nullptr && !playing->plays.empty() && playing->play_round == round) {
            end_play(*playing, playing->plays.front().status);
        }
    });
}

void World::end_play(Leg& leg, std::string status) {
    const Play play = leg.plays.front();
    leg.plays.pop_front();
    ++leg.play_round;
    emit(leg, play.speech ? "call.speak.ended" : "call.playback.ended",
         payloads::play_ended(leg, play, status));
    if (!leg.plays.empty()) {
        start_play(leg);
    }
}

void World::stop_plays(Leg& leg, const std::string& which, const std::string& status) {
    if (leg.plays.empty()) {
        return;
    }
    if (which == "all") {
        leg.plays.resize(1);
    }
    end_play(leg, status);
}

// --- recording
// ---------------------------------------------------------------------------------------

Answer World::record_start(Leg& leg, const json& body) {
    if (leg.state == LegState::ringing) {
        return refused(make_error("90020"));
    }
    start_recording(leg, {{"record_channels", body["channels"]}, {"record_format", body["format"]}},
                    "StartCallRecordingAPI");
    return done();
}

Answer World::record_stop(Leg& leg, const json& body) {
    stop_recordings(leg, text_of(body, "recording_id"), milliseconds{1000});
    return done();
}

std::string World::start_recording(Leg& leg, const json& body, const std::string& initiated_by) {
    leg.recordings.push_back({.id = leg.random.uuid(),
                              .channels = text_of(body, "record_channels", "dual"),
                              .format = text_of(body, "record_format", "mp3"),
                              .initiated_by = initiated_by,
                              .started_at = schedule_.now(),
                              .ended_at = std::nullopt});
    return leg.recordings.back().id;
}

void World::stop_recordings(Leg& leg, const std::string& id, milliseconds delay) {
    for (Recording& recording : leg.recordings) {
        if (recording.ended_at || (!id.empty() && recording.id != id)) {
            continue;
        }
        recording.ended_at = schedule_.now();
        schedule_.after(delay, [this, control_id = leg.control_id, recording] {
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

// --- streams and reading
// -----------------------------------------------------------------------------

Answer World::streaming_start(Leg& leg, const json& body) {
    if (!leg.streams.empty()) {
        return refused(make_error("90045"));
    }
    start_stream(leg, text_of(body, "stream_url"));
    return done();
}

Answer World::streaming_stop(Leg& leg, const json& body) {
    if (leg.streams.empty()) {
        return refused(make_error("90048"));
    }
    stop_streams(leg, text_of(body, "stream_id"));
    return done();
}

void World::start_stream(Leg& leg, const std::string& url) {
    leg.streams.push_back({.id = leg.random.uuid(), .url = url});
    if (options_.stream_opened) {
        options_.stream_opened(leg, leg.streams.back());
    }
    emit(leg, "streaming.started", payloads::stream(leg, leg.streams.back()));
}

void World::stop_streams(Leg& leg, const std::string& id) {
    const std::vector<Stream> streams = std::exchange(leg.streams, {});
    for (const Stream& stream : streams) {
        if (!id.empty() && stream.id != id) {
            leg.streams.push_back(stream);
            continue;
        }
        if (options_.stream_closed) {
            options_.stream_closed(leg, stream);
        }
        emit(leg, "streaming.stopped", payloads::stream(leg, stream));
    }
}

}  // namespace gw::simulator
