#pragma once
// SPDX-License-Identifier: Apache-2.0
// The simulated carrier: legs, what people on the phone do, and what every command changes.
// Commands and scripts go in, events come out through the sink; time is the schedule's. No I/O, no
// clock, no chance but the seed's. One thread.
#include "tests/simulator/api_error.hpp"
#include "tests/simulator/command_table.hpp"
#include "tests/simulator/leg.hpp"
#include "tests/simulator/paging.hpp"
#include "tests/simulator/schedule.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gw::simulator {

// One webhook to be told, whatever then happens to it on the way.
struct Event {
    std::string id;
    std::string type;
    std::string control_id;
    std::string session_id;
    UtcTime occurred_at{};
    nlohmann::json payload;
    std::vector<std::string> urls;                        // empty: the application's
    std::optional<std::vector<std::int64_t>> retries_ms;  // a command's policy for this event type
};

struct Answer {
    unsigned status = 200;
    nlohmann::json body = {};
    bool executed = false;   // the command changed something
    bool duplicate = false;  // ignored for its command_id
};

struct File {
    std::string content_type;
    std::string bytes;
};

struct WorldOptions {
    std::uint64_t seed = 1;
    std::string connection_id = "2811212257810187001";
    std::size_t dials_max = 150;  // in any 5 s; Telnyx's documented default of 30 a second
    std::string recordings_url =
        {};  // "http://127.0.0.1:1234/recordings", where saved files are served
    // Where the application's webhooks go, as GET /call_control_applications/{id} tells.
    std::function<std::string()> webhook_url = {};
    // The seam for media: told when a leg's stream opens and closes. The simulator itself opens no
    // socket.
    std::function<void(const Leg&, const Stream&)> stream_opened = {};
    std::function<void(const Leg&, const Stream&)> stream_closed = {};
};

struct Totals {
    std::uint64_t calls_placed = 0;
    std::uint64_t calls_answered = 0;
    std::uint64_t legs_ended = 0;
    std::uint64_t dials = 0;
};

class World {
public:
    World(Schedule& schedule, WorldOptions options, std::function<void(Event)> sink);

    void set_scenario(Scenario scenario) { scenario_ = std::move(scenario); }
    [[nodiscard]] Scenario& scenario() { return scenario_; }
    [[nodiscard]] WorldOptions& options() { return options_; }

    // Rings at our number. The reference holds until the leg has been ended for ten minutes.
    const Leg& place_call(CallerScript script);
    // What the person on this leg does from now on, in place of what he was to do. An error text
    // when there is no such live, answered leg.
    std::optional<std::string> act(const std::string& control_id, std::vector<Step> steps);
    // What he does besides: keys after those being pressed, anything else before what he was to do.
    std::optional<std::string> act_now(const std::string& control_id, const Step& step);

    // `control_id` is empty for dial.
    Answer execute(const CommandSpec& command, const std::string& control_id,
                   const nlohmann::json& body);
    Answer get_call(const std::string& control_id) const;
    // The legs that live, the oldest first. A cursor holds when its leg has ended.
    Answer active_calls(const std::string& connection_id, const Page& page) const;
    Answer get_application(const std::string& connection_id) const;
    Answer get_recording(const std::string& recording_id);
    // The file behind a link of ours: silence in the recording's format, channels and length.
    // Nothing when the link is unknown or over.
    std::optional<File> recording_file(const std::string& signature) const;

    [[nodiscard]] const Leg* find(const std::string& control_id) const;
    [[nodiscard]] const std::map<std::uint64_t, Leg>& legs() const { return legs_; }
    [[nodiscard]] std::size_t live_legs() const { return live_; }
    // Nobody is on the line, and nothing of ended calls is still to be told: no saved recording.
    [[nodiscard]] bool quiet() const { return live_ == 0 && saves_pending_ == 0; }
    [[nodiscard]] const Totals& totals() const { return totals_; }
    // Forgets every leg, command id and recording; the numbering of legs goes on.
    void reset();

private:
    using Handler = Answer (World::*)(Leg&, const nlohmann::json&);
    static const std::unordered_map<std::string_view, Handler>& handlers();

