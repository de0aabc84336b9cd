#pragma once
// SPDX-License-Identifier: Apache-2.0
// The dispatcher over a store in memory and customers that do as they are told: accept, refuse or
// leave a request hanging.
#include "gateway/app/webhook_dispatcher.hpp"
#include "tests/fakes/event_log.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/memory_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>

namespace gw::app::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Customer : std::uint8_t { accepts, refuses, hangs };

struct Sent {
    std::string url;
    std::string event_id;
    UtcTime at;
};

class ToldSender final : public ports::WebhookSender {
public:
    explicit ToldSender(ports::Clock& clock) : clock_(clock) {}
    std::map<std::string, Customer> customers;  // by URL
    std::set<std::string> hanging;              // these events hang wherever they go
    std::vector<Sent> sent;
    int throws = 0;  // so many attempts from now

    boost::asio::awaitable<ports::AttemptOutcome> attempt(ports::WebhookAttempt request) override {
        sent.push_back({request.url, request.event_id.value(), clock_.utc()});
        if (throws > 0) {
            --throws;
            throw std::bad_alloc();
        }
        Customer customer = customers[request.url];
        if (hanging.contains(request.event_id.value())) {
            customer = Customer::hangs;
        }
        co_await clock_.sleep_for(customer == Customer::hangs ? milliseconds(hours(24))
                                                              : milliseconds(1));
        ports::AttemptOutcome outcome;
        outcome.success = customer == Customer::accepts;
        outcome.status_code = outcome.success ? 200U : 503U;
        outcome.error = outcome.success ? "" : "HTTP 503";
        co_return outcome;
    }

private:
    ports::Clock& clock_;
};

// The store's outbox; counts what is read of it and fails as told.
class WatchedOutbox final : public ports::Outbox {
public:
    explicit WatchedOutbox(fakes::MemoryStore& store) : store_(store) {}
    std::size_t rows_read = 0;
    std::size_t refused = 0;  // by one of these errors
    std::optional<Error> body_error;
    std::optional<Error> begin_error;
    std::optional<Error> finish_error;
    int due_throws = 0;  // so many readings from now

    AttemptId next_attempt_id() override { return store_.next_attempt_id(); }
    boost::asio::awaitable<Result<std::vector<ports::OwedEndpoint>>> owed_endpoints(
        std::optional<EndpointId> after, std::size_t limit) override {
        return store_.owed_endpoints(after, limit);
    }
    boost::asio::awaitable<Result<std::vector<ports::PendingDelivery>>> due(
        EndpointId endpoint, ports::DueRange range) override {
        if (due_throws > 0) {
            --due_throws;
            throw std::bad_alloc();
        }
        auto page = co_await store_.due(endpoint, range);
        rows_read += page ? page->size() : 0;
        co_return page;
    }
    boost::asio::awaitable<Result<std::string>> body_of(DeliveryId id) override {
        if (body_error) {
            ++refused;
            co_return *body_error;
        }
        co_return co_await store_.body_of(id);
    }
    boost::asio::awaitable<Result<void>> begin_attempt(ports::AttemptStart start) override {
        if (begin_error) {
            ++refused;
            co_return *begin_error;
        }
        co_return co_await store_.begin_attempt(std::move(start));
    }
    boost::asio::awaitable<Result<void>> finish_attempt(ports::AttemptEnd end) override {
        if (finish_error) {
            ++refused;
            co_return *finish_error;
        }
        co_return co_await store_.finish_attempt(std::move(end));
    }
    boost::asio::awaitable<Result<void>> give_up(DeliveryId id) override {
        return store_.give_up(id);
    }
    boost::asio::awaitable<Result<std::size_t>> close_interrupted(UtcTime now) override {
        return store_.close_interrupted(now);
    }
    boost::asio::awaitable<Result<std::vector<ports::AttemptRecord>>> attempts_of(
        CallId id, ports::AttemptFilter filter, std::size_t limit) override {
        return store_.attempts_of(id, std::move(filter), limit);
    }

private:
    fakes::MemoryStore& store_;
};

class NoChance final : public ports::Random {
public:
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, 0); }
};

