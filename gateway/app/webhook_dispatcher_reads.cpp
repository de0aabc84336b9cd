// SPDX-License-Identifier: Apache-2.0
// The part of webhook_dispatcher.hpp that reads the outbox.
#include "gateway/app/webhook_dispatcher.hpp"

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

constexpr std::size_t endpoints_page = 256;
// A reading that begins anew comes by all that is known here already. With more than this many
// pages of it, that is done once a look and not for every fresh delivery.
constexpr std::size_t known_pages_max = 4;

}  // namespace

bool WebhookDispatcher::is_hungry(const Lane& lane) const {
    return lane.ready.size() < options_.page && room_of(lane) > 0;
}

void WebhookDispatcher::ask_for(EndpointId id) {
    lanes_[id].unread = true;
    to_read_.insert(id);
}

void WebhookDispatcher::ask_for_more(EndpointId id, const Lane& lane) {
    const bool cheap = lane.read_to || lane.known <= known_pages_max * options_.page;
    if (lane.unread && cheap && is_hungry(lane)) {
        to_read_.insert(id);
        alarm_.wake();
    }
}

void WebhookDispatcher::ask_for_retries() {
    const UtcTime now = ports_.clock.utc();
    while (!soon_.empty() && soon_.begin()->first <= now) {
        ask_for(soon_.begin()->second);
        soon_.erase(soon_.begin());
    }
}

// What is due later is found by the next look: to keep all of it would grow with every failure.
void WebhookDispatcher::note_soon(UtcTime at, EndpointId id) {
    if (at - ports_.clock.utc() < next_look_ - ports_.clock.mono()) {
        const bool first = soon_.emplace(at, id).first == soon_.begin();
        if (first) {
            alarm_.wake();
        }
    }
}

std::optional<EndpointId> WebhookDispatcher::next_to_read() {
    if (to_read_.empty()) {
        return std::nullopt;
    }
    auto next = to_read_.upper_bound(last_read_);
    if (next == to_read_.end()) {
        next = to_read_.begin();
    }
    last_read_ = *next;
    to_read_.erase(next);
    return last_read_;
}

MonoTime WebhookDispatcher::next_wake() const {
    if (soon_.empty()) {
        return next_look_;
    }
    const auto wait = std::max<std::chrono::microseconds>(soon_.begin()->first - ports_.clock.utc(),
                                                          std::chrono::microseconds{0});
    return std::min(next_look_, ports_.clock.mono() + wait);
}

bool WebhookDispatcher::all_read() const {
    return caught_up_ &&
           std::ranges::none_of(lanes_, [](const auto& lane) { return lane.second.unread; });
}

// The only one who finds what is owed: what goes wrong in one round must not end it.
asio::awaitable<void> WebhookDispatcher::poll() {
    while (true) {
        try {
            co_await poll_once();
            continue;
        } catch (const std::exception& error) {
            reading_ = false;
            if (stopping_) {
                throw;
            }
            ports_.log.error("webhook_task_failed", {{"what", error.what()}});
        }
        co_await ports_.clock.sleep_for(options_.store_pause);
    }
}

asio::awaitable<void> WebhookDispatcher::poll_once() {
    if (!closed_) {
        // Nothing is caught up and so nothing sent before: it would be closed with the others.
        co_await ports_.clock.sleep_for(options_.store_pause);
        closed_ = (co_await close_interrupted()).has_value();
        co_return;
    }
    if (!caught_up_ || ports_.clock.mono() >= next_look_) {
        next_look_ = ports_.clock.mono() + options_.poll_every;
        co_await look_around();
        pump_all();
    }
    ask_for_retries();
    if (const auto id = next_to_read()) {
        co_await read_page(*id);
        co_return;
    }
    ++reads_;
    co_await alarm_.wait(next_wake());
}

// Finds the endpoints that something is due for. Until the first look, and after a doubt, any of
// them may be behind; later they are read only lest a retry be forgotten.
asio::awaitable<void> WebhookDispatcher::look_around() {
    // Here and nowhere else: a task that ends before its first wait, because it throws, ends inside
    // pump(), and must not take the lane from under it.
    std::erase_if(lanes_, [](const auto& lane) { return lane.second.idle(); });
    const bool anew = !caught_up_;
    doubted_ = false;
    const UtcTime now = ports_.clock.utc();
    std::optional<EndpointId> after;
    for (bool more = true; more;) {
        const auto page = co_await ports_.outbox.owed_endpoints(after, endpoints_page);
        if (!page) {
            co_return;
        }
        for (const ports::OwedEndpoint& owed : *page) {
            after = owed.id;
            // What an endpoint was owed that is no more is not waited for.
            if (owed.first_at > now && ports_.directory.endpoint(owed.id) != nullptr) {
                note_soon(owed.first_at, owed.id);
                continue;
            }
            ask_for(owed.id);
            if (anew) {
                Lane& lane = lanes_[owed.id];
                lane.behind = true;
                lane.read_to.reset();
            }
        }
        more = page->size() == endpoints_page;
    }
    for (const auto& [id, lane] : lanes_) {
        if (lane.unread) {
            to_read_.insert(id);
        }
    }
    caught_up_ = !doubted_;
}

// One page and then it is another's turn.
asio::awaitable<void> WebhookDispatcher::read_page(EndpointId id) {
    Lane& lane = lanes_[id];
    lane.unread = true;  // and so it stays where it is
    if (!is_hungry(lane)) {
        co_return;  // the end of one of its attempts asks again
    }
    if (!lane.read_to) {
        lane.skipped = false;  // what is committed from here on may be missing from the pages
    }
    const bool is_removed = ports_.directory.endpoint(id) == nullptr;
    const ports::DueRange range{.until = is_removed ? UtcTime::max() : ports_.clock.utc(),
                                .after = lane.read_to,
                                .limit = std::min(options_.page, room_of(lane))};
    reading_ = true;
    done_while_reading_.clear();
    auto page = co_await ports_.outbox.due(id, range);
    reading_ = false;
    if (!page) {
        co_return;  // the next look asks again
    }
    for (ports::PendingDelivery& delivery : *page) {
        lane.read_to = {delivery.next_at, delivery.id};
        if (!done_while_reading_.contains(delivery.id)) {  // or it is shown as it was before
            enqueue({.delivery = std::move(delivery), .body = {}, .in_line = false});
        }
    }
    if (page->size() < range.limit) {
        end_reading(id, lane);
    } else {
        to_read_.insert(id);
    }
    pump(id);
}

void WebhookDispatcher::end_reading(EndpointId id, Lane& lane) {
    lane.read_to.reset();
    if (lane.skipped) {
        ask_for_more(id, lane);
    } else {
        lane.behind = false;
        lane.unread = false;
    }
}

}  // namespace gw::app
