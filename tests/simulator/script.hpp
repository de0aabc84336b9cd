#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the people on the phone do: the caller's script of an inbound call, the callee's script of
// an outbound one, and the scenario file that holds them. JSON ends here; every fault in it is
// named.
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw::simulator {

using std::chrono::milliseconds;

// One thing a person does once the call is answered.
struct Step {
    enum class Kind : std::uint8_t { wait, press, await, hangup };
    Kind kind = Kind::wait;
    milliseconds time{0};  // of a wait; between two keys of a press
    std::string text;      // the keys; or what to await: "gather" or an event type of this leg
};

struct CallerScript {
    std::string from = "+31612340001";
    std::string to = "+31612340100";
    std::string caller_id_name;  // empty: the number
    bool mobile = false;         // a mobile operator's header fields, as recorded
    std::vector<std::string> tags;
    std::optional<milliseconds> give_up_after;  // while ringing; absent: waits for ever
    std::vector<Step> steps;  // from the answer on; no hangup in it: stays on the line
};

struct CalleeScript {
    enum class Outcome : std::uint8_t { answer, busy, reject, no_answer, not_found, ring };
    Outcome outcome = Outcome::answer;
    milliseconds after{1000};         // from dialling to the outcome; `ring` never ends by itself
    milliseconds bridged_after{200};  // transfer with early media: from dialling to call.bridged
    bool bridged_on_both = true;  // transfer: call.bridged also for the leg that was transferred
    bool hangup_of_other_first =
        false;                      // a bridged call's end: the other leg's call.hangup comes first
    std::string machine = "human";  // the result machine detection reports
    std::string greeting = "ended";  // of a machine: how its greeting ends
    std::vector<Step> steps;
};

// What becomes of playing a file or of speaking.
struct MediaScript {
    milliseconds length{3000};
    std::string status = "completed";
};

struct TimedCall {
    milliseconds at{0};
    CallerScript caller;
};

struct Scenario {
    std::vector<TimedCall> calls;
    std::map<std::string, CalleeScript> callees;  // by number; "*" for all others
    std::map<std::string, MediaScript> media;     // by URL or media name; "*" for all others
    std::optional<milliseconds> speak_time;       // absent: 50 ms a character
    nlohmann::json faults = nlohmann::json::object();
};

// All throw std::invalid_argument naming the faulty member, for example "callees.+3161…: unknown
// outcome".
CallerScript caller_from(const nlohmann::json& json);
CalleeScript callee_from(const nlohmann::json& json);
std::vector<Step> steps_from(const nlohmann::json& json);
Scenario scenario_from(const nlohmann::json& json);

}  // namespace gw::simulator
