// When the timers of a call are due, and the ids of what is sent again.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

namespace gw {
namespace {

using namespace gw::cases;
using std::chrono::minutes;

Transition step(const Call& call, decltype(Input::what) what, UtcTime at) {
    return apply(call, Input{.at = at, .what = std::move(what)});
}

std::string hangup_id(const Transition& t) {
    for (const Effect& effect : t.effects) {
        const auto* command = std::get_if<SendCommand>(&effect);
        if (command && command->kind == CommandKind::hangup) {
            return command->command_id.value();
        }
    }
    return "none";
}

CarrierStatus alive() {
    return {.view = CarrierView::alive, .end_time = {}, .detail = {}};
}

TEST(ApplyDeadline, IsSetForEachStateOfACall) {
    const Call rings = ringing();
    EXPECT_EQ(rings.timers.deadline, t0 + seconds{120});
    const Call talks = after(rings, answered(), t0 + seconds{3});
    EXPECT_EQ(talks.timers.max_duration, t0 + seconds{3} + minutes{30});
    EXPECT_EQ(talks.timers.deadline, t0 + seconds{3} + minutes{30} + seconds{30});
    NewOutboundCall birth = new_outbound();
    birth.order.ring = seconds{45};
    const Call dialled = begin_outbound_call(birth, t0).call;
    EXPECT_EQ(dialled.timers.deadline, t0 + seconds{45 + 30});
    const Call talks_out = after(dialled, answered(), t0 + seconds{3});
    EXPECT_EQ(talks_out.timers.deadline, t0 + seconds{3} + minutes{30} + seconds{30});
}

TEST(ApplyDeadline, AnAnswerOfWhichNothingIsHeardIsSentAgainAfterAPause) {
    const auto unknown = result(CommandKind::answer, CommandOutcome::unknown);
    const Transition heard = step(ringing(), unknown, t0 + seconds{8});
    EXPECT_EQ(words_of(heard.effects), "-") << "no loop, and the carrier is not asked";
    EXPECT_EQ(heard.call.timers.check, t0 + seconds{10});
    const Transition again = step(heard.call, TimerFired{TimerKind::check}, t0 + seconds{10});
    EXPECT_EQ(words_of(again.effects), "answer");
    const Call answered_since = after(heard.call, answered(), t0 + seconds{9});
    EXPECT_EQ(words_of(step(answered_since, unknown, t0 + seconds{11}).effects), "-");
}

TEST(ApplyDeadline, AnIdleCallIsAskedForAndThenAtIntervals) {
    Call call = after(ringing(), answered(), t0 + seconds{3});
    EXPECT_EQ(call.timers.check, t0 + seconds{63});
    call = after(call, dtmf("1", seconds{40}), t0 + seconds{40});
    EXPECT_EQ(call.timers.check, t0 + seconds{100}) << "an event is a sign of life";
    const Transition early = step(call, TimerFired{TimerKind::check}, t0 + seconds{99});
    EXPECT_EQ(words_of(early.effects), "-");
    const Transition asked = step(call, TimerFired{TimerKind::check}, t0 + seconds{100});
    EXPECT_EQ(words_of(asked.effects), "ask-carrier");
    EXPECT_EQ(asked.call.timers.check, t0 + seconds{115});
    const CarrierStatus unknown{.view = CarrierView::unknown, .end_time = {}, .detail = {}};
    EXPECT_EQ(after(asked.call, unknown, t0 + seconds{104}).timers.check, t0 + seconds{119});
    EXPECT_EQ(after(asked.call, alive(), t0 + seconds{104}).timers.check, t0 + seconds{164});
}

// The time-out, the prompt's length at 15 characters a second, and the grace.
TEST(ApplyDeadline, OfAGatherGrowsWithThePromptsCharacters) {
    const Call talks = after(ringing(), answered(), t0 + seconds{2});
    const auto due = [&](std::string prompt, seconds timeout) {
        GatherRequested wish = gather_of();
        wish.spec.prompt = std::move(prompt);
        wish.spec.timeout = timeout;
        return *after(talks, wish, t0).timers.gather - t0;
    };
    EXPECT_EQ(due(std::string(15, 'x'), seconds{5}), seconds{5 + 1 + 30});
    EXPECT_EQ(due(std::string(16, 'x'), seconds{60}), seconds{60 + 2 + 30});
    EXPECT_EQ(due(std::string(3000, 'x'), seconds{15}), seconds{15 + 200 + 30});
    std::string accents;
    for (int i = 0; i < 15; ++i) {
        accents += "\xC3\xA9";
    }
    EXPECT_EQ(due(accents, seconds{15}), seconds{15 + 1 + 30});
}

// Telnyx forgets a command id after 60 s (its API reference, read 2026-11).
TEST(ApplyHangup, ItsCommandIdIsTheSameForAMinute) {
    const Call talks = after(ringing(), answered(), t0 + seconds{2});
    const UtcTime asked_at = t0 + seconds{20};
    const Transition asked = step(talks, EndRequested{"r"}, asked_at);
    const std::string first = hangup_id(asked);
    EXPECT_NE(first, "none");
    EXPECT_EQ(hangup_id(step(asked.call, alive(), asked_at + seconds{59})), first);
    const std::string second = hangup_id(step(asked.call, alive(), asked_at + seconds{60}));
    EXPECT_NE(second, first);
    EXPECT_NE(second, "none");
    EXPECT_EQ(hangup_id(step(asked.call, alive(), asked_at + seconds{119})), second);
    const CarrierStatus gone{.view = CarrierView::gone, .end_time = {}, .detail = {}};
    EXPECT_EQ(hangup_id(step(asked.call, gone, asked_at + seconds{15})), "none");
}

}  // namespace
}  // namespace gw
