// SPDX-License-Identifier: Apache-2.0
// The promises of ports::Outbox, over every implementation.
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

namespace gw::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OutboxContract : public StoreContract {
protected:
    // A call whose one event is owed to each of these endpoints.
    std::vector<DeliveryId> owe(std::int64_t second, const std::vector<std::int64_t>& endpoints) {
        const Call call = plain_call(calls().next_call_id(), second);
        auto first = birth(call);
        const std::string id = "whe_" + std::to_string(call.id.value());
        first.webhooks.push_back(outbound(calls(), id, 1, endpoints));
        std::vector<DeliveryId> ids;
        for (const auto& [delivery, endpoint] : first.webhooks[0].deliveries) {
            ids.push_back(delivery);
        }
        EXPECT_TRUE(commit(first));
        return ids;
    }
    // Of all endpoints, one after the other.
    std::vector<ports::PendingDelivery> due(std::int64_t second) {
        std::vector<ports::PendingDelivery> all;
        for (const auto& owed : run_awaitable(outbox().owed_endpoints({}, 100)).value()) {
            std::ranges::copy(due_for(owed.id, {at(second), {}, 100}), std::back_inserter(all));
        }
        return all;
    }
    std::vector<ports::PendingDelivery> due_for(EndpointId endpoint, ports::DueRange range) {
        return run_awaitable(outbox().due(endpoint, range)).value();
    }
    AttemptId begin(DeliveryId delivery, std::uint32_t number, std::int64_t second,
                    std::chrono::milliseconds more = {}) {
        ports::AttemptStart start{outbox().next_attempt_id(), delivery, number, at(second) + more,
                                  "https://example.com/hook"};
        EXPECT_TRUE(run_awaitable(outbox().begin_attempt(start)));
        return start.id;
    }
    void end(AttemptId attempt, DeliveryId delivery, std::int64_t second,
             std::optional<std::int64_t> next) {
        ports::AttemptEnd over{attempt, delivery, at(second), 503U, false, "HTTP 503", {}};
        if (next) {
            over.next_at = at(*next);
        } else {
            over.status_code = 200U;
            over.success = true;
            over.error.clear();
        }
        EXPECT_TRUE(run_awaitable(outbox().finish_attempt(over)));
    }
    std::vector<ports::AttemptRecord> log(CallId call, const ports::AttemptFilter& filter = {},
                                          std::size_t limit = 500) {
        return run_awaitable(outbox().attempts_of(call, filter, limit)).value();
    }
    static std::vector<std::int64_t> ids(const std::vector<ports::PendingDelivery>& deliveries) {
        std::vector<std::int64_t> out;
        for (const auto& delivery : deliveries) {
            out.push_back(delivery.id.value());
        }
        return out;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, OutboxContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(OutboxContract, ACommitOwesItsDeliveriesFromThatMoment) {
    const auto owed = owe(10, {7, 8});
    EXPECT_THAT(due(9), IsEmpty());
    const auto found = due(10);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].id, owed[0]);
    EXPECT_EQ(found[0].endpoint_id, EndpointId(7));
    EXPECT_EQ(found[1].endpoint_id, EndpointId(8));
    EXPECT_EQ(found[0].call_id, CallId(1));
    EXPECT_EQ(found[0].event_id, WebhookEventId("whe_1"));
    EXPECT_EQ(found[0].attempts, 0U);
    EXPECT_EQ(found[0].next_at, at(10));
    EXPECT_EQ(found[0].created_at, at(10));
    EXPECT_EQ(run_awaitable(outbox().body_of(owed[1])).value(), R"({"id":"whe_1"})");
}

TEST_P(OutboxContract, AnEndpointsDueDeliveriesComeByTimeThenNumberInPages) {
    owe(30, {1, 1, 2});
    owe(10, {1});
    owe(20, {1});
    EXPECT_THAT(ids(due_for(EndpointId(1), {at(100), {}, 100})), ElementsAre(4, 5, 1, 2));
    EXPECT_THAT(ids(due_for(EndpointId(1), {at(20), {}, 100})), ElementsAre(4, 5));
    EXPECT_THAT(ids(due_for(EndpointId(2), {at(100), {}, 100})), ElementsAre(3));
    EXPECT_THAT(ids(due_for(EndpointId(3), {at(100), {}, 100})), IsEmpty());
    std::vector<std::int64_t> all;
    std::optional<ports::DuePlace> after;
    for (int page = 0; page < 10; ++page) {
        for (const auto& delivery : due_for(EndpointId(1), {at(100), after, 1})) {
            all.push_back(delivery.id.value());
            after = ports::DuePlace(delivery.next_at, delivery.id);
        }
    }
    EXPECT_THAT(all, ElementsAre(4, 5, 1, 2));
}

