// Ids, times, money, numbers and words: the small values everything rests on.
#include "gateway/domain/admission.hpp"
#include "gateway/domain/backoff.hpp"
#include "gateway/domain/billing.hpp"
#include "gateway/domain/e164.hpp"
#include "gateway/domain/ids.hpp"
#include "gateway/domain/money.hpp"
#include "gateway/domain/time.hpp"
#include "gateway/domain/words.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gw {
namespace {

using namespace std::chrono_literals;

TEST(Ids, ACallsPublicFormHasEightDigitsAndGrows) {
    EXPECT_EQ(to_public(CallId{1}), "call_00000001");
    EXPECT_EQ(to_public(CallId{123'456'789}), "call_123456789");
}

TEST(Ids, BothFormsOfACallIdAreRead) {
    EXPECT_EQ(parse_call_id("call_00000001"), CallId{1});
    EXPECT_EQ(parse_call_id("1"), CallId{1});
    EXPECT_EQ(parse_call_id("call_123456789"), CallId{123'456'789});
    for (const std::string_view bad :
         {"", "0", "-1", "01", "call_", "call_1", "call_0000001", "call_000000001", "call_00000000",
          "Call_00000001", "call_0000000x", "1 ", " 1", "+1", "1e3", "9223372036854775808",
          "call_99999999999999999999"}) {
        EXPECT_FALSE(parse_call_id(bad)) << bad;
    }
}

TEST(Ids, DerivedIdsAreStableDistinctAndWellFormed) {
    const Nonce nonce{.high = 7, .low = 9};
    EXPECT_EQ(derive_uuid(nonce, "webhook", 1), derive_uuid(nonce, "webhook", 1));
    std::set<std::string> ids;
    for (std::uint64_t n = 0; n < 10'000; ++n) {
        ids.insert(derive_uuid(nonce, "webhook", n));
        ids.insert(derive_uuid(nonce, "answer", n));
        ids.insert(derive_uuid({.high = 8, .low = n}, "webhook", 1));
    }
    EXPECT_EQ(ids.size(), 30'000U);
    const std::string id = derive_uuid(nonce, "webhook", 1);
    EXPECT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '8');
    EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos);
}

TEST(Time, ReadsAndWritesRfc3339) {
    const auto at = parse_rfc3339("2025-11-23T03:30:00.076316Z");
    ASSERT_TRUE(at);
    EXPECT_EQ(to_rfc3339(*at), "2025-11-23T03:30:00Z");
    EXPECT_EQ(to_rfc3339_micros(*at), "2025-11-23T03:30:00.076316Z");
    EXPECT_EQ(parse_rfc3339("2025-11-23T04:30:00+01:00"), parse_rfc3339("2025-11-23T03:30:00Z"));
    EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00.123456789Z"),
              parse_rfc3339("2024-02-29T00:00:00.123456Z"));
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2016-12-31T23:59:59Z"));
}

TEST(Time, RefusesWhatIsNoTime) {
    for (const std::string_view bad :
         {"", "2025-11-23", "2025-11-23T03:30:00", "2025-11-23 03:30:00Z", "2025-13-01T00:00:00Z",
          "2025-02-29T00:00:00Z", "2025-11-23T24:00:00Z", "2025-11-23T03:60:00Z",
          "2025-11-23T03:30:61Z", "2025-11-23T03:30:00.Z", "2025-11-23T03:30:00ZZ",
          "2025-11-23T03:30:00+1:00", "1969-12-31T23:59:59Z", "x025-11-23T03:30:00Z",
          "2025-11-23T03:30:00.5", "1970-01-01T00:00:00+01:00"}) {
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
    }
    EXPECT_TRUE(parse_date("2026-01-31"));
    for (const std::string_view bad : {"2026-02-30", "2026-1-31", "2026-01-31T", "20260131", ""}) {
        EXPECT_FALSE(parse_date(bad)) << bad;
    }
}

