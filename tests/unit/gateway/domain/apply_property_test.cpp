// The record of a call does not depend on the order in which its events arrive, nor on how often.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <set>

namespace gw {
namespace {

using namespace gw::cases;

struct Outcome {
    Call call;
    std::vector<std::string> told;
};

// Takes events as the registry does: what comes before the call.initiated is kept and applied in
// order after it, a repeated id is dropped; ten milliseconds lie between arrivals; then the timers
// run out.
Outcome take_in(const std::vector<CarrierEvent>& arrivals) {
    Outcome outcome;
    std::optional<Call> call;
    std::vector<CarrierEvent> parked;
    std::set<std::string> seen;
    UtcTime at = t0;
    const auto note = [&](const std::vector<Effect>& effects) {
        for (const Effect& effect : effects) {
            if (const auto* told = std::get_if<PublicEvent>(&effect)) {
                outcome.told.push_back(std::string(word_of(told->type)) + told->digit);
            }
        }
    };
    const auto feed = [&](decltype(Input::what) what) {
        Transition t = apply(std::move(*call), Input{.at = at, .what = std::move(what)});
        call = std::move(t.call);
        note(t.effects);
    };
    for (const CarrierEvent& e : arrivals) {
        at += milliseconds{10};
        if (!seen.insert(e.id.value()).second) {
            continue;
        }
        if (call) {
            feed(e);
        } else if (e.type != CarrierEventType::initiated) {
            parked.push_back(e);
        } else {
            Transition t = begin_call(new_call(), e, at);
            call = std::move(t.call);
            note(t.effects);
            std::sort(parked.begin(), parked.end(), happens_before);
            for (const CarrierEvent& waiting : parked) {
                feed(waiting);
            }
        }
    }
    at += seconds{3};
    feed(TimerFired{TimerKind::settle});
    outcome.call = *call;
    return outcome;
}

std::string record_of(const Call& c) {
    const auto time = [](const std::optional<UtcTime>& t) {
        return t ? to_rfc3339_micros(*t) : "null";
    };
    return std::string(word_of(c.status)) + ' ' +
           std::string(c.disposition ? word_of(*c.disposition) : "-") + ' ' +
           std::string(c.ended_reason ? word_of(*c.ended_reason) : "-") + ' ' +
           to_rfc3339_micros(c.created_at) + ' ' + time(c.started_at) + ' ' + time(c.ended_at) +
           ' ' + std::to_string(c.duration_seconds) + ' ' +
           std::to_string(c.costs.total_cost.micros) + ' ' +
           std::to_string(c.costs.call_cost.micros);
}

// call.ringing, then call.started if any, then one terminal event; keys anywhere after the first.
void expect_well_told(const std::vector<std::string>& told) {
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.front(), "call.ringing");
    const auto at = [&](std::string_view word) {
        return std::find(told.begin(), told.end(), word);
    };
    const auto count = [&](std::string_view word) {
        return std::count(told.begin(), told.end(), word);
    };
    EXPECT_EQ(count("call.ended") + count("call.failed"), 1);
    EXPECT_EQ(count("call.ringing"), 1);
    EXPECT_LE(count("call.started"), 1);
    if (count("call.ended") == 1) {
        EXPECT_EQ(count("call.started"), 1);
        EXPECT_LT(at("call.started"), at("call.ended"));
    } else {
        EXPECT_EQ(count("call.started"), 0);
    }
}

std::multiset<std::string> as_set(const std::vector<std::string>& told) {
    return {told.begin(), told.end()};
}

std::vector<std::vector<CarrierEvent>> lives() {
    std::vector<std::vector<CarrierEvent>> all;
    for (const HangupCause cause :
         {HangupCause::normal_clearing, HangupCause::time_limit, HangupCause::timeout,
          HangupCause::unspecified, HangupCause::other}) {
        for (const HangupSource source :
             {HangupSource::caller, HangupSource::callee, HangupSource::unknown}) {
            all.push_back({initiated(), answered(), dtmf("1", seconds{5}), dtmf("2", seconds{6}),
                           hangup(cause, source), cost()});
            all.push_back({initiated(), hangup(cause, source), other()});
        }
    }
    for (const HangupCause cause :
         {HangupCause::originator_cancel, HangupCause::user_busy, HangupCause::no_answer,
          HangupCause::call_rejected, HangupCause::not_found}) {
        all.push_back({initiated(), other(), hangup(cause, HangupSource::caller, seconds{9})});
    }
    return all;
}

TEST(ApplyProperty, EveryOrderOfArrivalMakesTheSameRecord) {
    for (const auto& life : lives()) {
        const Outcome straight = take_in(life);
        std::vector<std::size_t> order(life.size());
        std::iota(order.begin(), order.end(), 0U);
        do {
            std::vector<CarrierEvent> arrivals;
            for (const std::size_t i : order) {
                arrivals.push_back(life[i]);
            }
            const Outcome shuffled = take_in(arrivals);
            ASSERT_EQ(record_of(shuffled.call), record_of(straight.call));
            ASSERT_EQ(as_set(shuffled.told), as_set(straight.told));
            expect_well_told(shuffled.told);
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST(ApplyProperty, RepeatedAndShuffledEventsMakeTheSameRecord) {
    std::mt19937 random(20261123);  // fixed: a failure is the same failure again
    for (const auto& life : lives()) {
        const Outcome straight = take_in(life);
        for (int round = 0; round < 200; ++round) {
            std::vector<CarrierEvent> arrivals = life;
            for (const CarrierEvent& e : life) {
                for (unsigned again = random() % 4; again > 0; --again) {
                    arrivals.push_back(e);
                }
            }
            std::shuffle(arrivals.begin(), arrivals.end(), random);
            const Outcome shuffled = take_in(arrivals);
            ASSERT_EQ(record_of(shuffled.call), record_of(straight.call));
            ASSERT_EQ(as_set(shuffled.told), as_set(straight.told));
            expect_well_told(shuffled.told);
        }
    }
}

TEST(ApplyProperty, SequenceNumbersOfEventsHaveNoGap) {
    Call call = ringing();
    std::vector<std::uint32_t> numbers{call.webhook_sequence};
    std::set<std::string> ids;
    UtcTime at = t0;
    for (const decltype(Input::what)& what : std::vector<decltype(Input::what)>{
             answered(), dtmf("1", seconds{5}), dtmf("2", seconds{6}),
             hangup(HangupCause::normal_clearing, HangupSource::caller), dtmf("3", seconds{7})}) {
        Transition t = apply(std::move(call), Input{.at = at += seconds{1}, .what = what});
        call = std::move(t.call);
        for (const Effect& effect : t.effects) {
            if (const auto* told = std::get_if<PublicEvent>(&effect)) {
                EXPECT_EQ(told->sequence, numbers.back() + 1);
                numbers.push_back(told->sequence);
                EXPECT_TRUE(ids.insert(told->id.value()).second);
            }
        }
    }
    EXPECT_EQ(numbers.back(), 6U);
}

using What = decltype(Input::what);

constexpr std::array all_commands{
    CommandKind::answer,   CommandKind::reject, CommandKind::hangup, CommandKind::hangup_target,
    CommandKind::transfer, CommandKind::gather, CommandKind::dial};
constexpr std::array all_outcomes{CommandOutcome::accepted, CommandOutcome::call_gone,
                                  CommandOutcome::refused, CommandOutcome::unknown,
                                  CommandOutcome::superseded};
constexpr std::array all_timers{TimerKind::settle, TimerKind::max_duration, TimerKind::deadline,
                                TimerKind::check,  TimerKind::transfer,     TimerKind::gather,
                                TimerKind::silence};

// Every command with everything that may become of it: of the first and the second try, or without
// a word of which it was.
std::vector<What> all_results() {
    std::vector<What> pool;
    for (const CommandKind kind : all_commands) {
        for (const CommandOutcome outcome : all_outcomes) {
            for (std::uint32_t number = 0; number <= 2; ++number) {
                CommandResult what = result(kind, outcome);
                what.number = number;
                if (kind == CommandKind::dial) {
                    what.leg = CallControlId{"v3:leg-a"};
                    what.call_leg_id = CallLegId{"leg-a"};
                    what.call_session_id = CallSessionId{"session"};
                } else if (kind == CommandKind::hangup_target) {
                    what.leg = target_initiated().call_control_id;
                }
                pool.emplace_back(what);
            }
        }
    }
    return pool;
}

// What happens to the target of the first or the second transfer.
void add_target(std::vector<What>& pool, std::uint32_t number) {
    for (CarrierEvent e : {initiated(), answered(), other(),
                           hangup(HangupCause::user_busy, HangupSource::callee, seconds{40}),
                           hangup(HangupCause::normal_clearing, HangupSource::callee)}) {
        if (e.type == CarrierEventType::initiated || e.type == CarrierEventType::answered) {
            e.occurred_at += seconds{21};
        }
        pool.emplace_back(on_target(std::move(e), number));
    }
    for (const CarrierView view : {CarrierView::alive, CarrierView::gone, CarrierView::unknown}) {
        CarrierStatus status{.view = view, .end_time = {}, .detail = {}};
        status.leg = on_target(initiated(), number).call_control_id;
        pool.emplace_back(status);
    }
}

std::vector<What> all_else() {
    std::vector<What> pool{
        answered(),
        initiated(),
        dtmf("1", seconds{5}),
        cost(),
        other(),
        machine(),
        human(),
        gather_ended("12#", true),
        gather_ended("", false),
        CarrierStatus{.view = CarrierView::alive, .end_time = {}, .detail = {}},
        CarrierStatus{.view = CarrierView::unknown, .end_time = {}, .detail = {}},
        CarrierStatus{.view = CarrierView::gone, .end_time = {}, .detail = {}},
        EndRequested{"r"},
        transfer_to(),
        transfer_to("+31850088888"),
        gather_of(),
        DialRequested{"r"},
        SpeechHeard{},
        Restarted{},
        hangup(HangupCause::normal_clearing, HangupSource::caller),
        hangup(HangupCause::originator_cancel, HangupSource::caller)};
    for (const TimerKind timer : all_timers) {
        pool.emplace_back(TimerFired{timer});
    }
    add_target(pool, 1);
    add_target(pool, 2);
    return pool;
}

// Calls whose limits are within the reach of some dozens of steps.
Call begun(bool by_us) {
    const auto hasten = [](CallPolicy& policy) {
        policy.max_duration = seconds{90};
        policy.silence_timeout = seconds{10};
        policy.hang_up_on_voicemail = true;
    };
    if (!by_us) {
        NewCall birth = new_call();
        hasten(birth.terms.policy);
        return begin_call(birth, initiated(), t0).call;
    }
    NewOutboundCall birth = new_outbound();
    hasten(birth.terms.policy);
    birth.order.machine_detection = "detect";
    return begin_outbound_call(birth, t0).call;
}

// What was told of a call so far.
struct Told {
    int terminal = 0;
    int gathers = 0;
    int transfers_begun = 0;
    int transfers_over = 0;  // answered or failed
    std::set<std::string> words;

    void take(const std::vector<Effect>& effects) {
        for (const Effect& effect : effects) {
            if (const auto* told = std::get_if<PublicEvent>(&effect)) {
                words.emplace(word_of(told->type));
                terminal += told->type == PublicEventType::call_ended ||
                            told->type == PublicEventType::call_failed;
                gathers += told->type == PublicEventType::call_gather_completed;
                transfers_begun += told->type == PublicEventType::transfer_initiated;
                transfers_over += told->type == PublicEventType::transfer_completed ||
                                  told->type == PublicEventType::transfer_failed;
            }
        }
    }
};

void expect_sound(const Call& call, const Told& told) {
    ASSERT_EQ(call.is_final(), !next_timer(call));
    ASSERT_EQ(told.terminal, call.is_final() ? 1 : 0);
    const int open = call.gather ? 1 : 0;
    ASSERT_EQ(told.gathers + open, static_cast<int>(call.gathers)) << "each is told once";
    const int transfers = call.transfer ? static_cast<int>(call.transfer->number) : 0;
    ASSERT_LE(told.transfers_begun, transfers);
    ASSERT_LE(told.transfers_over, transfers);
    if (call.is_final()) {
        ASSERT_TRUE(call.ended_at && call.disposition && call.closed_by);
        ASSERT_GE(*call.ended_at, call.started_at.value_or(call.created_at));
        ASSERT_FALSE(call.gather);
        ASSERT_EQ(told.transfers_over, transfers) << "what became of it is told";
    }
}

TEST(ApplyProperty, AnyInputsInAnyOrderLeaveACallThatEndsOrHasATimer) {
    std::mt19937 random(42);
    const std::vector<What> happenings = all_else();
    const std::vector<What> results = all_results();
    std::set<std::string> reached;  // what was told, how calls ended, results that changed one
    for (int run = 0; run < 20'000; ++run) {
        Call call = begun(run % 2 == 0);
        Told told;
        UtcTime at = t0;
        // Half of them are in progress soon: there is little to be done with a call that rings.
        bool answer = run % 4 < 2;
        for (int step = 0; step < 30; ++step) {
            at += milliseconds{random() % 10'000};
            const bool was_final = call.is_final();
            const auto& pool = random() % 4 == 0 ? results : happenings;
            const What& what = answer ? happenings.front() : pool[random() % pool.size()];
            answer = false;
            Transition t = apply(std::move(call), Input{.at = at, .what = what});
            call = std::move(t.call);
            told.take(t.effects);
            ASSERT_NO_FATAL_FAILURE(expect_sound(call, told)) << "run " << run;
            ASSERT_TRUE(!was_final || call.is_final());
            const auto* command = std::get_if<CommandResult>(&what);
            if (command && t.verdict == Verdict::applied) {
                reached.insert("result of " + std::string(word_of(command->kind)));
            }
        }
        reached.merge(told.words);
        if (call.transfer && call.transfer->number > 1) {
            reached.insert("another transfer");
        }
        for (const auto& word : {call.disposition ? word_of(*call.disposition) : "",
                                 call.ended_reason ? word_of(*call.ended_reason) : ""}) {
            reached.emplace(word);
        }
    }
    for (const char* word : {"result of answer",
                             "result of hangup",
                             "result of hangup-target",
                             "result of transfer",
                             "result of gather",
                             "result of dial",
                             "transfer.initiated",
                             "transfer.completed",
                             "transfer.failed",
                             "another transfer",
                             "call.gather.completed",
                             "call.dtmf.received",
                             "transferred",
                             "voicemail",
                             "no-answer",
                             "api",
                             "caller-hangup",
                             "agent-hangup",
                             "transfer",
                             "max-duration",
                             "silence-timeout",
                             "timeout",
                             "error"}) {
        EXPECT_TRUE(reached.contains(word)) << word;
    }
}

}  // namespace
}  // namespace gw
