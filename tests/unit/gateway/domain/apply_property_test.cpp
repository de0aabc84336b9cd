// The record of a call does not depend on the order in which its events arrive, nor on how often.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(ApplyProperty, AnyInputsInAnyOrderLeaveACallThatEndsOrHasATimer) {
    std::mt19937 random(42);
    const std::vector<decltype(Input::what)> pool{
        answered(),
        initiated(),
        dtmf("1", seconds{5}),
        cost(),
        other(),
        result(CommandKind::answer, CommandOutcome::accepted),
        result(CommandKind::answer, CommandOutcome::unknown),
        result(CommandKind::hangup, CommandOutcome::call_gone),
        result(CommandKind::answer, CommandOutcome::refused),
        CarrierStatus{.view = CarrierView::alive, .end_time = {}, .detail = {}},
        CarrierStatus{.view = CarrierView::unknown, .end_time = {}, .detail = {}},
        CarrierStatus{.view = CarrierView::gone, .end_time = {}, .detail = {}},
        TimerFired{TimerKind::settle},
        TimerFired{TimerKind::check},
        TimerFired{TimerKind::deadline},
        TimerFired{TimerKind::max_duration},
        EndRequested{"r"},
        Restarted{},
        hangup(HangupCause::normal_clearing, HangupSource::caller),
        hangup(HangupCause::originator_cancel, HangupSource::caller)};
    for (int run = 0; run < 20'000; ++run) {
        Call call = ringing();
        int terminal = 0;
        UtcTime at = t0;
        for (int step = 0; step < 12; ++step) {
            at += milliseconds{random() % 100'000};
            const bool was_final = call.is_final();
            Transition t =
                apply(std::move(call), Input{.at = at, .what = pool[random() % pool.size()]});
            call = std::move(t.call);
            for (const Effect& effect : t.effects) {
                const auto* told = std::get_if<PublicEvent>(&effect);
                terminal += told && (told->type == PublicEventType::call_ended ||
                                     told->type == PublicEventType::call_failed);
            }
            ASSERT_EQ(call.is_final(), !next_timer(call));
            ASSERT_LE(terminal, 1);
            ASSERT_EQ(terminal == 1, call.is_final());
            ASSERT_TRUE(!was_final || call.is_final());
            if (call.is_final()) {
                ASSERT_TRUE(call.ended_at && call.disposition && call.closed_by);
                ASSERT_GE(*call.ended_at, call.started_at.value_or(call.created_at));
            }
        }
    }
}

}  // namespace
}  // namespace gw
