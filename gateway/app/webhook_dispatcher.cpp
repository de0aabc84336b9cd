#include "gateway/app/webhook_dispatcher.hpp"

#include "gateway/domain/backoff.hpp"
#include "gateway/domain/fault_point.hpp"

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds look_again{10};

// The outbox says no for good: the row is gone, or it will never take this.
bool is_over(const Error& error) {
    return error.code() == Errc::not_found || error.code() == Errc::internal;
}

}  // namespace

struct WebhookDispatcher::Meters {
    explicit Meters(ports::Metrics& metrics)
        : given_up(metrics.counter({"gateway_webhook_deliveries_given_up_total",
                                    "Deliveries whose last attempt failed."})),
          wait_seconds(metrics.histogram({"gateway_webhook_first_attempt_wait_seconds",
                                          "Time from an event's commit to its first request."})) {}

    ports::Counter& given_up;
    ports::Histogram& wait_seconds;
};

WebhookDispatcher::WebhookDispatcher(asio::any_io_executor executor, DispatcherPorts ports,
                                     DispatcherOptions options)
    : ports_(ports),
      options_(std::move(options)),
      alarm_(executor, ports.clock),
      meters_(std::make_unique<Meters>(ports.metrics)),
      tasks_(executor, [this](std::string_view what) {
          ports_.log.error("webhook_task_failed", {{"what", what}});
      }) {
    ports_.metrics.sampled_gauge(
        {"gateway_webhook_deliveries_queued", "Deliveries waiting or under way in memory."}, {},
        [this] { return static_cast<double>(known_.size()); });
    ports_.metrics.sampled_gauge(
        {"gateway_webhook_requests_in_flight", "Webhook requests under way."}, {},
        [this] { return static_cast<double>(in_flight_); });
}

WebhookDispatcher::~WebhookDispatcher() = default;

asio::awaitable<Result<void>> WebhookDispatcher::start() {
    const auto interrupted = co_await ports_.outbox.close_interrupted(ports_.clock.utc());
    if (!interrupted) {
        co_return interrupted.error();
    }
    if (*interrupted > 0) {
        ports_.log.warn("webhook_attempts_interrupted", {{"attempts", *interrupted}});
    }
    tasks_.spawn(poll());
    co_return Result<void>{};
}

void WebhookDispatcher::hand_over(CallId call, const ports::OutboundEvent& event) {
    if (!caught_up_) {
        skipped_ = true;
        alarm_.wake();  // earlier events of the call may still wait in the outbox: it is read in
                        // order
        return;
    }
    for (const auto& [delivery, endpoint] : event.deliveries) {
        Lane& lane = lanes_[endpoint];
        if (lane.behind) {
            lane.skipped = true;
            continue;
        }
        const UtcTime now = ports_.clock.utc();
        Job job{.delivery = {.id = delivery,
                             .endpoint_id = endpoint,
                             .call_id = call,
                             .event_id = event.event.id,
                             .attempts = 0,
                             .next_at = now,
                             .created_at = event.event.at},
                .body = event.body};
        enqueue(std::move(job), true);
        pump(endpoint);
    }
}

void WebhookDispatcher::enqueue(Job job, bool in_line) {
    Lane& lane = lanes_[job.delivery.endpoint_id];
    if (lane.known >= options_.queued_per_endpoint_max) {
        lane.behind = true;
        lane.skipped = true;
        return;
    }
    if (!known_.insert(job.delivery.id).second) {
        return;
    }
    ++lane.known;
    job.in_line = in_line || job.delivery.attempts == 0;
    if (!job.in_line) {
        lane.ready.push_back(std::move(job));
        return;
    }
    const CallId call = job.delivery.call_id;
    auto& line = lane.by_call[call];
    if (line.empty()) {
        lane.ready.push_back(job);
    }
    line.push_back(std::move(job));
}