class Deliveries : public ::testing::Test {
protected:
    Deliveries() {
        options.retry_schedule.assign(9, seconds{30});
        options.jitter = 0;
    }
    ~Deliveries() override { stop(); }

    static std::string url(std::int64_t endpoint) {
        return "https://customer.example/" + std::to_string(endpoint);
    }
    // Endpoints 1 … count, each an organisation's.
    static ports::DirectoryContent endpoints(std::int64_t count) {
        ports::DirectoryContent content;
        for (std::int64_t id = 1; id <= count; ++id) {
            ports::Endpoint endpoint;
            endpoint.id = EndpointId(id);
            endpoint.org_id = OrgId(1);
            endpoint.url = url(id);
            endpoint.events = {"*"};
            content.endpoints.push_back(endpoint);
        }
        return content;
    }
    // Commits one more event of a call, owed to an endpoint from now on.
    ports::OutboundEvent commit(std::int64_t call, std::int64_t endpoint) {
        ports::CallCommit commit;
        Call& known = calls[call];
        known.id = CallId(call);
        known.call_control_id = CallControlId("v3:" + std::to_string(call));
        commit.expected_version = known.version++;
        commit.call = known;
        ports::OutboundEvent event;
        event.event.id = WebhookEventId("whe_" + std::to_string(++events_));
        event.event.sequence = ++known.webhook_sequence;
        event.event.at = clock.utc();
        event.body = event.event.id.value();
        event.deliveries.emplace_back(store.next_delivery_id(), EndpointId(endpoint));
        commit.webhooks.push_back(event);
        const auto written =
            wait(store.commit(std::make_shared<const ports::CallCommit>(std::move(commit))));
        EXPECT_TRUE(written);
        return event;
    }
    void commit_and_hand_over(std::int64_t call, std::int64_t endpoint) {
        const auto event = commit(call, endpoint);
        dispatcher->hand_over(CallId(call), event);
        clock.settle();
    }
    void start() {
        if (!dispatcher) {
            dispatcher =
                std::make_unique<WebhookDispatcher>(io.get_executor(),
                                                    DispatcherPorts{.outbox = outbox,
                                                                    .sender = sender,
                                                                    .clock = clock,
                                                                    .random = random,
                                                                    .log = log,
                                                                    .metrics = metrics,
                                                                    .directory = directory},
                                                    options);
        }
        EXPECT_TRUE(wait(dispatcher->start()));
        clock.settle();
    }
    void stop() {
        if (dispatcher) {
            boost::asio::co_spawn(io, dispatcher->stop(), [](const std::exception_ptr&) {});
            clock.settle();
            dispatcher.reset();
        }
    }
    void restart() {
        stop();
        store.reopen();
        start();
    }
    template <class T>
    T wait(boost::asio::awaitable<T> task) {
        std::optional<T> value;
        boost::asio::co_spawn(io, std::move(task),
                              [&](std::exception_ptr, T result) { value = std::move(result); });
        for (int i = 0; i < 1'000 && !value; ++i) {
            clock.settle();
            if (!value) {
                clock.advance(milliseconds{10});
            }
        }
        return std::move(value).value();
    }
    std::vector<std::string> sent_to(std::int64_t endpoint) const {
        std::vector<std::string> events;
        for (const Sent& request : sender.sent) {
            if (request.url == url(endpoint)) {
                events.push_back(request.event_id);
            }
        }
        return events;
    }
    std::size_t lines(std::string_view event) const {
        return static_cast<std::size_t>(std::ranges::count(log.events, event));
    }
    bool nothing_is_owed() { return wait(store.owed_endpoints(std::nullopt, 1)).value().empty(); }

    boost::asio::io_context io;
    fakes::ManualClock clock{io};
    fakes::MemoryStore store;
    WatchedOutbox outbox{store};
    ToldSender sender{clock};
    NoChance random;
    fakes::EventLog log;
    ports::NullMetrics metrics;
    Directory directory{endpoints(3)};
    DispatcherOptions options;
    std::map<std::int64_t, Call> calls;
    std::unique_ptr<WebhookDispatcher> dispatcher;

private:
    int events_ = 0;
};

}  // namespace gw::app::testing