TEST(Money, TheSpecificationsExampleIsExact) {
    Call call;
    call.rates.rate = {250'000};
    call.rates.call_rate = {220'000};
    EXPECT_EQ(minutes_of(127).hundredths, 212);
    const Costs costs = costs_of(call, 127);
    EXPECT_EQ(costs.total_cost.micros, 530'000);
    EXPECT_EQ(costs.call_cost.micros, 466'400);
}

TEST(Money, RoundsHalfUpOnce) {
    EXPECT_EQ(divide_half_up(5, 10), 1);
    EXPECT_EQ(divide_half_up(4, 10), 0);
    EXPECT_EQ(divide_half_up(-5, 10), 0);
    EXPECT_EQ(divide_half_up(-6, 10), -1);
    EXPECT_EQ(round_money(4'999).micros, 0);
    EXPECT_EQ(round_money(5'000).micros, 100);
    EXPECT_EQ(minutes_of(3).hundredths, 5);
    EXPECT_EQ(minutes_of(0).hundredths, 0);
}

TEST(Money, OverflowSaturates) {
    EXPECT_EQ(exact_cost({1LL << 40}, {1LL << 40}), std::numeric_limits<std::int64_t>::max());
}

TEST(Billing, DurationIsRoundedToTheNearestSecondAndNeverNegative) {
    const UtcTime at = *parse_rfc3339("2026-01-15T10:00:00Z");
    EXPECT_EQ(seconds_between(at, at + 499'999us), 0);
    EXPECT_EQ(seconds_between(at, at + 500'000us), 1);
    EXPECT_EQ(seconds_between(at, at + 127s), 127);
    EXPECT_EQ(seconds_between(at, at - 5s), 0);
}

TEST(Billing, RecordingIsPaidOnlyWhenThereIsOne) {
    Call call;
    call.rates.recording_rate = {10'000};
    EXPECT_EQ(costs_of(call, 600).recording_cost.micros, 0);
    call.has_recording = true;
    EXPECT_EQ(costs_of(call, 600).recording_cost.micros, 100'000);
}

// CONTRACT "Calls": total = minutes × rate + recording + transfer − discount, rounded once.
TEST(Billing, TheTotalIsTheTalkTheRecordingTheTransferLessTheDiscount) {
    Call call;
    call.rates = {.rate = {250'000},
                  .call_rate = {220'000},
                  .recording_rate = {5'050},
                  .transfer_rate = {100'010},
                  .llm_discount = {30'000}};
    call.has_recording = true;
    call.transfer_duration_seconds = 98;  // 1.63 minutes
    const Costs costs = costs_of(call, 127);
    EXPECT_EQ(costs.call_cost.micros, 466'400);
    EXPECT_EQ(costs.recording_cost.micros, 10'700);  // 0.010706
    EXPECT_EQ(costs.transfer_cost.micros, 163'000);  // 0.1630163
    EXPECT_EQ(costs.llm_discount.micros, 63'600);    // 0.0636
    EXPECT_EQ(costs.total_cost.micros, 640'100);     // 0.53 + 0.010706 + 0.1630163 - 0.0636
}

TEST(E164, AcceptsNumbersAndNothingElse) {
    for (const std::string_view good : {"+31612345678", "+12", "+123456789012345"}) {
        EXPECT_TRUE(is_e164(good)) << good;
    }
    for (const std::string_view bad : {"", "+", "+1", "31612345678", "+0612345678",
                                       "+1234567890123456", "+31 612", "+3161234567a", "00316"}) {
        EXPECT_FALSE(is_e164(bad)) << bad;
    }
    EXPECT_EQ(e164_of("sip:+31850012345@sip.telnyx.com;user=phone"), "+31850012345");
    EXPECT_EQ(e164_of("+31850012345;npdi@host"), "+31850012345");
    EXPECT_EQ(e164_of("sip:alice@example.com"), std::nullopt);
}

TEST(E164, MasksForLogs) {
    EXPECT_EQ(mask_phone("+31612345678"), "+316******78");
    EXPECT_EQ(mask_phone("1234"), "****");
    EXPECT_EQ(mask_phone(""), "");
}

template <class E>
void expect_words(int count) {
    std::set<std::string_view> words;
    for (int i = 0; i < count; ++i) {
        const auto value = static_cast<E>(i);
        EXPECT_EQ(parse_word<E>(word_of(value)), value) << word_of(value);
        words.insert(word_of(value));
    }
    EXPECT_EQ(words.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(word_of(static_cast<E>(count)), "?");
    EXPECT_FALSE(parse_word<E>("no such word"));
}

TEST(Words, EveryValueHasOneWordAndComesBackFromIt) {
    expect_words<Direction>(2);
    expect_words<CallStatus>(8);
    expect_words<Disposition>(7);
    expect_words<EndedReason>(8);
    expect_words<ClosedBy>(3);
    expect_words<HangupCause>(10);
    expect_words<HangupSource>(3);
    expect_words<Refusal>(3);
    expect_words<CommandKind>(7);
    expect_words<CommandOutcome>(5);
    expect_words<TimerKind>(7);
    expect_words<TransferPhase>(4);
    expect_words<CarrierView>(3);
}

TEST(Admission, SaysTheMostUsefulReason) {
    const auto admit_with = [](bool agent, bool draining, std::size_t live,
                               std::optional<std::size_t> max) {
        AdmissionFacts facts;
        facts.has_agent = agent;
        facts.draining = draining;
        facts.live_calls_of_org = live;
        facts.concurrency_max = max;
        return admit(facts);
    };
    EXPECT_EQ(admit_with(true, false, 9, 10), std::nullopt);
    EXPECT_EQ(admit_with(true, false, 10, 10), Refusal::over_capacity);
    EXPECT_EQ(admit_with(true, false, 1'000, std::nullopt), std::nullopt);
    EXPECT_EQ(admit_with(true, true, 0, 10), Refusal::draining);
    EXPECT_EQ(admit_with(false, true, 99, 10), Refusal::no_agent);
}

TEST(Backoff, FollowsTheScheduleAndOnlyEverAddsJitter) {
    const std::vector<std::chrono::seconds> schedule{5s, 30s};
    EXPECT_EQ(wait_after_attempt(1, schedule, 0.2, 0.0, {}), 5s);
    EXPECT_EQ(wait_after_attempt(1, schedule, 0.2, 0.5, {}), 5500ms);
    EXPECT_EQ(wait_after_attempt(2, schedule, 0.2, 0.0, {}), 30s);
    EXPECT_EQ(wait_after_attempt(3, schedule, 0.2, 0.0, {}), std::nullopt);
    EXPECT_EQ(wait_after_attempt(0, schedule, 0.2, 0.0, {}), std::nullopt);
}

TEST(Backoff, HonoursAReceiversHintWithinReason) {
    const std::vector<std::chrono::seconds> schedule{5s, 10'000s};
    EXPECT_EQ(wait_after_attempt(1, schedule, 0, 0, 60s), 60s);
    EXPECT_EQ(wait_after_attempt(1, schedule, 0, 0, 1s), 5s);
    EXPECT_EQ(wait_after_attempt(1, schedule, 0, 0, 1'000'000'000'000s), 3600s);
    EXPECT_EQ(wait_after_attempt(2, schedule, 0, 0, 1'000'000s), 20'000s);
    EXPECT_EQ(wait_after_attempt(1, schedule, 0, 0, -5s), 5s);
}

}  // namespace
}  // namespace gw
