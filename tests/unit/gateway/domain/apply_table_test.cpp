// Every state of a call × every input, held against tests/golden/apply.txt. The table is the manual
// of the state machine: a change of behaviour shows as a change of its rows. GW_UPDATE_GOLDEN=1
// writes it anew.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

namespace gw {
namespace {

using namespace gw::cases;
using What = decltype(Input::what);

struct State {
    std::string name;
    Call call;
};
struct Named {
    std::string name;
    What what;
    UtcTime at = t0 + seconds{130};
};

CarrierEvent initiated_outbound() {
    CarrierEvent e = initiated();
    e.direction = Direction::outbound;
    e.tag.call = CallId{1};
    return e;
}

std::vector<State> states() {
    const Call rings = ringing();
    const Call accepted =
        after(rings, result(CommandKind::answer, CommandOutcome::accepted), t0 + seconds{1});
    const Call settling =
        after(rings, hangup(HangupCause::normal_clearing, HangupSource::caller), t0 + seconds{129});
    const Call gone =
        after(rings, CarrierStatus{.view = CarrierView::gone, .end_time = {}, .detail = {}},
              t0 + seconds{129});
    const Call overdue = after(rings, TimerFired{TimerKind::deadline}, t0 + seconds{120});
    const Call overdue_accepted =
        after(accepted, TimerFired{TimerKind::deadline}, t0 + seconds{120});
    const Call talks = after(rings, answered(), t0 + seconds{2});
    const Call listened = after(talks, SpeechHeard{}, t0 + seconds{10});
    const Call ending = after(talks, EndRequested{"r"}, t0 + seconds{100});
    Call too_long = talks;
    too_long.timers.max_duration = t0 + seconds{100};
    too_long = after(too_long, TimerFired{TimerKind::max_duration}, t0 + seconds{100});
    Call past_deadline = talks;
    past_deadline.timers.deadline = t0 + seconds{100};
    past_deadline = after(past_deadline, TimerFired{TimerKind::deadline}, t0 + seconds{100});
    const Call lost =
        after(talks, CarrierStatus{.view = CarrierView::gone, .end_time = {}, .detail = {}},
              t0 + seconds{129});
    const Call over =
        after(talks, hangup(HangupCause::normal_clearing, HangupSource::caller), t0 + seconds{129});
    const Call refused = begin_call(new_call(Refusal::over_capacity), initiated(), t0).call;
    const Call asked = after(talks, transfer_to(), t0 + seconds{20});
    const Call target_rings_now = after(asked, target_initiated(), t0 + seconds{21});
    const Call transferred = after(target_rings_now, target_answered(), t0 + seconds{31});
    const Call target_left =
        after(transferred, target_hangup(HangupCause::normal_clearing), t0 + seconds{40});
    const Call caller_left =
        after(transferred, hangup(HangupCause::normal_clearing, HangupSource::caller, seconds{40}),
              t0 + seconds{40});
    const Call refused_transfer =
        after(target_rings_now, target_hangup(HangupCause::user_busy), t0 + seconds{40});
    const Call gathers = after(talks, gather_of(), t0 + seconds{20});
    const Call dialled = begin_outbound_call(new_outbound(), t0).call;
    const Call rings_out = after(dialled, initiated_outbound(), t0 + seconds{1});
    const Call talks_out = after(rings_out, answered(), t0 + seconds{2});
    return {{"ringing", rings},
            {"ringing, answer taken", accepted},
            {"ringing, hangup settling", settling},
            {"ringing, carrier says gone", gone},
            {"ringing, past deadline", overdue},
            {"ringing, past deadline, answer taken", overdue_accepted},
            {"in-progress", talks},
            {"in-progress, watched for silence", listened},
            {"in-progress, end asked by api", ending},
            {"in-progress, over max duration", too_long},
            {"in-progress, past deadline", past_deadline},
            {"in-progress, carrier says gone", lost},
            {"in-progress, transfer asked", asked},
            {"in-progress, target rings", target_rings_now},
            {"in-progress, transferred", transferred},
            {"in-progress, transferred, target left", target_left},
            {"in-progress, transferred, caller left", caller_left},
            {"in-progress, transfer failed", refused_transfer},
            {"in-progress, gathering", gathers},
            {"outbound, dial asked", dialled},
            {"outbound, ringing", rings_out},
            {"outbound, in-progress", talks_out},
            {"completed", over},
            {"rejected, over capacity", refused}};
}

std::vector<Named> event_inputs() {
    std::vector<Named> inputs{
        {"call.initiated", initiated()},
        {"call.answered", answered()},
        {"call.dtmf.received 5", dtmf("5", seconds{10})},
        {"call.dtmf.received without a digit", dtmf("", seconds{10})},
        {"call.cost", cost()},
        {"an event of another kind", other()},
        {"call.gather.ended valid 12#", gather_ended("12#", true)},
        {"call.gather.ended timeout", gather_ended("", false)},
        {"call.gather.ended timeout 12", gather_ended("12", false)},
        {"call.gather.ended valid without digits", gather_ended("#", true)},
        {"call.machine.detection.ended machine", machine()},
        {"call.machine.detection.ended human", human()},
        {"target: call.initiated", target_initiated()},
        {"target: call.answered", target_answered()},
        {"target: call.hangup user_busy", target_hangup(HangupCause::user_busy)},
        {"target: call.hangup originator_cancel", target_hangup(HangupCause::originator_cancel)},
        {"target: call.hangup normal_clearing", target_hangup(HangupCause::normal_clearing)}};
    for (const HangupCause cause :
         {HangupCause::call_rejected, HangupCause::normal_clearing, HangupCause::originator_cancel,
          HangupCause::timeout, HangupCause::time_limit, HangupCause::user_busy,
          HangupCause::not_found, HangupCause::no_answer, HangupCause::unspecified,
          HangupCause::other}) {
        for (const HangupSource source :
             {HangupSource::caller, HangupSource::callee, HangupSource::unknown}) {
            inputs.push_back({"call.hangup " + std::string(word_of(cause)) + " by " +
                                  std::string(word_of(source)),
                              hangup(cause, source)});
        }
    }
    return inputs;
}

std::vector<Named> all_inputs() {
    std::vector<Named> inputs = event_inputs();
    for (const CommandKind kind :
         {CommandKind::answer, CommandKind::reject, CommandKind::hangup, CommandKind::hangup_target,
          CommandKind::transfer, CommandKind::gather, CommandKind::dial}) {
        for (const CommandOutcome outcome :
             {CommandOutcome::accepted, CommandOutcome::call_gone, CommandOutcome::refused,
              CommandOutcome::unknown, CommandOutcome::superseded}) {
            inputs.push_back(
                {"command " + std::string(word_of(kind)) + " " + std::string(word_of(outcome)),
                 result(kind, outcome), t0 + seconds{30}});
        }
    }
    for (const CarrierView view : {CarrierView::alive, CarrierView::gone, CarrierView::unknown}) {
        inputs.push_back(
            {"carrier says " + std::string(word_of(view)),
             CarrierStatus{.view = view, .end_time = t0 + seconds{128}, .detail = {}}});
    }
    for (const TimerKind timer :
         {TimerKind::settle, TimerKind::max_duration, TimerKind::deadline, TimerKind::check,
          TimerKind::transfer, TimerKind::gather, TimerKind::silence}) {
        inputs.push_back(
            {"timer " + std::string(word_of(timer)), TimerFired{timer}, t0 + seconds{4000}});
    }
    inputs.push_back(
        {"carrier says gone of the target", CarrierStatus{.view = CarrierView::gone,
                                                          .end_time = t0 + seconds{128},
                                                          .detail = {},
                                                          .leg = CallControlId{"v3:leg-b1"}}});
    inputs.push_back({"POST end", EndRequested{"r"}});
    inputs.push_back({"POST transfer", transfer_to()});
    inputs.push_back({"POST gather", gather_of()});
    inputs.push_back({"restart", Restarted{}});
    inputs.push_back({"somebody spoke", SpeechHeard{}});
    return inputs;
}

std::string outcome_of(const Transition& t) {
    std::string out{word_of(t.verdict)};
    out += " | ";
    out += word_of(t.call.status);
    out += " / ";
    out += t.call.disposition ? word_of(*t.call.disposition) : "-";
    out += " / ";
    out += t.call.ended_reason ? word_of(*t.call.ended_reason) : "-";
    if (t.call.closed_by) {
        out += " by " + std::string(word_of(*t.call.closed_by));
    }
    return out + " | " + words_of(t.effects);
}

std::string render() {
    std::ostringstream out;
    out << "# What each input makes of a call in each state. Made by apply_table_test; do not edit "
           "by hand.\n"
           "# input | verdict | status / disposition / ended_reason | effects\n";
    out << "\n== no call yet\n";
    out << "call.initiated | " << outcome_of(begin_call(new_call(), initiated(), t0)) << '\n';
    for (const Refusal refusal : {Refusal::no_agent, Refusal::over_capacity, Refusal::draining}) {
        out << "call.initiated, " << word_of(refusal) << " | "
            << outcome_of(begin_call(new_call(refusal), initiated(), t0)) << '\n';
    }
    NewCall adopted = new_call();
    adopted.adopted = true;
    out << "POST /v1/calls | " << outcome_of(begin_outbound_call(new_outbound(), t0)) << '\n';
    out << "made from parked events | " << outcome_of(begin_call(adopted, answered(), t0)) << '\n';
    for (const State& state : states()) {
        out << "\n== " << state.name << '\n';
        for (const Named& input : all_inputs()) {
            out << input.name << " | "
                << outcome_of(apply(state.call, Input{.at = input.at, .what = input.what})) << '\n';
        }
    }
    return out.str();
}

TEST(ApplyTable, EveryStateAndInputGivesWhatTheGoldenTableSays) {
    const std::string path = std::string(GW_SOURCE_DIR) + "/tests/golden/apply.txt";
    const std::string made = render();
    if (std::getenv("GW_UPDATE_GOLDEN")) {
        std::ofstream(path) << made;
    }
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(made, golden.str())
        << "look at the difference; if it is meant, run with GW_UPDATE_GOLDEN=1";
}

TEST(ApplyTable, NothingReopensAFinalCall) {
    for (const State& state : states()) {
        if (!state.call.is_final()) {
            continue;
        }
        for (const Named& input : all_inputs()) {
            const Transition t = apply(state.call, Input{.at = input.at, .what = input.what});
            EXPECT_EQ(t.call.status, state.call.status) << state.name << " × " << input.name;
            EXPECT_EQ(t.call.ended_at, state.call.ended_at) << state.name << " × " << input.name;
            EXPECT_EQ(t.call.duration_seconds, state.call.duration_seconds);
            EXPECT_FALSE(next_timer(t.call)) << state.name << " × " << input.name;
        }
    }
}

TEST(ApplyTable, EveryCallThatIsNotFinalHasATimer) {
    for (const State& state : states()) {
        for (const Named& input : all_inputs()) {
            const Transition t = apply(state.call, Input{.at = input.at, .what = input.what});
            EXPECT_EQ(t.call.is_final(), !next_timer(t.call)) << state.name << " × " << input.name;
        }
    }
}

TEST(ApplyTable, ACallBecomesFinalTogetherWithItsOneTerminalEvent) {
    for (const State& state : states()) {
        for (const Named& input : all_inputs()) {
            const Transition t = apply(state.call, Input{.at = input.at, .what = input.what});
            int terminal = 0;
            for (const Effect& effect : t.effects) {
                const auto* told = std::get_if<PublicEvent>(&effect);
                terminal += told && (told->type == PublicEventType::call_ended ||
                                     told->type == PublicEventType::call_failed);
            }
            const bool became_final = t.call.is_final() && !state.call.is_final();
            EXPECT_EQ(terminal, became_final ? 1 : 0) << state.name << " × " << input.name;
        }
    }
}

}  // namespace
}  // namespace gw
