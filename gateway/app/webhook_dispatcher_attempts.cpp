// SPDX-License-Identifier: Apache-2.0
// The part of webhook_dispatcher.hpp that makes attempts and writes what became of them.
#include "gateway/app/webhook_dispatcher.hpp"
#include "gateway/app/webhook_dispatcher_meters.hpp"
#include "gateway/domain/backoff.hpp"
#include "gateway/domain/fault_point.hpp"

namespace gw::app {
namespace asio = boost::asio;

namespace {

constexpr std::size_t aside_max = 4'096;

// The outbox says no for good: the row is gone, or it will never take this.
bool is_over(const Error& error) {
    return error.code() == Errc::not_found || error.code() == Errc::internal;
}

}  // namespace

asio::awaitable<void> WebhookDispatcher::deliver(EndpointId id, Job job) {
    const Turn turn{.endpoint = id,
                    .call = job.delivery.call_id,
                    .delivery = job.delivery.id,
                    .in_line = job.in_line};
    // Not the destructor of a guard: a task that is thrown away with its executor must not touch a
    // dispatcher that is gone.
    std::exception_ptr failure;
    try {
        co_await attempt(id, job);
    } catch (...) {
        failure = std::current_exception();
    }
    const bool was_full = in_flight_ >= options_.in_flight_max;
    give_back(turn);
    if (was_full) {
        pump_all();
    } else {
        pump(id);
    }
    ask_for_more(id, lanes_.find(id)->second);
    if (failure) {
        std::rethrow_exception(failure);
    }
}

// The delivery's frozen body. As with all three: an error is one that stays, or we are stopping.
asio::awaitable<Result<std::string>> WebhookDispatcher::body_of(DeliveryId id) {
    while (true) {
        auto body = co_await ports_.outbox.body_of(id);
        if (body || stopping_ || is_over(body.error())) {
            co_return body;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

// Writes the attempt ahead of its request; waits for a store that is away, so that the order holds.
asio::awaitable<Result<void>> WebhookDispatcher::begin(ports::AttemptStart start) {
    while (true) {
        auto begun = co_await ports_.outbox.begin_attempt(start);
        if (begun || stopping_ || is_over(begun.error())) {
            co_return begun;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

// A delivery that is gone is nobody's any more. On any other error that stays, to try again with
// each look would change nothing, and repeat a request whose end could not be written.
void WebhookDispatcher::put_aside(const ports::PendingDelivery& delivery, const Error& error) {
    if (error.code() != Errc::internal) {
        return;
    }
    if (aside_.size() >= aside_max) {
        aside_.clear();  // they are tried, and told, once more
    }
    const MonoTime until = ports_.clock.mono() + options_.aside_for;
    if (aside_.insert_or_assign(delivery.id, until).second) {
        ports_.log.error("webhook_put_aside", {{"call_id", to_public(delivery.call_id)},
                                               {"event_id", delivery.event_id.value()},
                                               {"error", error.context()}});
    }
}

bool WebhookDispatcher::is_aside(DeliveryId id) const {
    const auto known = aside_.find(id);
    return known != aside_.end() && known->second > ports_.clock.mono();
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<void> WebhookDispatcher::attempt(EndpointId id, Job& job) {
    const ports::Endpoint* known = ports_.directory.endpoint(id);
    if (known == nullptr) {
        co_await end_unsent(job.delivery, "endpoint removed");
        co_return;
    }
    const ports::Endpoint endpoint = *known;
    const std::uint32_t number = job.delivery.attempts + 1;
    if (is_expired(job.delivery, ports_.clock.utc())) {
        co_await end_unsent(job.delivery, "expired");
        co_return;
    }
    if (job.body.empty()) {
        auto body = co_await body_of(job.delivery.id);
        if (!body) {
            put_aside(job.delivery, body.error());
            co_return;
        }
        job.body = std::move(*body);
    }
    const AttemptId attempt_id = ports_.outbox.next_attempt_id();
    ports::AttemptStart start{.id = attempt_id,
                              .delivery_id = job.delivery.id,
                              .number = number,
                              .at = ports_.clock.utc(),
                              .url = endpoint.url};
    if (const auto begun = co_await begin(std::move(start)); !begun) {
        put_aside(job.delivery, begun.error());
        co_return;
    }
    fault_point("webhook.after_begin");
    if (number == 1) {
        meters_->wait_seconds.observe(
            std::chrono::duration<double>(ports_.clock.utc() - job.delivery.created_at).count());
    }
    ports::WebhookAttempt request{.url = endpoint.url,
                                  .secret = endpoint.secret,
                                  .event_id = job.delivery.event_id,
                                  .body = job.body,
                                  .signed_at = ports_.clock.utc()};
    const auto outcome = co_await ports_.sender.attempt(std::move(request));
    fault_point("webhook.after_send");
    ports::AttemptEnd end = end_of(attempt_id, job.delivery, outcome);
    const std::optional<UtcTime> next_at = end.next_at;
    if (const auto recorded = co_await record(std::move(end)); !recorded) {
        put_aside(job.delivery, recorded.error());
        co_return;
    }
    aside_.erase(job.delivery.id);
    if (next_at) {
        note_soon(*next_at, id);
    }
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
    if (wait && !is_expired(delivery, now + *wait)) {
        end.next_at = now + *wait;
        return end;
    }
    tell_given_up(delivery, delivery.attempts + 1, outcome.error);
    return end;
}

bool WebhookDispatcher::is_expired(const ports::PendingDelivery& delivery, UtcTime at) const {
    return at - delivery.created_at >= options_.expire_after;
}

void WebhookDispatcher::tell_given_up(const ports::PendingDelivery& delivery,
                                      std::uint32_t attempts, std::string_view error) {
    meters_->given_up.increment();
    ports_.log.warn("webhook_given_up", {{"call_id", to_public(delivery.call_id)},
                                         {"event_id", delivery.event_id.value()},
                                         {"attempts", attempts},
                                         {"error", error}});
}

// Its time has passed while it waited, here or through an outage, or there is nobody to send it to.
asio::awaitable<void> WebhookDispatcher::end_unsent(ports::PendingDelivery delivery,
                                                    std::string why) {
    while (true) {
        const auto written = co_await ports_.outbox.give_up(delivery.id);
        if (written) {
            tell_given_up(delivery, delivery.attempts, why);
            co_return;
        }
        if (stopping_ || is_over(written.error())) {
            put_aside(delivery, written.error());
            co_return;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

// The result must reach the disk: a request that was made is never forgotten while the process
// lives.
asio::awaitable<Result<void>> WebhookDispatcher::record(ports::AttemptEnd end) {
    while (true) {
        auto written = co_await ports_.outbox.finish_attempt(end);
        if (written || stopping_ || is_over(written.error())) {
            co_return written;
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

}  // namespace gw::app