    // world.cpp: the life of a leg
    Leg& new_leg(bool outgoing, std::string from, std::string to);
    Leg* live(const std::string& control_id);
    void emit(Leg& leg, std::string_view type, nlohmann::json payload);
    void answered(Leg& leg);
    void end(Leg& leg, Hangup hangup);
    void finish(Leg& leg, Hangup hangup);
    void finish_later(const Leg& leg, Hangup hangup);
    void join(Leg& leg, Leg& other);
    void release_peer(Leg& leg, const Leg& unless);

    // world_people.cpp: what the person on a leg does
    void run_steps(Leg& leg);
    void press_keys(Leg& leg, const Step& step);
    void press_front(Leg& leg);
    void wake(Leg& leg, std::string_view what);
    void leave(Leg& leg);
    void stop_steps(Leg& leg);

    // world_commands.cpp: the command's way in, and what changes one leg's life
    std::optional<Answer> refuse(const CommandSpec& command, const Leg* leg) const;
    Answer answer(Leg& leg, const nlohmann::json& body);
    Answer reject(Leg& leg, const nlohmann::json& body);
    Answer hangup(Leg& leg, const nlohmann::json& body);
    Answer bridge(Leg& leg, const nlohmann::json& body);
    Answer nothing_to_see(Leg& leg, const nlohmann::json& body);
    void connect(Leg& leg, Leg& other);

    // world_outgoing.cpp: legs that we begin
    Answer dial(const nlohmann::json& body);
    Answer transfer(Leg& leg, const nlohmann::json& body);
    void originate(Leg& leg, const nlohmann::json& body);
    void callee_outcome(Leg& leg);
    void ring_timeout(Leg& leg, bool retry_on_timeout);
    void detect_machine(const Leg& leg);
    const CalleeScript& callee_for(const std::string& number) const;

    // world_media.cpp: gather, speech, files, streams
    Answer gather(Leg& leg, const nlohmann::json& body);
    Answer gather_with_prompt(Leg& leg, const nlohmann::json& body);
    Answer gather_stop(Leg& leg, const nlohmann::json& body);
    Answer speak(Leg& leg, const nlohmann::json& body);
    Answer playback_start(Leg& leg, const nlohmann::json& body);
    Answer playback_stop(Leg& leg, const nlohmann::json& body);
    Answer streaming_start(Leg& leg, const nlohmann::json& body);
    Answer streaming_stop(Leg& leg, const nlohmann::json& body);
    void start_gather(Leg& leg, Gather gather, std::optional<milliseconds> whole);
    void arm_gather(Leg& leg, milliseconds wait);
    void gather_key(Leg& leg, char key);
    void gather_missed(Leg& leg, const std::string& status);
    void end_gather(Leg& leg, const std::string& status);
    void press(Leg& leg, char key);
    milliseconds speech_time(std::string_view text) const;
    void enqueue(Leg& leg, Play play, const nlohmann::json& body);
    void start_play(Leg& leg);
    void end_play(Leg& leg, std::string status);  // by value: it may come from the play that ends
    void stop_plays(Leg& leg, const std::string& which, const std::string& status);
    void start_stream(Leg& leg, const std::string& url);
    void stop_streams(Leg& leg, const std::string& id);

    // world_recording.cpp
    Answer record_start(Leg& leg, const nlohmann::json& body);
    Answer record_stop(Leg& leg, const nlohmann::json& body);
    std::string start_recording(Leg& leg, const nlohmann::json& body,
                                const std::string& initiated_by);
    void limit_recording(const Leg& leg, const Recording& recording);
    void stop_recordings(Leg& leg, const std::string& id, milliseconds delay);
    std::string recording_link(const Leg& leg, const Recording& recording);

    struct SavedRecording {
        std::uint64_t leg = 0;
        Leg snapshot;
        Recording recording;
    };
    struct Link {
        std::string recording_id;
        UtcTime until{};
    };

    Schedule& schedule_;
    WorldOptions options_;
    std::function<void(Event)> sink_;
    Scenario scenario_;
    std::map<std::uint64_t, Leg> legs_;
    std::unordered_map<std::string, std::uint64_t> by_id_;
    std::unordered_map<std::string, Answer> seen_commands_;
    std::deque<UtcTime> dials_;
    std::map<std::string, SavedRecording> recordings_;
    std::map<std::string, Link> links_;
    std::uint64_t ordinal_ = 0;
    std::uint64_t gather_rounds_ = 0;
    std::size_t live_ = 0;
    std::size_t saves_pending_ = 0;  // recordings ended whose call.recording.saved is to come
    Totals totals_;
};

}  // namespace gw::simulator
