// SPDX-License-Identifier: Apache-2.0
// The part of webhook_dispatcher.hpp that makes attempts and writes what became of them.
#include "gateway/app/webhook_dispatcher.hpp"
#include "gateway/app/webhook_dispatcher_meters.hpp"
#include "gateway/domain/backoff.hpp"
#include "gateway/domain/fault_point.hpp"

namespace gw::app {
namespace asio = boost::asio;

namespace {

// The outbox says no for good: the row is gone, or it will never take this.
bool is_over(const Error& error) {
    return error.code() == Errc::not_found || error.code() == Errc::internal;
}

}  // namespace

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
    ask_for_more(id, lane);
    if (lane.idle()) {
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
    co_await record(id, std::move(end));
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
asio::awaitable<void> WebhookDispatcher::record(EndpointId endpoint, ports::AttemptEnd end) {
    while (true) {
        const auto written = co_await ports_.outbox.finish_attempt(end);
        if (written && end.next_at) {
            note_soon(*end.next_at, endpoint);
            if (!soon_.empty() && *end.next_at == soon_.begin()->first) {
                alarm_.wake();
            }
        }
        if (written || stopping_ || is_over(written.error())) {
            co_return;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

}  // namespace gw::app
