// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/command_body.hpp"
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/validate.hpp"
#include "tests/simulator/world.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

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
    gather.speech_time = speech_time(text_of(body, "payload"));
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

milliseconds World::speech_time(std::string_view text) const {
    const auto characters = static_cast<std::int64_t>(count_characters(text));
    return scenario_.speak_time.value_or(milliseconds{50 * characters});
}

Answer World::speak(Leg& leg, const json& body) {
    Play play{.speech = true, .id = leg.random.token(10)};
    play.length = speech_time(text_of(body, "payload"));
    enqueue(leg, std::move(play), body);
    return done();
}

Answer World::playback_start(Leg& leg, const json& body) {
    Play play{.speech = false,
              .media_url = text_of(body, "audio_url"),
              .media_name = text_of(body, "media_name"),
              .overlay = flag_of(body, "overlay", false)};
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
    if (const std::string stop = text_of(body, "stop"); !stop.empty()) {
        stop_plays(leg, stop, "cancelled");
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

// --- streams
// -----------------------------------------------------------------------------------------

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