TEST_P(OutboxContract, WhoIsOwedSomethingIsToldByIdWithWhenItBegins) {
    EXPECT_THAT(run_awaitable(outbox().owed_endpoints({}, 10)).value(), IsEmpty());
    owe(30, {9, 7});
    const auto soon = owe(10, {9, 8});
    const auto told = [this](std::optional<EndpointId> after, std::size_t limit) {
        std::vector<std::pair<std::int64_t, UtcTime>> out;
        for (const auto& owed : run_awaitable(outbox().owed_endpoints(after, limit)).value()) {
            out.emplace_back(owed.id.value(), owed.first_at);
        }
        return out;
    };
    using testing::Pair;
    EXPECT_THAT(told({}, 10), ElementsAre(Pair(7, at(30)), Pair(8, at(10)), Pair(9, at(10))));
    EXPECT_THAT(told({}, 2), ElementsAre(Pair(7, at(30)), Pair(8, at(10))));
    EXPECT_THAT(told(EndpointId(8), 2), ElementsAre(Pair(9, at(10))));
    end(begin(soon[0], 1, 11), soon[0], 12, 60);            // put off
    end(begin(soon[1], 1, 11), soon[1], 12, std::nullopt);  // over
    EXPECT_THAT(told({}, 10), ElementsAre(Pair(7, at(30)), Pair(9, at(30))));
}

TEST_P(OutboxContract, AFailedAttemptIsCountedAndPutOff) {
    const auto owed = owe(10, {7});
    const auto attempt = begin(owed[0], 1, 11);
    EXPECT_THAT(log(CallId(1)), IsEmpty());  // it has no result yet
    end(attempt, owed[0], 12, 60);
    EXPECT_THAT(due(59), IsEmpty());
    const auto found = due(60);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].attempts, 1U);
    EXPECT_EQ(found[0].next_at, at(60));
    EXPECT_EQ(found[0].created_at, at(10));
    const auto records = log(CallId(1));
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].id, attempt);
    EXPECT_EQ(records[0].delivery_id, owed[0]);
    EXPECT_EQ(records[0].event, "call.started");
    EXPECT_EQ(records[0].event_id, WebhookEventId("whe_1"));
    EXPECT_EQ(records[0].url, "https://example.com/hook");
    EXPECT_EQ(records[0].number, 1U);
    EXPECT_EQ(records[0].status_code, 503U);
    EXPECT_FALSE(records[0].success);
    EXPECT_EQ(records[0].error, "HTTP 503");
    EXPECT_EQ(records[0].created_at, at(11));
}

TEST_P(OutboxContract, ADeliveryThatIsOverIsOwedNoMoreAndStaysInTheLog) {
    const auto owed = owe(10, {7, 8});
    end(begin(owed[0], 1, 11), owed[0], 12, std::nullopt);
    EXPECT_THAT(ids(due(1000)), ElementsAre(owed[1].value()));
    const auto records = log(CallId(1));
    ASSERT_EQ(records.size(), 1U);
    EXPECT_TRUE(records[0].success);
    EXPECT_FALSE(records[0].error.has_value());
    EXPECT_EQ(records[0].status_code, 200U);

    ports::AttemptStart late{outbox().next_attempt_id(), owed[0], 2, at(13), "https://x"};
    const auto begun = run_awaitable(outbox().begin_attempt(late));
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code(), Errc::not_found);
    const auto body = run_awaitable(outbox().body_of(owed[0]));
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().code(), Errc::not_found);
}

TEST_P(OutboxContract, ADeliveryThatIsGivenUpIsOwedNoMoreAndItsAttemptsStayInTheLog) {
    const auto owed = owe(10, {7, 8});
    end(begin(owed[0], 1, 11), owed[0], 12, 60);
    EXPECT_TRUE(run_awaitable(outbox().give_up(owed[0])));
    EXPECT_TRUE(run_awaitable(outbox().give_up(owed[0])));
    EXPECT_TRUE(run_awaitable(outbox().give_up(DeliveryId(999))));
    EXPECT_THAT(ids(due(1000)), ElementsAre(owed[1].value()));
    EXPECT_EQ(log(CallId(1)).size(), 1U);
    subject_->reopen();
    EXPECT_THAT(ids(due(1000)), ElementsAre(owed[1].value()));
}

TEST_P(OutboxContract, AResultIsWrittenOnceHoweverOftenItIsTold) {
    const auto owed = owe(10, {7});
    const auto attempt = begin(owed[0], 1, 11);
    end(attempt, owed[0], 12, 60);
    end(attempt, owed[0], 13, std::nullopt);  // the same attempt again: nothing changes
    EXPECT_EQ(log(CallId(1))[0].status_code, 503U);
    EXPECT_EQ(due(60).size(), 1U);
    ports::AttemptEnd unknown{AttemptId(99), owed[0], at(1), {}, false, "timeout", {}};
    const auto ended = run_awaitable(outbox().finish_attempt(unknown));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), Errc::not_found);
}

