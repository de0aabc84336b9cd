// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/script.hpp"

#include "tests/simulator/command_table.hpp"
#include "tests/simulator/json_members.hpp"
#include "tests/simulator/validate.hpp"

#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

// How long a caller lets it ring who was not told otherwise.
constexpr milliseconds usual_patience{60'000};

void read_press(const json& value, Step& step) {
    step.time = milliseconds{200};
    read(value, "press", step.text);
    read(value, "gap_ms", step.time);
    if (step.text.empty() || step.text.size() > 1000 ||
        step.text.find_first_not_of("0123456789ABCD*#") != std::string::npos) {
        fail("press", "must be 1 to 1000 keys out of 0-9 A-D * #");
    }
}

Step step_from(const json& value) {
    expect_members(value, "wait_ms|press|gap_ms|await|hangup", "steps");
    const bool gap = value.contains("gap_ms");
    if (value.size() != (gap ? 2U : 1U) || (gap && !value.contains("press"))) {
        fail("steps", "each must be exactly one of wait_ms, press (with gap_ms), await, hangup");
    }
    Step step;
    if (value.contains("wait_ms")) {
        read(value, "wait_ms", step.time);
    } else if (value.contains("press")) {
        step.kind = Step::Kind::press;
        read_press(value, step);
    } else if (value.contains("await")) {
        step.kind = Step::Kind::await;
        read(value, "await", step.text);
        if (step.text != "gather" && !is_call_event(step.text)) {
            fail("await", "must be \"gather\" or the name of an event");
        }
    } else {
        step.kind = Step::Kind::hangup;
        if (value["hangup"] != true) {
            fail("hangup", "must be true");
        }
    }
    return step;
}

CalleeScript::Outcome outcome_from(const std::string& word) {
    using enum CalleeScript::Outcome;
    const std::pair<std::string_view, CalleeScript::Outcome> words[] = {
        {"answer", answer},       {"busy", busy},           {"reject", reject},
        {"no_answer", no_answer}, {"not_found", not_found}, {"ring", ring}};
    for (const auto& [name, outcome] : words) {
        if (name == word) {
            return outcome;
        }
    }
    fail("outcome", one_of("answer|busy|reject|no_answer|not_found|ring"));
}

MediaScript media_from(const json& value) {
    expect_members(value, "length_ms|status", "media");
    MediaScript media;
    read(value, "length_ms", media.length);
    read_word(value, "status", "completed|file_not_found|failed|unknown", media.status);
    return media;
}

}  // namespace

std::vector<Step> steps_from(const json& value) {
    if (!value.is_array()) {
        fail("steps", "must be an array");
    }
    std::vector<Step> steps;
    for (const json& item : value) {
        steps.push_back(step_from(item));
    }
    return steps;
}

CallerScript caller_from(const json& value) {
    expect_members(value, "from|to|caller_id_name|mobile|tags|give_up_after_ms|steps", "call");
    CallerScript script;
    read(value, "from", script.from);
    read(value, "to", script.to);
    read(value, "caller_id_name", script.caller_id_name);
    read(value, "mobile", script.mobile);
    script.give_up_after = usual_patience;
    if (value.contains("give_up_after_ms") && value["give_up_after_ms"].is_null()) {
        script.give_up_after.reset();
    }
    read(value, "give_up_after_ms", script.give_up_after);
    for (const json& tag : array_member(value, "tags")) {
        if (!tag.is_string()) {
            fail("tags", "must be strings");
        }
        script.tags.push_back(tag.get<std::string>());
    }
    if (!is_destination(script.to) || script.from.empty()) {
        fail("call", "'to' must be a number in E.164 form or a SIP URI, and 'from' not empty");
    }
    if (value.contains("steps")) {
        script.steps = steps_from(value["steps"]);
    } else {
        script.steps = {{.kind = Step::Kind::wait, .time = milliseconds{2000}, .text = {}},
                        {.kind = Step::Kind::hangup, .time = milliseconds{0}, .text = {}}};
    }
    return script;
}

CalleeScript callee_from(const json& value) {
    expect_members(
        value,
        "outcome|after_ms|bridged_after_ms|bridged_on_both|hangup_of_other_first|machine|greeting|"
        "steps",
        "callee");
    CalleeScript script;
    std::string outcome = "answer";
    read(value, "outcome", outcome);
    script.outcome = outcome_from(outcome);
    read(value, "after_ms", script.after);
    read(value, "bridged_after_ms", script.bridged_after);
    read(value, "bridged_on_both", script.bridged_on_both);
    read(value, "hangup_of_other_first", script.hangup_of_other_first);
    read_word(value, "machine",
              "human|machine|not_sure|human_residence|human_business|silence|fax_detected",
              script.machine);
    read_word(value, "greeting", "ended|beep_detected|no_beep_detected|not_sure", script.greeting);
    if (value.contains("steps")) {
        script.steps = steps_from(value["steps"]);
    }
    return script;
}

Scenario scenario_from(const json& value) {
    expect_members(value, "calls|callees|media|speak_ms|faults", "scenario");
    Scenario scenario;
    for (const json& item : array_member(value, "calls")) {
        json call = item;
        TimedCall timed;
        if (call.is_object()) {
            read(call, "at_ms", timed.at);
            call.erase("at_ms");
        }
        timed.caller = caller_from(call);
        scenario.calls.push_back(std::move(timed));
    }
    const json callees = object_member(value, "callees");
    for (const auto& [number, item] : callees.items()) {
        scenario.callees[number] = callee_from(item);
    }
    const json media = object_member(value, "media");
    for (const auto& [name, item] : media.items()) {
        scenario.media[name] = media_from(item);
    }
    read(value, "speak_ms", scenario.speak_time);
    scenario.faults = object_member(value, "faults");
    return scenario;
}

}  // namespace gw::simulator
