// Attempts that failed: when the next one is made, and what is kept until then.
#include "tests/unit/gateway/app/deliveries.hpp"

namespace gw::app::testing {
namespace {

using Retries = Deliveries;

TEST_F(Retries, AreKeptByTheOutboxAloneUntilTheyAreNear) {
    sender.customers[url(1)] = Customer::refuses;
    start();
    for (int i = 0; i < 200; ++i) {
        commit_and_hand_over(i, 1);
        clock.advance(milliseconds{1});
    }
    clock.advance(milliseconds{100});
    EXPECT_EQ(sent_to(1).size(), 200U);
    EXPECT_EQ(dispatcher->retries_noted(), 0U);
    clock.advance(seconds{31});
    EXPECT_EQ(sent_to(1).size(), 400U);
}

TEST_F(Retries, AreMadeOnTimeAllTheSame) {
    options.retry_schedule = {seconds{30}, seconds{1}};
    sender.customers[url(1)] = Customer::refuses;
    start();
    clock.advance(milliseconds{300});
    commit_and_hand_over(1, 1);
    clock.advance(seconds{40});
    ASSERT_EQ(sender.sent.size(), 3U);
    const auto first = sender.sent[1].at - sender.sent[0].at;
    const auto second = sender.sent[2].at - sender.sent[1].at;
    EXPECT_GE(first, seconds{30});
    EXPECT_LE(first, milliseconds{30'010});
    EXPECT_GE(second, seconds{1});
    EXPECT_LE(second, milliseconds{1'010});
}

TEST_F(Retries, ThatHangHoldUpNoFreshEventOfTheirCallAlsoAfterADoubt) {
    sender.customers[url(1)] = Customer::refuses;
    start();
    commit_and_hand_over(1, 1);
    clock.advance(seconds{29});
    sender.hanging.insert("whe_1");
    dispatcher->doubt();
    clock.advance(seconds{2});
    commit_and_hand_over(1, 1);
    clock.advance(seconds{2});
    EXPECT_EQ(sent_to(1), (std::vector<std::string>{"whe_1", "whe_1", "whe_2"}));
}

TEST_F(Retries, OfAnInterruptedAttemptComeBeforeTheLaterEventsOfTheirCall) {
    sender.customers[url(1)] = Customer::hangs;
    start();
    commit_and_hand_over(1, 1);
    commit_and_hand_over(1, 1);
    EXPECT_EQ(sent_to(1), (std::vector<std::string>{"whe_1"}));
    sender.customers[url(1)] = Customer::accepts;
    restart();
    commit_and_hand_over(1, 1);
    clock.advance(seconds{1});
    EXPECT_EQ(sent_to(1), (std::vector<std::string>{"whe_1", "whe_1", "whe_2", "whe_3"}));
}

TEST_F(Retries, EndWhenTheNextOneWouldComeTooLate) {
    options.expire_after = seconds{100};
    sender.customers[url(1)] = Customer::refuses;
    start();
    commit_and_hand_over(1, 1);
    clock.advance(seconds{95});
    EXPECT_EQ(sent_to(1).size(), 4U);  // at 0, 30, 60 and 90 s; the next would be at 120 s
    EXPECT_TRUE(nothing_is_owed());
    EXPECT_EQ(lines("webhook_given_up"), 1U);
}

TEST_F(Retries, ThatAnOutageMadeTooOldAreNotMade) {
    options.expire_after = seconds{100};
    sender.customers[url(1)] = Customer::refuses;
    start();
    commit_and_hand_over(1, 1);
    stop();
    commit(2, 1);  // never attempted
    clock.advance(seconds{101});
    commit(3, 1);
    store.fail_write(1, fakes::WriteFault::unavailable);
    sender.sent.clear();
    start();
    clock.advance(seconds{2});
    EXPECT_EQ(sent_to(1), (std::vector<std::string>{"whe_3"}));
    EXPECT_EQ(lines("webhook_given_up"), 2U);
    EXPECT_EQ(wait(store.attempts_of(CallId(1), {}, 10)).value().size(), 1U);
}

TEST_F(Retries, ToAnEndpointThatIsNoMoreEndAtTheStart) {
    sender.customers[url(3)] = Customer::refuses;
    start();
    commit_and_hand_over(1, 3);
    commit_and_hand_over(2, 1);
    clock.advance(milliseconds{10});
    stop();
    commit(3, 3);
    directory = Directory(endpoints(2));
    sender.sent.clear();
    start();
    clock.advance(milliseconds{100});
    EXPECT_TRUE(nothing_is_owed());
    EXPECT_TRUE(sender.sent.empty());
    EXPECT_EQ(lines("webhook_given_up"), 2U);
    EXPECT_EQ(wait(store.attempts_of(CallId(1), {}, 10)).value().size(), 1U) << "the log stays";
    EXPECT_TRUE(wait(store.attempts_of(CallId(3), {}, 10)).value().empty());
}

TEST_F(Retries, OfAFormerProcessWaitForAStoreThatIsFullAtTheStart) {
    sender.customers[url(1)] = Customer::hangs;
    start();
    commit_and_hand_over(1, 1);
    stop();
    sender.customers[url(1)] = Customer::accepts;
    store.reopen();
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
        store.fail_write(nth, nth == 2 ? fakes::WriteFault::unavailable : fakes::WriteFault::full);
    }
    start();
    EXPECT_EQ(lines("webhook_start_delayed"), 1U);
    EXPECT_EQ(sent_to(1).size(), 1U);
    clock.advance(seconds{3});
    EXPECT_EQ(lines("webhook_attempts_interrupted"), 1U);
    commit_and_hand_over(1, 1);
    clock.advance(seconds{1});
    EXPECT_EQ(sent_to(1), (std::vector<std::string>{"whe_1", "whe_1", "whe_2"}));
}

TEST_F(Retries, ComeAlsoAfterATaskThatThrew) {
    start();
    sender.throws = 1;
    commit_and_hand_over(1, 1);
    EXPECT_EQ(lines("webhook_task_failed"), 1U);
    EXPECT_EQ(dispatcher->queued(), 0U);
    EXPECT_EQ(dispatcher->in_flight(), 0U);
    commit_and_hand_over(1, 1);
    clock.advance(seconds{2});
    EXPECT_TRUE(nothing_is_owed()) << "the first one again, and the line of its call goes on";
    EXPECT_EQ(sent_to(1).size(), 3U);
}

TEST_F(Retries, ComeAlsoAfterAReadingThatThrew) {
    sender.customers[url(1)] = Customer::refuses;
    start();
    commit_and_hand_over(1, 1);
    outbox.due_throws = 2;
    clock.advance(seconds{33});
    EXPECT_EQ(sent_to(1).size(), 2U);
    EXPECT_EQ(lines("webhook_task_failed"), 2U);
}

// An error of the outbox that stays is told once; the delivery is tried again after ten minutes.
class BrokenOutbox : public Deliveries {
protected:
    void expect_aside(std::optional<Error>& error, std::size_t requests) {
        error = Error(Errc::internal, "a broken row");
        start();
        dispatcher->doubt();  // so that it is read, and its body too
        commit_and_hand_over(1, 1);
        clock.advance(seconds{30});
        EXPECT_EQ(outbox.refused, 1U);
        EXPECT_EQ(lines("webhook_put_aside"), 1U);
        EXPECT_EQ(dispatcher->queued(), 0U);
        EXPECT_EQ(sender.sent.size(), requests);
        clock.advance(std::chrono::minutes{10});
        EXPECT_EQ(outbox.refused, 2U);
        EXPECT_EQ(lines("webhook_put_aside"), 1U);
        error.reset();
        clock.advance(std::chrono::minutes{11});
        EXPECT_TRUE(nothing_is_owed());
    }
};

TEST_F(BrokenOutbox, ThatGivesNoBodyIsAskedLater) {
    expect_aside(outbox.body_error, 0);
}
TEST_F(BrokenOutbox, ThatTakesNoAttemptIsAskedLater) {
    expect_aside(outbox.begin_error, 0);
}
TEST_F(BrokenOutbox, ThatTakesNoResultLeadsToNoRequestEachSecond) {
    expect_aside(outbox.finish_error, 1);
}

}  // namespace
}  // namespace gw::app::testing
