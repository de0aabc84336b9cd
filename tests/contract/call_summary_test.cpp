// SPDX-License-Identifier: Apache-2.0
// The promises of ports::CallStore::summarize, over every implementation: exact at every commit,
// whatever way a call took to its figures.
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

#include <random>

namespace gw::contract {
namespace {

using std::chrono::sys_days;

// at(0) is at noon of this day.
constexpr sys_days day_of_tests{std::chrono::year(2025) / 11 / 23};
constexpr std::int64_t seconds_a_day = 86'400;

using Change = std::function<void(Call&)>;

class CallSummaryContract : public StoreContract {
protected:
    Call add(std::int64_t second, const Change& change = {}) {
        Call call = plain_call(calls().next_call_id(), second);
        if (change) {
            change(call);
        }
        EXPECT_TRUE(commit(birth(call)));
        return call;
    }
    void change(Call& call, const Change& what) {
        const Call before = call;
        what(call);
        ports::CallCommit next = next_commit(call);
        next.change = change_between(before, call);
        call.version = next.call.version;
        ASSERT_TRUE(commit(std::move(next)));
    }
    ports::CallSummary sum(const ports::SummaryFilter& filter = {},
                           std::vector<ProjectId> projects = {ProjectId(1)}) {
        return run_awaitable(calls().summarize({std::move(projects)}, filter)).value();
    }
};

void end_well(Call& call) {
    call.status = CallStatus::completed;
    call.disposition = Disposition::answered;
    call.duration_seconds = 127;
    call.minutes_used = {212};
    call.costs = {MicroMoney{466'400}, MicroMoney{1'100}, MicroMoney{0}, MicroMoney{200},
                  MicroMoney{530'900}};
}

Change ends(CallStatus status, Disposition disposition) {
    return [=](Call& call) {
        call.status = status;
        call.disposition = disposition;
    };
}

// Every figure is another multiple, so that one in the place of another shows.
ports::CallSummary of_good_calls(std::int64_t calls) {
    return {.total_calls = calls,
            .completed_calls = calls,
            .answered_calls = calls,
            .total_duration_seconds = 127 * calls,
            .total_minutes_used = {212 * calls},
            .total_cost = {530'900 * calls},
            .total_recording_cost = {1'100 * calls},
            .total_llm_discount = {200 * calls}};
}

INSTANTIATE_TEST_SUITE_P(Stores, CallSummaryContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(CallSummaryContract, NothingSumsToNothing) {
    EXPECT_EQ(sum(), ports::CallSummary{});
    add(1, [](Call& call) { call.project_id.reset(); });
    EXPECT_EQ(sum(), ports::CallSummary{});
    EXPECT_EQ(sum({}, {}), ports::CallSummary{});
}

TEST_P(CallSummaryContract, EveryFigureIsTheSumOfItsOwnColumn) {
    add(1, end_well);
    add(2, end_well);
    Call later = add(3);
    change(later, end_well);
    EXPECT_EQ(sum(), of_good_calls(3));
}

TEST_P(CallSummaryContract, CountsAreByStatusAndByDisposition) {
    add(1, ends(CallStatus::completed, Disposition::answered));
    add(2, ends(CallStatus::completed, Disposition::transferred));
    add(3, ends(CallStatus::completed, Disposition::voicemail));
    add(4, ends(CallStatus::failed, Disposition::answered));
    add(5, ends(CallStatus::failed, Disposition::failed));
    add(6, ends(CallStatus::canceled, Disposition::no_answer));
    add(7, ends(CallStatus::no_answer, Disposition::no_answer));
    add(8, ends(CallStatus::busy, Disposition::busy));
    add(9, ends(CallStatus::rejected, Disposition::rejected));
    const auto all = sum();
    EXPECT_EQ(all.total_calls, 9);
    EXPECT_EQ(all.completed_calls, 3);
    EXPECT_EQ(all.failed_calls, 2);
    EXPECT_EQ(all.answered_calls, 2);
    EXPECT_EQ(all.no_answer_calls, 2);
}

TEST_P(CallSummaryContract, ALiveCallCountsAndHasNoFiguresYet) {
    add(1);
    Call talking = add(2, ends(CallStatus::in_progress, Disposition::answered));
    auto now = sum();
    EXPECT_EQ(now.total_calls, 2);
    EXPECT_EQ(now.answered_calls, 1);
    EXPECT_EQ(now.completed_calls, 0);
    EXPECT_EQ(now.total_duration_seconds, 0);
    change(talking, [](Call& call) { call.timeline_length += 3; });
    EXPECT_EQ(sum(), now);
    change(talking, end_well);
    now = sum();
    EXPECT_EQ(now.total_calls, 2);
    EXPECT_EQ(now.answered_calls, 1);
    EXPECT_EQ(now.total_cost, MicroMoney{530'900});
}

TEST_P(CallSummaryContract, LateFiguresReplaceTheFirst) {
    Call call = add(1, end_well);
    change(call, [](Call& c) {
        c.costs.recording_cost = MicroMoney{9'000};
        c.costs.total_cost = MicroMoney{538'800};
    });
    EXPECT_EQ(sum().total_cost, MicroMoney{538'800});
    EXPECT_EQ(sum().total_recording_cost, MicroMoney{9'000});
    change(call, [](Call& c) { c.disposition = Disposition::voicemail; });
    EXPECT_EQ(sum().answered_calls, 0);
    EXPECT_EQ(sum().total_calls, 1);
}

TEST_P(CallSummaryContract, ACallThatMovesTakesItsFiguresWithIt) {
    Call call = add(1, end_well);
    change(call, [](Call& c) {
        c.project_id = ProjectId(2);
        c.agent_id = AgentId(12);
        c.created_at = at(1 + seconds_a_day);
    });
    EXPECT_EQ(sum(), ports::CallSummary{});
    EXPECT_EQ(sum({.agent_id = AgentId(12)}, {ProjectId(2)}), of_good_calls(1));
    EXPECT_EQ(sum({.to_day = day_of_tests}, {ProjectId(2)}), ports::CallSummary{});
    change(call, [](Call& c) { c.project_id.reset(); });
    EXPECT_EQ(sum({}, {ProjectId(1), ProjectId(2)}), ports::CallSummary{});
}

TEST_P(CallSummaryContract, DaysAreUtcAndBothIncluded) {
    const auto at_midnight = [](std::int64_t micros) {
        return [micros](Call& call) {
            end_well(call);
            call.created_at = UtcTime(day_of_tests) + std::chrono::microseconds(micros);
        };
    };
    constexpr std::int64_t day = 86'400'000'000;
    add(0, at_midnight(-1));
    add(0, at_midnight(0));
    add(0, at_midnight(day - 1));
    add(0, at_midnight(day));
    add(0, [](Call& call) { call.created_at = UtcTime(day_of_tests); });  // live
    add(0, [](Call& call) { call.created_at = UtcTime(day_of_tests + std::chrono::days(1)); });
    const auto count = [this](std::optional<sys_days> from, std::optional<sys_days> to) {
        return sum({.from_day = from, .to_day = to}).total_calls;
    };
    const auto next = day_of_tests + std::chrono::days(1);
    EXPECT_EQ(count({}, {}), 6);
    EXPECT_EQ(count(day_of_tests, day_of_tests), 3);
    EXPECT_EQ(count(day_of_tests, {}), 5);
    EXPECT_EQ(count({}, day_of_tests), 4);
    EXPECT_EQ(count(next, next), 2);
    EXPECT_EQ(count(next, day_of_tests), 0);
}

TEST_P(CallSummaryContract, ProjectsAndAgentsAreKeptApart) {
    add(1, end_well);
    add(2, [](Call& call) {
        end_well(call);
        call.agent_id = AgentId(12);
    });
    add(3, [](Call& call) {
        end_well(call);
        call.project_id = ProjectId(2);
    });
    add(4, [](Call& call) {
        end_well(call);
        call.agent_id.reset();
    });
    add(5, [](Call& call) { call.agent_id = AgentId(12); });
    EXPECT_EQ(sum({.agent_id = AgentId(11)}), of_good_calls(1));
    EXPECT_EQ(sum({.agent_id = AgentId(12)}).total_calls, 2);
    EXPECT_EQ(sum({.agent_id = AgentId(13)}), ports::CallSummary{});
    EXPECT_EQ(sum({.agent_id = AgentId(0)}), ports::CallSummary{});
    EXPECT_EQ(sum().total_calls, 4);
    EXPECT_EQ(sum({}, {ProjectId(2)}), of_good_calls(1));
    EXPECT_EQ(sum({}, {ProjectId(1), ProjectId(2)}).total_calls, 5);
    EXPECT_EQ(sum({}, {ProjectId(2), ProjectId(2)}), of_good_calls(1));
}

TEST_P(CallSummaryContract, ARestartKeepsTheSums) {
    Call call = add(1, end_well);
    add(2, end_well);
    subject_->reopen();
    EXPECT_EQ(sum(), of_good_calls(2));
    change(call, [](Call& c) { c.costs.total_cost = MicroMoney{0}; });
    EXPECT_EQ(sum().total_cost, MicroMoney{530'900});
}

// Random lives of random calls; after each step the sums are those of the list.
TEST_P(CallSummaryContract, SumsAreThoseOfTheList) {
    std::mt19937_64 random(20261123);
    const auto below = [&random](std::uint64_t n) {
        return static_cast<std::int64_t>(random() % n);
    };
    constexpr CallStatus statuses[] = {CallStatus::ringing, CallStatus::in_progress,
                                       CallStatus::completed, CallStatus::failed,
                                       CallStatus::no_answer};
    constexpr std::optional<Disposition> dispositions[] = {
        std::nullopt, Disposition::answered, Disposition::transferred, Disposition::no_answer};
    const auto shake = [&](Call& call) {
        call.status = statuses[below(5)];
        call.disposition = dispositions[below(4)];
        call.duration_seconds = call.is_final() ? below(500) : 0;
        call.minutes_used = minutes_of(call.duration_seconds);
        call.costs.total_cost = {call.is_final() ? below(1'000) * 100 : 0};
        call.agent_id = AgentId(11 + below(2));
        call.created_at = at((below(4) - 1) * seconds_a_day);
    };
    std::vector<Call> all;
    for (int step = 0; step < 120; ++step) {
        if (all.size() < 12 || below(3) == 0) {
            all.push_back(add(0, shake));
        } else {
            change(all[static_cast<std::size_t>(below(all.size()))], shake);
        }
        ports::SummaryFilter filter;
        filter.from_day = day_of_tests + std::chrono::days(below(3) - 1);
        filter.agent_id = AgentId(11 + below(2));
        if (below(3) == 0) {
            filter.status = statuses[below(5)];
        }
        if (below(3) == 0) {
            filter.disposition = dispositions[below(4)];
        }
        ports::CallSummary expected;
        ports::CallFilter same;
        same.agent_id = filter.agent_id;
        same.status = filter.status;
        same.disposition = filter.disposition;
        same.created_from = UtcTime(*filter.from_day);
        const ports::ProjectScope scope{{ProjectId(1)}};
        const auto listed = run_awaitable(calls().list(scope, same, {}, 1000)).value();
        for (const Call& call : listed.calls) {
            ++expected.total_calls;
            expected.completed_calls += call.status == CallStatus::completed ? 1 : 0;
            expected.failed_calls += call.status == CallStatus::failed ? 1 : 0;
            expected.answered_calls += call.disposition == Disposition::answered ? 1 : 0;
            expected.no_answer_calls += call.disposition == Disposition::no_answer ? 1 : 0;
            expected.total_duration_seconds += call.duration_seconds;
            expected.total_minutes_used.hundredths += call.minutes_used.hundredths;
            expected.total_cost.micros += call.costs.total_cost.micros;
        }
        ASSERT_EQ(sum(filter), expected) << "step " << step;
    }
}

}  // namespace
}  // namespace gw::contract