void WebhookDispatcher::pump(EndpointId id) {
    Lane& lane = lanes_[id];
    // Slow endpoints may take all the places; one of a lane that has none is always to be had.
    while (!stopping_ && !lane.ready.empty() &&
           lane.running < options_.in_flight_per_endpoint_max &&
           (in_flight_ < options_.in_flight_max || lane.running == 0)) {
        Job job = std::move(lane.ready.front());
        lane.ready.pop_front();
        ++lane.running;
        ++in_flight_;
        tasks_.spawn(deliver(id, std::move(job)));
    }
}

void WebhookDispatcher::pump_all() {
    for (auto& [id, lane] : lanes_) {
        pump(id);
    }
}

void WebhookDispatcher::first_attempt_done(Lane& lane, CallId call) {
    const auto line = lane.by_call.find(call);
    if (line == lane.by_call.end()) {
        return;
    }
    line->second.pop_front();
    if (line->second.empty()) {
        lane.by_call.erase(line);
    } else {
        lane.ready.push_back(line->second.front());
    }
}

asio::awaitable<void> WebhookDispatcher::poll() {
    while (true) {
        co_await read_due();
        ++reads_;
        pump_all();
        const UtcTime now = ports_.clock.utc();
        std::chrono::microseconds wait = options_.poll_every;
        if (!retries_.empty()) {
            wait = std::clamp<std::chrono::microseconds>(*retries_.begin() - now,
                                                         std::chrono::microseconds{0}, wait);
        }
        co_await alarm_.wait(ports_.clock.mono() + wait);
    }
}

asio::awaitable<void> WebhookDispatcher::read_due() {
    const UtcTime now = ports_.clock.utc();
    retries_.erase(retries_.begin(), retries_.upper_bound(now));
    // What is committed from here on may be missing from the pages.
    skipped_ = false;
    for (auto& [id, lane] : lanes_) {
        lane.skipped = false;
    }
    std::optional<std::pair<UtcTime, DeliveryId>> after;
    for (std::size_t seen = 0; seen < options_.queued_max;) {
        reading_ = true;
        done_while_reading_.clear();
        auto page = co_await ports_.outbox.due(now, after, options_.page);
        reading_ = false;
        if (!page) {
            co_return;
        }
        seen += page->size();
        for (ports::PendingDelivery& delivery : *page) {
            after = {delivery.next_at, delivery.id};
            if (done_while_reading_.contains(delivery.id)) {
                continue;  // the page shows it as it was before its attempt
            }
            // What a former process began has its place before the later events of its call.
            enqueue({.delivery = std::move(delivery), .body = {}, .in_line = false}, !caught_up_);
        }
        pump_all();
        if (page->size() < options_.page) {
            break;
        }
    }
    caught_up_ = !skipped_;
    for (auto& [id, lane] : lanes_) {
        lane.behind = lane.skipped;
    }
}

asio::awaitable<void> WebhookDispatcher::deliver(EndpointId id, Job job) {
    const CallId call = job.delivery.call_id;
    const DeliveryId delivery = job.delivery.id;
    const bool in_line = job.in_line;
    co_await attempt(id, job);
    known_.erase(delivery);
    if (reading_) {
        done_while_reading_.insert(delivery);
    }
    const bool was_full = in_flight_ >= options_.in_flight_max;
    Lane& lane = lanes_[id];
    --lane.running;
    --lane.known;
    --in_flight_;
    if (in_line) {
        first_attempt_done(lane, call);
    }
    if (was_full) {
        pump_all();
    } else {
        pump(id);
    }
    if (lane.known == 0 && !lane.behind) {
        lanes_.erase(id);
    }
}

