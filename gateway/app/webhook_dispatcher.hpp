#pragma once
// SPDX-License-Identifier: Apache-2.0
// Delivers events to customers, at least once, under one stable id. Fresh deliveries come straight
// from their commit; what is overdue (retries, what a former process owed) is read from the outbox
// endpoint by endpoint, a page in turn and only as it is needed: a backlog of one is in nobody
// else's way. Each attempt is on disk before its request leaves. Per endpoint a bounded number of
// requests is under way, so a slow one holds up nobody else; per endpoint and call, event n+1 is
// first sent when event n has had its first attempt. One thread.
#include "gateway/app/alarm.hpp"
#include "gateway/app/directory.hpp"
#include "gateway/net/task_group.hpp"
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "gateway/ports/outbox.hpp"
#include "gateway/ports/random.hpp"
#include "gateway/ports/webhook_sender.hpp"

#include <chrono>
#include <list>
#include <map>
#include <set>
#include <unordered_map>

namespace gw::app {

struct DispatcherOptions {
    std::vector<std::chrono::seconds> retry_schedule;
    double jitter = 0.2;
    std::chrono::seconds expire_after{259'200};  // no attempt later than that after the commit
    std::size_t in_flight_per_endpoint_max = 8;
    std::size_t in_flight_max = 1'024;
    std::size_t queued_max = 65'536;              // known here; beyond it the outbox is read later
    std::size_t queued_per_endpoint_max = 4'096;  // known here; beyond it they wait in the outbox
    std::size_t page = 64;                        // read when an endpoint has fewer ready
    std::chrono::milliseconds poll_every{
        1'000};                                  // the safety net behind the hand-over from commits
    std::chrono::milliseconds store_pause{500};  // when the outbox cannot be written
    std::chrono::minutes aside_for{10};          // after an error of the outbox that may well stay
};

struct DispatcherPorts {
    ports::Outbox& outbox;
    ports::WebhookSender& sender;
    ports::Clock& clock;
    ports::Random& random;
    ports::Log& log;
    ports::Metrics& metrics;
    const Directory& directory;
};

class WebhookDispatcher {
public:
    WebhookDispatcher(boost::asio::any_io_executor executor, DispatcherPorts ports,
                      DispatcherOptions options);
    ~WebhookDispatcher();

    // Closes what a former process left open, then starts delivering. A store that is away or full
    // fails no start: deliveries begin when it is back.
    boost::asio::awaitable<Result<void>> start();
    // Deliveries that have just been committed.
    void hand_over(CallId call, const ports::OutboundEvent& event);
    // A commit failed and may have been made all the same: what it owes is in the outbox only, and
    // nothing fresh may overtake it until the outbox has been read again.
    void doubt() {
        caught_up_ = false;
        doubted_ = true;
    }
    [[nodiscard]] std::size_t queued() const { return known_.size(); }
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    // Retries whose time is kept here; all others are found by a look.
    [[nodiscard]] std::size_t retries_noted() const { return soon_.size(); }
    // Returns when every delivery that is due now has had an attempt, or at `until`.
    boost::asio::awaitable<void> flush(MonoTime until);
    boost::asio::awaitable<void> stop();

private:
    struct Job {
        ports::PendingDelivery delivery;
        std::string body;     // empty: to be read from the outbox
        bool in_line = true;  // first attempts keep the order of their call
    };
    struct Lane {  // one endpoint
        // Lists, because jobs change from one to the other: that cannot fail.
        std::list<Job> ready;
        // First attempts wait here behind the same call's earlier event, which is ready or running.
        std::unordered_map<CallId, std::list<Job>> by_call;
        std::size_t running = 0;
        std::size_t known = 0;  // queued or running
        bool behind = false;    // some wait in the outbox only: fresh ones must not overtake them
        bool skipped = false;   // and one was left there since the reading under way began
        // The outbox may have more. A reading goes on at `read_to` as places become free, and
        // begins anew when it came to the end and left something out.
        bool unread = false;
        std::optional<ports::DuePlace> read_to;
        [[nodiscard]] bool idle() const { return known == 0 && !behind && !unread; }
    };

    // What one attempt occupies, to be given back however it ends.
    struct Turn {
        EndpointId endpoint;
        CallId call;
        DeliveryId delivery;
        bool in_line = true;
    };

    void take(CallId call, DeliveryId delivery, EndpointId endpoint,
              const ports::OutboundEvent& event);
    void enqueue(Job job);
    std::list<Job>& queue_for(Lane& lane, const Job& job);
    [[nodiscard]] std::size_t room_of(const Lane& lane) const;
    [[nodiscard]] bool is_hungry(const Lane& lane) const;
    void ask_for(EndpointId id);
    void ask_for_more(EndpointId id, const Lane& lane);
    void ask_for_retries();
    void note_soon(UtcTime at, EndpointId id);
    std::optional<EndpointId> next_to_read();
    void pump(EndpointId id);
    void pump_all();
    boost::asio::awaitable<Result<void>> close_interrupted();
    boost::asio::awaitable<void> poll();
    boost::asio::awaitable<void> poll_once();
    boost::asio::awaitable<void> look_around();
    boost::asio::awaitable<void> read_page(EndpointId id);
    void end_reading(EndpointId id, Lane& lane);
    [[nodiscard]] MonoTime next_wake() const;
    [[nodiscard]] bool all_read() const;
    boost::asio::awaitable<void> deliver(EndpointId id, Job job);
    boost::asio::awaitable<void> attempt(EndpointId id, Job& job);
    boost::asio::awaitable<Result<std::string>> body_of(DeliveryId id);
    boost::asio::awaitable<Result<void>> begin(ports::AttemptStart start);
    [[nodiscard]] bool is_expired(const ports::PendingDelivery& delivery, UtcTime at) const;
    boost::asio::awaitable<void> end_unsent(ports::PendingDelivery delivery, std::string why);
    void tell_given_up(const ports::PendingDelivery& delivery, std::uint32_t attempts,
                       std::string_view error);
    ports::AttemptEnd end_of(AttemptId id, const ports::PendingDelivery& delivery,
                             const ports::AttemptOutcome& outcome);
    boost::asio::awaitable<Result<void>> record(ports::AttemptEnd end);
    void put_aside(const ports::PendingDelivery& delivery, const Error& error);
    [[nodiscard]] bool is_aside(DeliveryId id) const;
    void give_back(const Turn& turn) noexcept;
    void first_attempt_done(Lane& lane, CallId call) noexcept;

    DispatcherPorts ports_;
    DispatcherOptions options_;
    Alarm alarm_;
    std::map<EndpointId, Lane> lanes_;
    std::set<DeliveryId> known_;  // queued or running here: a page must not add it again
    // A page is a snapshot: what is finished while it is read must not come back through it.
    bool reading_ = false;
    std::set<DeliveryId> done_while_reading_;
    bool closed_ = false;  // what a former process left open has its end
    // Which endpoints are behind is known: of any other, what is fresh may be sent at once.
    bool caught_up_ = false;
    bool doubted_ = false;          // since the look under way began
    std::set<EndpointId> to_read_;  // in turn, after `last_read_`
    EndpointId last_read_{0};
    MonoTime next_look_;
    std::uint64_t reads_ = 0;  // how often all that was asked for had been read
    std::set<std::pair<UtcTime, EndpointId>> soon_;  // what is due before the next look
    // What the store broke on, until when it is let alone; told once. Bounded: see put_aside.
    std::unordered_map<DeliveryId, MonoTime> aside_;
    std::size_t in_flight_ = 0;
    bool stopping_ = false;
    struct Meters;
    std::unique_ptr<Meters> meters_;
    net::TaskGroup tasks_;
};

}  // namespace gw::app
