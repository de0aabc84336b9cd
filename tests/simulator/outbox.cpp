// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/outbox.hpp"

#include <algorithm>

namespace gw::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t delivery_samples_max = 1'000'000;

json data_of(const Event& event) {
    return {{"event_type", event.type},
            {"id", event.id},
            {"occurred_at", to_rfc3339_micros(event.occurred_at)},
            {"payload", event.payload},
            {"record_type", "event"}};
}

std::string timestamp_of(UtcTime at) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

}  // namespace

Outbox::Outbox(Schedule& schedule, Faults& faults, const Signer& signer, History& history,
               Urls urls, Send send)
    : schedule_(schedule),
      faults_(faults),
      signer_(signer),
      history_(history),
      urls_(std::move(urls)),
      send_(std::move(send)) {}

void Outbox::post(Event event) {
    ++totals_.events;
    WebhookPlan plan = faults_.for_webhook(event.type, event.id);
    json entry = {{"event", data_of(event)}};
    if (plan.lost || plan.reordered || plan.copies > 0 || plan.delays.front().count() > 0) {
        entry["faults"] = {{"lost", plan.lost},
                           {"reordered", plan.reordered},
                           {"copies", plan.copies},
                           {"delay_ms", plan.delays.front().count()}};
    }
    history_.add("event", schedule_.now(), std::move(entry));
    if (plan.lost) {
        ++totals_.lost;
        return;
    }
    if (plan.reordered) {
        const std::uint64_t number = ++keys_;
        held_.push_back({.event = std::move(event),
                         .plan = std::move(plan),
                         .waits_for = faults_.settings().reorder_window,
                         .number = number});
        schedule_.after(faults_.settings().reorder_hold, [this, number] { release(number); });
        return;
    }
    start(event, plan);
    std::vector<std::uint64_t> overtaken;
    for (Held& held : held_) {
        if (--held.waits_for <= 0) {
            overtaken.push_back(held.number);
        }
    }
    std::ranges::for_each(overtaken, [this](std::uint64_t number) { release(number); });
}

void Outbox::release(std::uint64_t number) {
    const auto found = std::ranges::find(held_, number, &Held::number);
    if (found == held_.end()) {
        return;
    }
    const Held held = std::move(*found);
    held_.erase(found);
    start(held.event, held.plan);
}

void Outbox::start(const Event& event, const WebhookPlan& plan) {
    for (std::size_t copy = 0; copy < plan.delays.size(); ++copy) {
        Item item{.event = event, .copy = static_cast<std::int64_t>(copy), .urls = event.urls};
        if (item.urls.empty()) {
            item.urls = {urls_.primary};
            if (!urls_.failover.empty()) {
                item.urls.push_back(urls_.failover);
            }
        }
        if (item.urls.front().empty()) {
            continue;  // nobody listens
        }
        const std::uint64_t key = ++keys_;
        items_.emplace(key, std::move(item));
        try_again(key, plan.delays[copy]);
    }
}

void Outbox::post(HandMade event) {
    Item item{.urls = {event.url.empty() ? urls_.primary : event.url}};
    item.event.id = event.event_id;
    item.event.type = event.event_type;
    item.event.occurred_at = schedule_.now();
    history_.add("event", schedule_.now(), {{"hand_made", true}, {"body", event.body}});
    item.hand_made = std::move(event);
    const std::uint64_t key = ++keys_;
    items_.emplace(key, std::move(item));
    attempt(key);
}

void Outbox::try_again(std::uint64_t key, milliseconds delay) {
    if (delay.count() == 0) {
        attempt(key);
    } else {
        schedule_.after(delay, [this, key] { attempt(key); });
    }
}

void Outbox::attempt(std::uint64_t key) {
    const auto found = items_.find(key);
    if (found == items_.end()) {
        return;
    }
    Item& item = found->second;
    ++item.attempt;
    ++item.tries_at_url;
    ++totals_.attempts;
    item.sent_at = schedule_.now();
    Attempt out{.key = key,
                .event_id = item.event.id,
                .event_type = item.event.type,
                .attempt = item.attempt,
                .url = item.urls[item.url],
                .timeout = faults_.settings().timeout};
    UtcTime signed_at = schedule_.now();
    auto signature = HandMade::Signature::valid;
    if (item.hand_made) {
        out.body = item.hand_made->body;
        signed_at += item.hand_made->timestamp_offset;
        signature = item.hand_made->signature;
    } else {
        const json meta = {{"attempt", item.attempt}, {"delivered_to", out.url}};
        out.body = json{{"data", data_of(item.event)}, {"meta", meta}}.dump();
    }
    const std::string timestamp = timestamp_of(signed_at);
    out.headers = {{"Content-Type", "application/json"}};
    std::string text = signer_.sign(timestamp, out.body);
    if (signature == HandMade::Signature::wrong) {
        text = signer_.sign(timestamp, out.body + " ");
    } else if (signature == HandMade::Signature::malformed) {
        text = "not base64!";
    }
    if (signature != HandMade::Signature::missing) {
        out.headers.emplace_back("Telnyx-Signature-Ed25519", text);
        out.headers.emplace_back("Telnyx-Timestamp", timestamp);
    }
    send_(std::move(out));
}

void Outbox::settle(std::uint64_t key, unsigned status, const std::string& problem) {
    const auto found = items_.find(key);
    if (found == items_.end()) {
        return;
    }
    Item& item = found->second;
    const bool accepted = status >= 200 && status < 300;
    const auto elapsed =
        std::chrono::duration<double, std::milli>(schedule_.now() - item.sent_at).count();
    json entry = {{"event_id", item.event.id},
                  {"event_type", item.event.type},
                  {"call_control_id", item.event.control_id},
                  {"attempt", item.attempt},
                  {"copy", item.copy},
                  {"url", item.urls[item.url]},
                  {"status", status},
                  {"sent_at", to_rfc3339_micros(item.sent_at)},
                  {"took_ms", elapsed}};
    if (!problem.empty()) {
        entry["problem"] = problem;
    }
    accepted ? ++totals_.accepted : ++totals_.failed;
    if (accepted && item.copy == 0 && delivery_ms_.size() < delivery_samples_max) {
        delivery_ms_.push_back(
            std::chrono::duration<double, std::milli>(schedule_.now() - item.event.occurred_at)
                .count());
    }
    const auto delay = accepted ? std::nullopt : next_delay(item);
    if (!accepted && !delay) {
        ++totals_.given_up;
        entry["given_up"] = true;
    }
    history_.add("webhook", schedule_.now(), std::move(entry));
    if (delay) {
        try_again(key, *delay);
    } else {
        items_.erase(found);
    }
}

std::optional<milliseconds> Outbox::next_delay(Item& item) const {
    if (item.hand_made && !item.hand_made->redeliver) {
        return std::nullopt;
    }
    const auto& policy = item.event.retries_ms;
    const std::vector<std::int64_t>& backoff = policy ? *policy : faults_.settings().backoff_ms;
    const std::size_t tries_max =
        policy ? policy->size() + 1 : static_cast<std::size_t>(faults_.settings().attempts);
    if (item.tries_at_url < tries_max) {
        return milliseconds{backoff[std::min(item.tries_at_url, backoff.size()) - 1]};
    }
    if (item.url + 1 < item.urls.size()) {
        ++item.url;
        item.tries_at_url = 0;
        return milliseconds{1};
    }
    return std::nullopt;
}

void Outbox::reset() {
    items_.clear();
    held_.clear();
    totals_ = {};
    delivery_ms_.clear();
}

}  // namespace gw::simulator
