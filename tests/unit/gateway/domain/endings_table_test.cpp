// How a call ends: every way to be when the carrier says it is over × every word of the carrier,
// with all that may still come waited for. Held against tests/golden/endings.txt, which is the
// table of docs/LIFECYCLE.md in full. GW_UPDATE_GOLDEN=1 writes it anew.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace gw {
namespace {

using namespace gw::cases;
using What = decltype(Input::what);

struct State {
    std::string name;
    Call call;
};

CarrierStatus alive() {
    return {.view = CarrierView::alive, .end_time = {}, .detail = {}};
}

// The timer fires the moment it is due.
Call fire(Call call, TimerKind kind, const std::optional<UtcTime>& due) {
    return after(std::move(call), TimerFired{kind}, due.value());
}

// Its time to ring is over, and the carrier says that the leg lives: we give up.
Call out_of_patience(Call call) {
    const auto due = call.timers.deadline;
    call = fire(std::move(call), TimerKind::deadline, due);
    return after(std::move(call), alive(), *due + seconds{1});
}

std::vector<State> inbound_states() {
    const Call rings = ringing();
    const Call talks = after(rings, answered(), t0 + seconds{2});
    const Call spoken = after(talks, SpeechHeard{}, t0 + seconds{3});
    const Call asked = after(talks, transfer_to(), t0 + seconds{20});
    const Call target_rings_now = after(asked, target_initiated(), t0 + seconds{21});
    const Call transferred = after(target_rings_now, target_answered(), t0 + seconds{31});
    const Call refused =
        after(target_rings_now, target_hangup(HangupCause::user_busy), t0 + seconds{40});
    return {
        {"inbound, never answered", rings},
        {"inbound, never answered, we gave up", out_of_patience(rings)},
        {"inbound, answered", talks},
        {"inbound, answered, end asked by api", after(talks, EndRequested{"r"}, t0 + seconds{100})},
        {"inbound, answered, over max duration",
         fire(talks, TimerKind::max_duration, talks.timers.max_duration)},
        {"inbound, answered, silent for too long",
         fire(spoken, TimerKind::silence, spoken.timers.silence)},
        {"inbound, answered, gathering", after(talks, gather_of(), t0 + seconds{100})},
        {"inbound, answered, target rings", target_rings_now},
        {"inbound, transfer failed", refused},
        {"inbound, transferred", transferred},
        {"inbound, transferred, end asked by api",
         after(transferred, EndRequested{"r"}, t0 + seconds{100})}};
}

std::vector<State> outbound_states() {
    const auto rings_out = [](bool hang_up_on_voicemail) {
        NewOutboundCall birth = new_outbound();
        birth.terms.policy.hang_up_on_voicemail = hang_up_on_voicemail;
        CarrierEvent e = initiated();
        e.direction = Direction::outbound;
        e.tag.call = CallId{1};
        return after(begin_outbound_call(birth, t0).call, e, t0 + seconds{1});
    };
    const auto voicemail = [&](bool hang_up) {
        return after(after(rings_out(hang_up), answered(), t0 + seconds{2}), machine(),
                     t0 + seconds{4});
    };
    return {{"outbound, never answered", rings_out(false)},
            {"outbound, never answered, we gave up", out_of_patience(rings_out(false))},
            {"outbound, answered", after(rings_out(false), answered(), t0 + seconds{2})},
            {"outbound, voicemail", voicemail(false)},
            {"outbound, voicemail, agent hangs up on machines", voicemail(true)}};
}

std::vector<std::pair<std::string, What>> last_words() {
    std::vector<std::pair<std::string, What>> words;
    for (int cause = 0; cause <= static_cast<int>(HangupCause::other); ++cause) {
        for (const HangupSource source :
             {HangupSource::caller, HangupSource::callee, HangupSource::unknown}) {
            const auto why = static_cast<HangupCause>(cause);
            words.emplace_back(
                "call.hangup " + std::string(word_of(why)) + " by " + std::string(word_of(source)),
                hangup(why, source));
        }
    }
    words.emplace_back(
        "carrier says gone since 128 s",
        CarrierStatus{.view = CarrierView::gone, .end_time = t0 + seconds{128}, .detail = {}});
    words.emplace_back("carrier says gone",
                       CarrierStatus{.view = CarrierView::gone, .end_time = {}, .detail = {}});
    return words;
}

// The row of a call that has ended: what it says and what the customer is told of the end.
std::string end_of(Call call, const What& last) {
    std::string told;
    UtcTime at = std::max(t0 + seconds{129}, call.last_alive_at);
    const auto feed = [&](const What& what) {
        Transition t = apply(std::move(call), Input{.at = at, .what = what});
        call = std::move(t.call);
        std::vector<Effect> events;
        std::copy_if(t.effects.begin(), t.effects.end(), std::back_inserter(events),
                     [](const Effect& e) { return std::holds_alternative<PublicEvent>(e); });
        told += events.empty() ? "" : (told.empty() ? "" : " ") + words_of(events);
    };
    const bool two_legs = call.transfer && call.transfer->phase == TransferPhase::answered;
    feed(last);
    if (two_legs && !call.is_final()) {  // nobody else ends for this reason alone
        feed(target_hangup(HangupCause::normal_clearing, seconds{129}));
    }
    if (!call.is_final()) {
        at = call.timers.settle.value_or(at);
        feed(TimerFired{TimerKind::settle});
    }
    std::string row{word_of(call.status)};
    row += " / " + std::string(call.disposition ? word_of(*call.disposition) : "-");
    row += " / " + std::string(call.ended_reason ? word_of(*call.ended_reason) : "-");
    row += call.closed_by ? " by " + std::string(word_of(*call.closed_by)) : " never";
    return row + " | " + std::to_string(call.duration_seconds) + " s | " + told;
}

std::string render() {
    std::ostringstream out;
    out << "# How a call ends. Made by endings_table_test; do not edit by hand.\n"
           "# what the carrier says | status / disposition / ended_reason | duration | webhooks\n";
    std::vector<State> states = inbound_states();
    for (State& state : outbound_states()) {
        states.push_back(std::move(state));
    }
    for (const State& state : states) {
        out << "\n== " << state.name << '\n';
        for (const auto& [name, what] : last_words()) {
            out << name << " | " << end_of(state.call, what) << '\n';
        }
    }
    return out.str();
}

// The first line that is not the same, as it is and as it was.
std::string first_difference(const std::string& made, const std::string& golden) {
    std::istringstream is(made);
    std::istringstream was(golden);
    std::string a;
    std::string b;
    while (true) {
        const bool more = static_cast<bool>(std::getline(is, a));
        const bool had_more = static_cast<bool>(std::getline(was, b));
        if (more != had_more || (more && a != b)) {
            return "is: " + (more ? a : "(end)") + "\nwas: " + (had_more ? b : "(end)");
        }
        if (!more) {
            return {};
        }
    }
}

TEST(EndingsTable, EveryEndIsWhatTheGoldenTableSays) {
    const std::string path = std::string(GW_SOURCE_DIR) + "/tests/golden/endings.txt";
    const std::string made = render();
    if (std::getenv("GW_UPDATE_GOLDEN")) {
        std::ofstream(path) << made;
    }
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(first_difference(made, golden.str()), "")
        << "if it is meant, run with GW_UPDATE_GOLDEN=1 and look at the whole difference";
    EXPECT_EQ(made.find(" never |"), std::string::npos) << "a call of the table does not end";
}

}  // namespace
}  // namespace gw
