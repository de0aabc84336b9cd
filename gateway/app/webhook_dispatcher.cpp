#include "gateway/app/webhook_dispatcher.hpp"

#include "gateway/app/webhook_dispatcher_meters.hpp"

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds look_again{10};

}  // namespace

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
    const auto closed = co_await close_interrupted();
    if (!closed && !is_retryable(closed.error().code())) {
        co_return closed;
    }
    if (!closed) {
        ports_.log.warn("webhook_start_delayed", {{"error", closed.error().context()}});
    }
    closed_ = closed.has_value();
    tasks_.spawn(poll());
    co_return Result<void>{};
}

asio::awaitable<Result<void>> WebhookDispatcher::close_interrupted() {
    const auto interrupted = co_await ports_.outbox.close_interrupted(ports_.clock.utc());
    if (!interrupted) {
        co_return interrupted.error();
    }
    if (*interrupted > 0) {
        ports_.log.warn("webhook_attempts_interrupted", {{"attempts", *interrupted}});
    }
    co_return Result<void>{};
}

void WebhookDispatcher::hand_over(CallId call, const ports::OutboundEvent& event) {
    for (const auto& [delivery, endpoint] : event.deliveries) {
        Lane& lane = lanes_[endpoint];
        if (!caught_up_) {
            lane.behind = true;  // earlier events of the call may still wait in the outbox
            lane.unread = true;
        }
        if (lane.behind) {
            lane.skipped = true;
            ask_for_more(endpoint, lane);
            continue;
        }
        try {
            take(call, delivery, endpoint, event);
        } catch (...) {
            doubt();  // it is in the outbox, and nothing fresh may overtake it
            throw;
        }
    }
}

void WebhookDispatcher::take(CallId call, DeliveryId delivery, EndpointId endpoint,
                             const ports::OutboundEvent& event) {
    const UtcTime now = ports_.clock.utc();
    Job job{.delivery = {.id = delivery,
                         .endpoint_id = endpoint,
                         .call_id = call,
                         .event_id = event.event.id,
                         .attempts = 0,
                         .next_at = now,
                         .created_at = now},
            .body = event.body};
    enqueue(std::move(job));
    pump(endpoint);
}

std::size_t WebhookDispatcher::room_of(const Lane& lane) const {
    const auto left = [](std::size_t most, std::size_t used) {
        return most - std::min(most, used);
    };
    // Others may have filled the memory: a lane has room for its next requests all the same.
    const std::size_t least = left(options_.in_flight_per_endpoint_max, lane.known);
    return std::min(left(options_.queued_per_endpoint_max, lane.known),
                    std::max(left(options_.queued_max, known_.size()), least));
}

void WebhookDispatcher::enqueue(Job job) {
    Lane& lane = lanes_[job.delivery.endpoint_id];
    if (known_.contains(job.delivery.id) || is_aside(job.delivery.id)) {
        return;
    }
    if (room_of(lane) == 0) {
        lane.behind = true;
        lane.skipped = true;
        lane.unread = true;
        return;
    }
    // First attempts, and one that a former process left without a result: it is due at its old
    // place, before the later events of its call. A retry, always later, holds up nothing.
    job.in_line = job.delivery.attempts == 0 || job.delivery.next_at <= job.delivery.created_at;
    // All that can fail comes before it counts.
    std::list<Job> one;
    one.push_back(std::move(job));
    const auto known = known_.insert(one.front().delivery.id).first;
    try {
        std::list<Job>& queue = queue_for(lane, one.front());
        queue.splice(queue.end(), one);
    } catch (...) {
        known_.erase(known);
        throw;
    }
    ++lane.known;
}

std::list<WebhookDispatcher::Job>& WebhookDispatcher::queue_for(Lane& lane, const Job& job) {
    if (!job.in_line) {
        return lane.ready;
    }
    const auto [line, is_first] = lane.by_call.try_emplace(job.delivery.call_id);
    return is_first ? lane.ready : line->second;
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
        const Turn turn{.endpoint = id,
                        .call = job.delivery.call_id,
                        .delivery = job.delivery.id,
                        .in_line = job.in_line};
        try {
            tasks_.spawn(deliver(id, std::move(job)));
        } catch (...) {
            give_back(turn);
            throw;
        }
    }
}

void WebhookDispatcher::pump_all() {
    for (auto& [id, lane] : lanes_) {
        pump(id);
    }
}

// What is owed still is in the outbox, where the next look finds it.
void WebhookDispatcher::give_back(const Turn& turn) noexcept {
    if (reading_) {
        done_while_reading_.insert(known_.extract(turn.delivery));
    } else {
        known_.erase(turn.delivery);
    }
    Lane& lane = lanes_.find(turn.endpoint)->second;
    --lane.running;
    --lane.known;
    --in_flight_;
    if (turn.in_line) {
        first_attempt_done(lane, turn.call);
    }
}

void WebhookDispatcher::first_attempt_done(Lane& lane, CallId call) noexcept {
    const auto line = lane.by_call.find(call);
    if (line == lane.by_call.end()) {
        return;
    }
    if (line->second.empty()) {
        lane.by_call.erase(line);
    } else {
        lane.ready.splice(lane.ready.end(), line->second, line->second.begin());
    }
}

asio::awaitable<void> WebhookDispatcher::flush(MonoTime until) {
    // One look that begins after now, and all that it finds.
    const std::uint64_t wanted = reads_ + 2;
    while ((reads_ < wanted || !all_read()) && ports_.clock.mono() < until) {
        if (reads_ < wanted) {
            next_look_ = ports_.clock.mono();
        }
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
