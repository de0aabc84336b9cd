#pragma once
// SPDX-License-Identifier: Apache-2.0
// One call leg as Telnyx would hold it: identity, state, what is playing, gathered, recorded and
// streamed. Plain values; the World changes them.
#include "gateway/domain/time.hpp"
#include "tests/simulator/random.hpp"
#include "tests/simulator/script.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw::simulator {

enum class LegState : std::uint8_t { ringing, answered, ended };
std::string_view name_of(LegState state);

// One speech or file in the leg's queue; the front one is being played.
struct Play {
    bool speech = false;
    std::string id = {};  // speak_id
    std::string media_url = {};
    std::string media_name = {};
    bool overlay = false;
    milliseconds length{0};
    std::string status = "completed";
};

struct Gather {
    std::uint64_t round = 0;  // raised by every start and every key, so that stale timers are known
    std::string digits;
    std::string gather_id;
    std::string valid_digits = "0123456789#*";
    std::string terminating = "#";
    std::size_t minimum = 1;
    std::size_t maximum = 128;
    std::int64_t tries_left = 1;
    milliseconds first_timeout{5000};  // to the first key
    milliseconds inter_digit{5000};
    milliseconds speech_time{0};  // of a prompt before each try
};

struct KeyPress {
    char key = '0';
    milliseconds gap{0};  // after the key before it
};

struct Recording {
    std::string id;
    std::string channels;
    std::string format;
    std::string initiated_by;
    UtcTime started_at{};
    std::optional<UtcTime> ended_at;
    milliseconds length_max{0};  // it then ends by itself; 0: never
};

struct Stream {
    std::string id;
    std::string url;
};

struct Hangup {
    std::string cause;
    std::string source;
    std::string sip_cause;
};

struct Leg {
    std::string control_id;
    std::string leg_id;
    std::string session_id;
    std::string connection_id;
    bool outgoing = false;
    LegState state = LegState::ringing;
    std::string from;
    std::string to;
    std::optional<std::string> client_state;
    UtcTime started_at{};
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;
    std::optional<Hangup> hangup;

    CallerScript caller;  // of an incoming leg
    CalleeScript callee;  // of an outgoing leg
    std::vector<Step> steps;
    std::size_t next_step = 0;
    std::uint64_t step_round = 0;  // raised by every new script, so that old timers are known
    std::string awaiting;
    bool waiting = false;       // a wait step's timer runs
    std::deque<KeyPress> keys;  // the front one is pressed, the others come after it
    bool leaving = false;       // its hangup is decided, and is told within the next milliseconds

    std::deque<Play> plays;
    std::uint64_t play_round = 0;
    std::optional<Gather> gather;
    std::uint64_t gather_round = 0;
    std::vector<Recording> recordings;
    std::vector<Stream> streams;

    std::string bridged_with;                  // control id
    std::string transferred_from;              // of a transfer's target: the leg it was made for
    std::vector<std::string> pending_targets;  // of a leg being transferred: those not yet answered
    bool park_after_unbridge = false;
    bool bridge_on_answer = false;
    std::string machine_detection;                   // the command's word for it; empty: none
    std::optional<nlohmann::json> record_on_answer;  // the command that asked for it
    std::string stream_on_answer;

    // Where this leg's webhooks go, when a command said so.
    std::string webhook_url;
    std::map<std::string, std::vector<std::string>> webhook_urls;
    std::map<std::string, std::vector<std::int64_t>> retries_ms;

    Random random{0, ""};  // every id and number drawn for this leg
};

}  // namespace gw::simulator