TEST_P(OutboxContract, AnAttemptIsBegunOnceHoweverOftenItIsTold) {
    const auto owed = owe(10, {7});
    const ports::AttemptStart start{outbox().next_attempt_id(), owed[0], 1, at(11),
                                    "https://example.com/hook"};
    ASSERT_TRUE(run_awaitable(outbox().begin_attempt(start)));
    EXPECT_TRUE(run_awaitable(outbox().begin_attempt(start)));
    EXPECT_EQ(due(10)[0].attempts, 1U);
    end(start.id, owed[0], 12, 60);
    EXPECT_TRUE(run_awaitable(outbox().begin_attempt(start)));  // late: the result stands
    EXPECT_EQ(run_awaitable(outbox().close_interrupted(at(500))).value(), 0U);
    const auto records = log(CallId(1));
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].error, "HTTP 503");
    EXPECT_THAT(due(59), IsEmpty());
}

// The second of a call's events came while the first was being sent.
TEST_P(OutboxContract, AnInterruptedDeliveryComesBeforeLaterEventsOfItsCall) {
    const auto earlier = owe(10, {7});
    const auto later = owe(20, {7});
    begin(earlier[0], 1, 11);
    subject_->reopen();
    EXPECT_EQ(run_awaitable(outbox().close_interrupted(at(500))).value(), 1U);
    EXPECT_THAT(ids(due(500)), ElementsAre(earlier[0].value(), later[0].value()));
}

// A foreign id is a bound like any other.
TEST_P(OutboxContract, TheLogContinuesAfterAnIdOfAnotherCall) {
    const auto mine = owe(10, {7});
    const auto others = owe(10, {7});
    const auto first = begin(mine[0], 1, 11);
    const auto foreign = begin(others[0], 1, 12);
    const auto last = begin(mine[0], 2, 13);
    end(first, mine[0], 14, 60);
    end(last, mine[0], 15, 61);
    ports::AttemptFilter filter;
    filter.after_id = foreign;
    const auto records = log(CallId(1), filter);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].id, last);
}

TEST_P(OutboxContract, AttemptsThatARestartInterruptedAreClosedAndDueAtTheirOldPlace) {
    const auto owed = owe(10, {7, 8, 9});
    end(begin(owed[0], 1, 11), owed[0], 12, 600);
    const auto open = begin(owed[1], 1, 11);
    subject_->reopen();
    EXPECT_EQ(run_awaitable(outbox().close_interrupted(at(500))).value(), 1U);
    EXPECT_EQ(run_awaitable(outbox().close_interrupted(at(501))).value(), 0U);
    EXPECT_THAT(ids(due(500)), ElementsAre(owed[1].value(), owed[2].value()));
    EXPECT_EQ(due(500)[0].next_at, at(10));
    EXPECT_EQ(due(500)[0].attempts, 1U);
    const auto records = log(CallId(1));
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].id, open);
    EXPECT_EQ(records[1].error, "outcome unknown: gateway restarted");
    EXPECT_FALSE(records[1].success);
    EXPECT_FALSE(records[1].status_code.has_value());
}

TEST_P(OutboxContract, TheLogIsInOrderFilteredAndBounded) {
    const auto owed = owe(10, {7, 8});
    owe(10, {7});                              // another call
    const auto third = begin(owed[0], 2, 20);  // same second, higher number
    const auto second = begin(owed[1], 1, 20, std::chrono::milliseconds(900));
    const auto first = begin(owed[0], 1, 15);  // begun last, earliest time
    end(second, owed[1], 21, std::nullopt);
    end(third, owed[0], 22, 90);
    end(first, owed[0], 23, 91);
    const auto numbers = [](const std::vector<ports::AttemptRecord>& records) {
        std::vector<std::int64_t> out;
        for (const auto& record : records) {
            out.push_back(record.id.value());
        }
        return out;
    };
    EXPECT_THAT(numbers(log(CallId(1))), ElementsAre(first.value(), second.value(), third.value()));
    EXPECT_THAT(numbers(log(CallId(1), {}, 2)), ElementsAre(first.value(), second.value()));
    ports::AttemptFilter filter;
    filter.success = false;
    EXPECT_THAT(numbers(log(CallId(1), filter)), ElementsAre(first.value(), third.value()));
    filter.success = true;
    EXPECT_THAT(numbers(log(CallId(1), filter)), ElementsAre(second.value()));
    filter = {};
    filter.after_id = third;
    EXPECT_THAT(numbers(log(CallId(1), filter)), ElementsAre(first.value(), second.value()));
    filter.after_id = second;
    EXPECT_THAT(numbers(log(CallId(1), filter)), ElementsAre(first.value()));
    filter.after_id = AttemptId(0);
    EXPECT_EQ(log(CallId(1), filter).size(), 3U);
    filter.after_id = AttemptId(9999);
    EXPECT_THAT(log(CallId(1), filter), IsEmpty());
    filter = {};
    filter.event = "call.ended";
    EXPECT_THAT(log(CallId(1), filter), IsEmpty());
    filter.event = "call.started";
    EXPECT_EQ(log(CallId(1), filter).size(), 3U);
    EXPECT_THAT(log(CallId(2)), IsEmpty());
}

}  // namespace
}  // namespace gw::contract