// The delivery's frozen body; empty when the outbox no longer has it.
asio::awaitable<std::string> WebhookDispatcher::body_of(DeliveryId id) {
    while (true) {
        auto body = co_await ports_.outbox.body_of(id);
        if (body) {
            co_return std::move(*body);
        }
        if (stopping_ || is_over(body.error())) {
            co_return std::string{};
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

// Writes the attempt ahead of its request; waits for a store that is away, so that the order holds.
asio::awaitable<bool> WebhookDispatcher::begin(ports::AttemptStart start) {
    while (true) {
        const auto begun = co_await ports_.outbox.begin_attempt(start);
        if (begun) {
            co_return true;
        }
        if (stopping_ || is_over(begun.error())) {
            co_return false;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<void> WebhookDispatcher::attempt(EndpointId id, Job& job) {
    const ports::Endpoint* known = ports_.directory.endpoint(id);
    const std::optional<ports::Endpoint> endpoint = known ? std::optional(*known) : std::nullopt;
    const std::uint32_t number = job.delivery.attempts + 1;
    if (job.body.empty()) {
        job.body = co_await body_of(job.delivery.id);
        if (job.body.empty()) {
            co_return;
        }
    }
    const AttemptId attempt_id = ports_.outbox.next_attempt_id();
    ports::AttemptStart start{.id = attempt_id,
                              .delivery_id = job.delivery.id,
                              .number = number,
                              .at = ports_.clock.utc(),
                              .url = endpoint ? endpoint->url : ""};
    if (!co_await begin(std::move(start))) {
        co_return;
    }
    fault_point("webhook.after_begin");
    if (number == 1) {
        meters_->wait_seconds.observe(
            std::chrono::duration<double>(ports_.clock.utc() - job.delivery.created_at).count());
    }
    ports::AttemptOutcome outcome;
    outcome.error = "endpoint removed";
    if (endpoint) {
        ports::WebhookAttempt request{.url = endpoint->url,
                                      .secret = endpoint->secret,
                                      .event_id = job.delivery.event_id,
                                      .body = job.body,
                                      .signed_at = ports_.clock.utc()};
        outcome = co_await ports_.sender.attempt(std::move(request));
    }
    fault_point("webhook.after_send");
    ports::AttemptEnd end = end_of(attempt_id, job.delivery, outcome);
    if (!endpoint) {
        end.next_at.reset();
    }
    co_await record(std::move(end));
}

ports::AttemptEnd WebhookDispatcher::end_of(AttemptId id, const ports::PendingDelivery& delivery,
                                            const ports::AttemptOutcome& outcome) {
    const UtcTime now = ports_.clock.utc();
    ports::AttemptEnd end;
    end.id = id;
    end.delivery_id = delivery.id;
    end.at = now;
    end.status_code = outcome.status_code;
    end.success = outcome.success;
    end.error = outcome.error;
    if (outcome.success) {
        return end;
    }
    const auto wait =
        wait_after_attempt(delivery.attempts + 1, options_.retry_schedule, options_.jitter,
                           ports_.random.next_unit(), outcome.retry_after);
    if (wait) {
        end.next_at = now + *wait;
        return end;
    }
    meters_->given_up.increment();
    ports_.log.warn("webhook_given_up", {{"call_id", to_public(delivery.call_id)},
                                         {"event_id", delivery.event_id.value()},
                                         {"attempts", delivery.attempts + 1},
                                         {"error", outcome.error}});
    return end;
}

// The result must reach the disk: a request that was made is never forgotten while the process
// lives.
asio::awaitable<void> WebhookDispatcher::record(ports::AttemptEnd end) {
    while (true) {
        const auto written = co_await ports_.outbox.finish_attempt(end);
        if (written && end.next_at) {
            retries_.insert(*end.next_at);
            if (*end.next_at == *retries_.begin()) {
                alarm_.wake();
            }
        }
        if (written || stopping_ || is_over(written.error())) {
            co_return;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

asio::awaitable<void> WebhookDispatcher::flush(MonoTime until) {
    // One reading that begins after now.
    const std::uint64_t wanted = reads_ + 2;
    while (reads_ < wanted && ports_.clock.mono() < until) {
        alarm_.wake();
        co_await ports_.clock.sleep_for(look_again);
    }
    const std::vector<DeliveryId> due(known_.begin(), known_.end());
    const auto pending = [&] {
        return std::any_of(due.begin(), due.end(),
                           [&](DeliveryId id) { return known_.contains(id); });
    };
    while (pending() && ports_.clock.mono() < until) {
        co_await ports_.clock.sleep_for(look_again);
    }
}

asio::awaitable<void> WebhookDispatcher::stop() {
    stopping_ = true;
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace gw::app
