// SPDX-License-Identifier: Apache-2.0
// One key at a time: repetitions that come meanwhile, after failures, after crashes.
#include "gateway/http/once_only.hpp"

#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/memory_access.hpp"
#include "tests/fakes/run_awaitable.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace gw::http {
namespace {

namespace asio = boost::asio;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class OnceOnlyTest : public ::testing::Test {
protected:
    struct Asked {
        std::optional<OnceOnly::Outcome> outcome;
        std::exception_ptr thrown;
        asio::cancellation_signal cancel;

        [[nodiscard]] unsigned status() const {
            if (!outcome) {
                return 0;
            }
            const auto* problem = std::get_if<Problem>(&*outcome);
            return problem ? row_of(problem->code).status
                           : std::get<net::HttpResponse>(*outcome).status;
        }
        [[nodiscard]] std::string body() const {
            return std::get<net::HttpResponse>(outcome.value()).body;
        }
        [[nodiscard]] bool replayed() const {
            return std::get<net::HttpResponse>(outcome.value())
                       .headers.count("Idempotency-Replayed") == 1;
        }
    };

    asio::awaitable<net::HttpResponse> work(unsigned status) {
        ++runs;
        asio::steady_timer& gate = gate_;
        (void)co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
        net::HttpResponse response;
        response.status = status;
        response.body = "run " + std::to_string(runs);
        response.headers.add("Content-Type", "application/json");
        co_return response;
    }
    static OnceKey key(std::uint8_t id, std::uint8_t content = 1) {
        OnceKey out;
        out.id.fill(id);
        out.content.fill(content);
        return out;
    }
    std::shared_ptr<Asked> ask(const OnceKey& of, unsigned status = 200, bool repeatable = false) {
        auto asked = std::make_shared<Asked>();
        OnceOnly::Work doing = [this, status] { return work(status); };
        asio::co_spawn(
            io, once.run(of, repeatable, std::move(doing)),
            asio::bind_cancellation_slot(
                asked->cancel.slot(), [asked](std::exception_ptr error, OnceOnly::Outcome outcome) {
                    asked->thrown = error;
                    if (!error) {
                        asked->outcome = std::move(outcome);
                    }
                }));
        clock.settle();
        return asked;
    }
    // The work under way ends.
    void open_gate() {
        gate_.cancel();
        clock.settle();
    }
    unsigned do_now(const OnceKey& of, unsigned status = 200, bool repeatable = false) {
        const auto asked = ask(of, status, repeatable);
        open_gate();
        return asked->status();
    }

