// SPDX-License-Identifier: Apache-2.0
// The promises of ports::CallStore::list, over every implementation.
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

#include <random>
#include <tuple>

namespace gw::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CallListContract : public StoreContract {
protected:
    CallId add(std::int64_t second, const std::function<void(Call&)>& change = {}) {
        Call call = plain_call(calls().next_call_id(), second);
        if (change) {
            change(call);
        }
        EXPECT_TRUE(commit(birth(call)));
        return call.id;
    }
    ports::CallPage page(const ports::CallFilter& filter, std::size_t limit,
                         std::optional<ports::CallCursor> after = std::nullopt,
                         std::vector<ProjectId> projects = {ProjectId(1)}) {
        ports::ProjectScope scope{std::move(projects)};
        return run_awaitable(calls().list(scope, filter, after, limit)).value();
    }
    std::vector<std::int64_t> ids(const ports::CallPage& page) {
        std::vector<std::int64_t> out;
        for (const auto& call : page.calls) {
            out.push_back(call.id.value());
        }
        return out;
    }
    // All pages, one after the other.
    std::vector<std::int64_t> walk(const ports::CallFilter& filter, std::size_t limit,
                                   const std::vector<ProjectId>& projects = {ProjectId(1)}) {
        std::vector<std::int64_t> all;
        std::optional<ports::CallCursor> after;
        do {
            const auto part = page(filter, limit, after, projects);
            EXPECT_LE(part.calls.size(), limit);
            for (const auto id : ids(part)) {
                all.push_back(id);
            }
            after = part.next;
        } while (after && all.size() < 1000);
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, CallListContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(CallListContract, NewestFirstAndTiesByNumber) {
    add(10);
    add(30);
    add(20);
    add(20);
    add(20);
    EXPECT_THAT(ids(page({}, 10)), ElementsAre(2, 5, 4, 3, 1));
    for (const std::size_t limit : {1U, 2U, 3U, 4U, 5U}) {
        EXPECT_THAT(walk({}, limit), ElementsAre(2, 5, 4, 3, 1)) << limit;
    }
}

TEST_P(CallListContract, TheLastPageHasNoCursor) {
    add(1);
    add(2);
    EXPECT_FALSE(page({}, 2).next.has_value());
    EXPECT_FALSE(page({}, 3).next.has_value());
    const auto first = page({}, 1);
    ASSERT_TRUE(first.next.has_value());
    EXPECT_EQ(first.next->id, CallId(2));
    EXPECT_EQ(first.next->created_at, at(2));
}

TEST_P(CallListContract, CallsThatComeMeanwhileDoNotShiftAPage) {
    for (std::int64_t second = 1; second <= 4; ++second) {
        add(second);
    }
    const auto first = page({}, 2);
    EXPECT_THAT(ids(first), ElementsAre(4, 3));
    add(100);
    add(3);  // as old as the cursor's call, and with a higher number: before it
    EXPECT_THAT(ids(page({}, 2, first.next)), ElementsAre(2, 1));
}

// A reader walks on while calls come, end and are corrected: of those that were there when it
// began and match all the while, each is seen once, and in order.
TEST_P(CallListContract, AWalkIsWholeAndWithoutRepetitionWhileCallsAreAdded) {
    std::mt19937_64 random(20261124);
    const auto below = [&random](std::uint64_t n) {
        return static_cast<std::int64_t>(random() % n);
    };
    const auto shape = [&below](Call& call) {
        constexpr std::pair<CallStatus, Disposition> ends[] = {
            {CallStatus::completed, Disposition::answered},
            {CallStatus::completed, Disposition::voicemail},
            {CallStatus::in_progress, Disposition::answered},
            {CallStatus::failed, Disposition::failed}};
        std::tie(call.status, call.disposition) = ends[below(4)];
        call.agent_id = AgentId(11 + below(2));
        call.project_id = ProjectId(1 + below(2));
    };
    for (int i = 0; i < 60; ++i) {
        add(below(20), shape);  // many share an instant
    }
    std::vector<ports::CallFilter> filters(6);
    filters[1].status = CallStatus::completed;
    filters[2].disposition = Disposition::answered;
    filters[3].agent_id = AgentId(11);
    filters[4].agent_id = AgentId(12);
    filters[4].disposition = Disposition::answered;
    filters[5].status = CallStatus::completed;
    filters[5].disposition = Disposition::voicemail;
    filters[5].created_from = at(3);
    filters[5].created_before = at(17);
    const std::vector<ProjectId> both = {ProjectId(1), ProjectId(2)};
    for (const auto& filter : filters) {
        const auto there = ids(page(filter, 1000, {}, both));
        std::vector<std::int64_t> seen;
        std::optional<ports::CallCursor> after;
        do {
            const auto part = page(filter, static_cast<std::size_t>(1 + below(7)), after, both);
            for (const auto id : ids(part)) {
                if (std::ranges::find(there, id) != there.end()) {
                    seen.push_back(id);
                }
            }
            after = part.next;
            add(below(20), shape);
        } while (after);
        EXPECT_EQ(seen, there);
    }
}

TEST_P(CallListContract, EveryPairOfFiltersFindsWhatItNames) {
    constexpr CallStatus statuses[] = {
        CallStatus::ringing, CallStatus::in_progress, CallStatus::completed, CallStatus::failed,
        CallStatus::busy,    CallStatus::no_answer,   CallStatus::canceled,  CallStatus::rejected};
    constexpr std::optional<Disposition> dispositions[] = {
        std::nullopt,      Disposition::answered, Disposition::no_answer, Disposition::transferred,
        Disposition::busy, Disposition::failed,   Disposition::voicemail, Disposition::rejected};
    for (const auto status : statuses) {
        for (const auto disposition : dispositions) {
            add(5, [&](Call& call) {
                call.status = status;
                call.disposition = disposition;
            });
        }
    }
    for (const bool of_agent : {false, true}) {
        ports::CallFilter filter;
        filter.agent_id = of_agent ? std::optional(AgentId(11)) : std::nullopt;
        for (const auto status : statuses) {
            filter.status = status;
            filter.disposition.reset();
            EXPECT_EQ(walk(filter, 3).size(), 8U);
            for (const auto disposition : dispositions) {
                filter.status = status;
                filter.disposition = disposition;
                if (disposition) {
                    EXPECT_EQ(walk(filter, 3).size(), 1U);
                    filter.status.reset();
                    EXPECT_EQ(walk(filter, 3).size(), 8U);
                }
            }
        }
    }
}

TEST_P(CallListContract, AProjectSeesNothingOfOthers) {
    add(1);
    add(2, [](Call& call) { call.project_id = ProjectId(2); });
    add(3, [](Call& call) { call.project_id.reset(); });
    add(4, [](Call& call) { call.project_id = ProjectId(3); });
    EXPECT_THAT(ids(page({}, 10)), ElementsAre(1));
    EXPECT_THAT(ids(page({}, 10, {}, {ProjectId(2)})), ElementsAre(2));
    EXPECT_THAT(ids(page({}, 10, {}, {ProjectId(9)})), IsEmpty());
    EXPECT_THAT(ids(page({}, 10, {}, {})), IsEmpty());
    ports::CallFilter agent;
    agent.agent_id = AgentId(11);
    EXPECT_THAT(ids(page(agent, 10, {}, {ProjectId(2)})), ElementsAre(2));
}

TEST_P(CallListContract, SeveralProjectsMakeOneList) {
    for (std::int64_t second = 1; second <= 9; ++second) {
        add(second, [second](Call& call) { call.project_id = ProjectId(1 + second % 3); });
    }
    const std::vector<ProjectId> two = {ProjectId(1), ProjectId(2)};
    EXPECT_THAT(walk({}, 2, two), ElementsAre(9, 7, 6, 4, 3, 1));
    EXPECT_THAT(walk({}, 10, {ProjectId(1), ProjectId(1)}), ElementsAre(9, 6, 3));
}

TEST_P(CallListContract, FiltersHoldTogether) {
    const auto ended = [](Disposition disposition) {
        return [disposition](Call& call) {
            call.status = CallStatus::completed;
            call.disposition = disposition;
        };
    };
    add(1);
    add(2, ended(Disposition::answered));
    add(3, ended(Disposition::voicemail));
    add(4, [](Call& call) { call.status = CallStatus::in_progress; });
    add(5, [](Call& call) { call.agent_id = AgentId(12); });
    add(6, [](Call& call) { call.agent_id.reset(); });

    ports::CallFilter filter;
    filter.status = CallStatus::ringing;
    EXPECT_THAT(walk(filter, 2), ElementsAre(6, 5, 1));
    filter.agent_id = AgentId(11);
    EXPECT_THAT(walk(filter, 2), ElementsAre(1));
    filter = {};
    filter.status = CallStatus::completed;
    EXPECT_THAT(walk(filter, 1), ElementsAre(3, 2));
    filter.disposition = Disposition::answered;
    EXPECT_THAT(walk(filter, 1), ElementsAre(2));
    filter = {};
    filter.disposition = Disposition::voicemail;
    EXPECT_THAT(walk(filter, 1), ElementsAre(3));
    filter = {};
    filter.agent_id = AgentId(11);
    EXPECT_THAT(walk(filter, 3), ElementsAre(4, 3, 2, 1));
}

TEST_P(CallListContract, FromIsInclusiveAndBeforeIsNot) {
    for (std::int64_t second = 1; second <= 5; ++second) {
        add(second);
    }
    ports::CallFilter filter;
    filter.created_from = at(2);
    filter.created_before = at(4);
    EXPECT_THAT(walk(filter, 1), ElementsAre(3, 2));
    filter.created_before.reset();
    EXPECT_THAT(walk(filter, 2), ElementsAre(5, 4, 3, 2));
    filter = {};
    filter.created_before = at(1);
    EXPECT_THAT(walk(filter, 2), IsEmpty());
}

TEST_P(CallListContract, AListShowsCallsAsTheyAreNow) {
    const CallId id = add(1);
    Call changed = plain_call(id, 50);  // even its creation may be corrected
    changed.agent_id = AgentId(12);
    changed.status = CallStatus::failed;
    ASSERT_TRUE(commit(next_commit(changed)));
    add(20);
    ports::CallFilter filter;
    filter.agent_id = AgentId(12);
    EXPECT_THAT(ids(page(filter, 10)), ElementsAre(1));
    EXPECT_THAT(ids(page({}, 10)), ElementsAre(1, 2));
    filter = {};
    filter.status = CallStatus::ringing;
    EXPECT_THAT(ids(page(filter, 10)), ElementsAre(2));
}

}  // namespace
}  // namespace gw::contract
