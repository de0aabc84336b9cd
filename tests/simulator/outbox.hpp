#pragma once
// SPDX-License-Identifier: Apache-2.0
// Webhooks on their way: applies the webhook faults, signs each attempt with a fresh timestamp, and
// delivers again on anything but 2xx, with back-off and a rising meta.attempt. It hides what was
// planned from the sender, which does one HTTP request per Attempt and reports back by settle().
// One thread.
#include "tests/simulator/faults.hpp"
#include "tests/simulator/history.hpp"
#include "tests/simulator/schedule.hpp"
#include "tests/simulator/signer.hpp"
#include "tests/simulator/world.hpp"

#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gw::simulator {

struct Attempt {
    std::uint64_t key = 0;
    std::string event_id = {};
    std::string event_type = {};
    int attempt = 1;
    std::string url = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    milliseconds timeout{2000};
};

// A webhook made by hand, to try a receiver's checks.
struct HandMade {
    std::string body = {};        // sent as it is
    std::string event_type = {};  // for the history only
    std::string event_id = {};
    enum class Signature : std::uint8_t {
        valid,
        wrong,
        missing,
        malformed
    } signature = Signature::valid;
    std::chrono::seconds timestamp_offset{0};
    std::string url = {};    // empty: the application's
    bool redeliver = false;  // otherwise one attempt, whatever the answer
};

struct OutboxTotals {
    std::uint64_t events = 0;
    std::uint64_t attempts = 0;
    std::uint64_t accepted = 0;  // 2xx
    std::uint64_t failed = 0;    // attempts without 2xx
    std::uint64_t given_up = 0;  // deliveries whose last attempt failed
    std::uint64_t lost = 0;      // by fault
};

class Outbox {
public:
    using Send = std::function<void(Attempt)>;
    struct Urls {
        std::string primary = {};
        std::string failover = {};  // tried after every attempt at the primary failed; may be empty
    };

    Outbox(Schedule& schedule, Faults& faults, const Signer& signer, History& history, Urls urls,
           Send send);
    void post(Event event);
    void post(HandMade event);
    // The outcome of an attempt: a status, or 0 and what went wrong.
    void settle(std::uint64_t key, unsigned status, const std::string& problem);
    [[nodiscard]] std::size_t pending() const { return items_.size() + held_.size(); }
    [[nodiscard]] const OutboxTotals& totals() const { return totals_; }
    [[nodiscard]] Urls& urls() { return urls_; }
    // Milliseconds from an event to its first 2xx, one entry an event.
    [[nodiscard]] std::vector<double>& delivery_ms() { return delivery_ms_; }
    void reset();

private:
    struct Item {
        Event event = {};
        std::int64_t copy = 0;
        int attempt = 0;
        std::vector<std::string> urls = {};
        std::size_t url = 0;
        std::size_t tries_at_url = 0;
        std::optional<HandMade> hand_made = {};
        UtcTime sent_at{};
    };
    struct Held {
        Event event = {};
        WebhookPlan plan;
        std::int64_t waits_for;
        std::uint64_t number;
    };

    void start(const Event& event, const WebhookPlan& plan);
    void release(std::uint64_t number);
    void try_again(std::uint64_t key, milliseconds delay);
    void attempt(std::uint64_t key);
    std::optional<milliseconds> next_delay(Item& item) const;

    Schedule& schedule_;
    Faults& faults_;
    const Signer& signer_;
    History& history_;
    Urls urls_;
    Send send_;
    std::map<std::uint64_t, Item> items_;
    std::list<Held> held_;
    std::uint64_t keys_ = 0;
    OutboxTotals totals_;
    std::vector<double> delivery_ms_;
};

}  // namespace gw::simulator