    asio::io_context io;
    fakes::ManualClock clock{io};
    fakes::MemoryIdempotency store;
    testing::RecordingLog log;
    OnceOnly once{io.get_executor(), {.store = store, .clock = clock, .log = log}};
    asio::steady_timer gate_{io, asio::steady_timer::time_point::max()};
    int runs = 0;
};

TEST_F(OnceOnlyTest, ARepetitionMeanwhileWaitsForTheAnswer) {
    const auto first = ask(key(1));
    const auto second = ask(key(1));
    const auto third = ask(key(1));
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(second->status(), 0U);
    open_gate();
    EXPECT_EQ(first->body(), "run 1");
    EXPECT_FALSE(first->replayed());
    for (const auto& other : {second, third}) {
        EXPECT_EQ(other->body(), "run 1");
        EXPECT_TRUE(other->replayed());
    }
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(once.in_flight(), 0U);
}

TEST_F(OnceOnlyTest, OtherKeysDoNotWait) {
    const auto first = ask(key(1));
    const auto second = ask(key(2));
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(once.in_flight(), 2U);
    open_gate();
    EXPECT_EQ(first->status(), 200U);
    EXPECT_EQ(second->status(), 200U);
}

TEST_F(OnceOnlyTest, AnotherBodyIsRefusedAtOnceAndLater) {
    const auto first = ask(key(1, 1));
    EXPECT_EQ(ask(key(1, 2))->status(), 400U);
    open_gate();
    EXPECT_EQ(ask(key(1, 2))->status(), 400U);
    EXPECT_EQ(first->status(), 200U);
    EXPECT_EQ(runs, 1);
}

TEST_F(OnceOnlyTest, ARefusalForNowIsNotKeptAndTheNextDoesTheWork) {
    const auto first = ask(key(1), 503);
    const auto second = ask(key(1), 201);
    open_gate();
    EXPECT_EQ(first->status(), 503U);
    EXPECT_EQ(second->status(), 0U);
    EXPECT_EQ(runs, 2);
    open_gate();
    EXPECT_EQ(second->status(), 201U);
    EXPECT_FALSE(second->replayed());
    EXPECT_EQ(do_now(key(1), 500), 201U);
    EXPECT_EQ(runs, 2);
}

TEST_F(OnceOnlyTest, AFailureOfWhichNobodyKnowsWhatWasDoneIsKept) {
    EXPECT_EQ(do_now(key(1), 502), 502U);
    EXPECT_EQ(do_now(key(1), 200), 502U);
    EXPECT_EQ(do_now(key(2), 500), 500U);
    EXPECT_EQ(do_now(key(2), 200), 500U);
    EXPECT_EQ(runs, 2);
}

TEST_F(OnceOnlyTest, ACorrectedRequestIsTheFirst) {
    EXPECT_EQ(do_now(key(1, 1), 400), 400U);
    EXPECT_EQ(do_now(key(1, 2), 201), 201U);
}

TEST_F(OnceOnlyTest, RefusalsAreKeptButForTheTemporary) {
    EXPECT_EQ(do_now(key(1), 429), 429U);
    EXPECT_EQ(do_now(key(1), 409), 409U);
    const auto again = ask(key(1));
    EXPECT_EQ(again->status(), 409U);
    EXPECT_TRUE(again->replayed());
    EXPECT_EQ(runs, 2);
}

TEST_F(OnceOnlyTest, NobodyWaitsForEver) {
    const auto first = ask(key(1));
    const auto second = ask(key(1));
    clock.advance(seconds(59));
    EXPECT_EQ(second->status(), 0U);
    clock.advance(seconds(1));
    EXPECT_EQ(second->status(), 503U);
    EXPECT_EQ(std::get<Problem>(*second->outcome).retry_after, seconds(5));
    open_gate();
    EXPECT_EQ(first->status(), 200U);
    EXPECT_EQ(runs, 1);
}

TEST_F(OnceOnlyTest, WhatAFormerProcessBeganIsNotDoneAgainUnlessItMayBe) {
    for (const std::uint8_t id : {std::uint8_t{1}, std::uint8_t{2}}) {
        ports::OnceRequest former{.id = key(id).id, .content = key(id).content, .at = clock.utc()};
        ASSERT_TRUE(fakes::run_awaitable(store.begin_once(std::move(former), clock.utc())));
    }
    const auto refused = ask(key(1));
    ASSERT_EQ(refused->status(), 409U);
    EXPECT_EQ(std::get<Problem>(*refused->outcome).code, ProblemCode::idempotency_outcome_unknown);
    EXPECT_EQ(runs, 0);
    EXPECT_EQ(do_now(key(2), 200, true), 200U);
    EXPECT_EQ(runs, 1);
    EXPECT_TRUE(ask(key(2))->replayed());
}

TEST_F(OnceOnlyTest, AnAnswerThatCannotBeKeptIsGivenAndTheWorkIsNotRepeated) {
    const auto first = ask(key(1));
    store.is_away = true;
    open_gate();
    EXPECT_EQ(first->status(), 200U);
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_NE(log.lines[0].find("idempotency_answer_not_kept"), std::string::npos);
    store.is_away = false;
    EXPECT_EQ(ask(key(1))->status(), 409U);
    EXPECT_EQ(runs, 1);
}

TEST_F(OnceOnlyTest, AfterADayTheKeyIsNew) {
    EXPECT_EQ(do_now(key(1)), 200U);
    clock.advance(hours(24));
    EXPECT_TRUE(ask(key(1))->replayed());
    clock.advance(seconds(1));
    EXPECT_EQ(do_now(key(1, 7)), 200U);
    EXPECT_EQ(runs, 2);
}

TEST_F(OnceOnlyTest, OldRecordsAreSwept) {
    std::optional<bool> over;
    asio::cancellation_signal stop;
    asio::co_spawn(io, once.sweep(),
                   asio::bind_cancellation_slot(
                       stop.slot(), [&](std::exception_ptr error) { over = error == nullptr; }));
    for (int i = 0; i < 1200; ++i) {
        ports::OnceRequest request{.at = clock.utc()};
        request.id[0] = static_cast<std::uint8_t>(i & 0xFF);
        request.id[1] = static_cast<std::uint8_t>(i >> 8);
        ASSERT_TRUE(fakes::run_awaitable(store.begin_once(std::move(request), clock.utc())));
    }
    clock.advance(hours(24) - minutes(5));
    EXPECT_EQ(store.size(), 1200U);
    clock.advance(minutes(20));
    EXPECT_EQ(store.size(), 0U);
    stop.emit(asio::cancellation_type::terminal);
    clock.settle();
    EXPECT_TRUE(over.has_value());
}

TEST_F(OnceOnlyTest, ARequestThatIsCutOffLeavesItsTurn) {
    const auto first = ask(key(1));
    first->cancel.emit(asio::cancellation_type::terminal);
    clock.settle();
    EXPECT_EQ(once.in_flight(), 0U);
    EXPECT_EQ(first->status(), 0U);
    // Nobody knows what became of it.
    EXPECT_EQ(ask(key(1))->status(), 409U);
}

}  // namespace
}  // namespace gw::http
