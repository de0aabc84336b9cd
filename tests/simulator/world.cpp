// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/world.hpp"

#include "tests/simulator/payloads.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

// An ended call can be read for ten minutes (OpenAPI, GET /calls/{call_control_id}, read 2026-11).
constexpr milliseconds ended_kept{600'000};
// Between the hangups of two legs that were talking to each other.
constexpr milliseconds second_hangup{20};

Hangup hangup_of_peer(const Leg& leg) {
    return leg.outgoing
               ? Hangup{.cause = "normal_clearing", .source = "caller", .sip_cause = "200"}
               : Hangup{.cause = "normal_clearing", .source = "callee", .sip_cause = "unspecified"};
}

}  // namespace

World::World(Schedule& schedule, WorldOptions options, std::function<void(Event)> sink)
    : schedule_(schedule), options_(std::move(options)), sink_(std::move(sink)) {}

Leg& World::new_leg(bool outgoing, std::string from, std::string to) {
    const std::uint64_t ordinal = ++ordinal_;
    Leg& leg = legs_[ordinal];
    leg.random = Random{options_.seed, "leg " + std::to_string(ordinal)};
    leg.control_id = leg.random.call_control_id();
    leg.leg_id = leg.random.uuid();
    leg.session_id = leg.random.uuid();
    leg.connection_id = options_.connection_id;
    leg.outgoing = outgoing;
    leg.from = std::move(from);
    leg.to = std::move(to);
    leg.started_at = schedule_.now();
    by_id_[leg.control_id] = ordinal;
    ++live_;
    return leg;
}

Leg* World::live(const std::string& control_id) {
    const auto found = by_id_.find(control_id);
    if (found == by_id_.end()) {
        return nullptr;
    }
    Leg& leg = legs_.at(found->second);
    return leg.state == LegState::ended ? nullptr : &leg;
}

const Leg* World::find(const std::string& control_id) const {
    const auto found = by_id_.find(control_id);
    return found == by_id_.end() ? nullptr : &legs_.at(found->second);
}

void World::emit(Leg& leg, std::string_view type, json payload) {
    Event event{.id = leg.random.uuid(),
                .type = std::string{type},
                .control_id = leg.control_id,
                .session_id = leg.session_id,
                .occurred_at = schedule_.now(),
                .payload = std::move(payload),
                .urls = {},
                .retries_ms = std::nullopt};
    if (const auto found = leg.webhook_urls.find(event.type); found != leg.webhook_urls.end()) {
        event.urls = found->second;
    } else if (!leg.webhook_url.empty()) {
        event.urls = {leg.webhook_url};
    }
    if (const auto found = leg.retries_ms.find(event.type); found != leg.retries_ms.end()) {
        event.retries_ms = found->second;
    }
    sink_(std::move(event));
    wake(leg, type);
}

const Leg& World::place_call(CallerScript script) {
    Leg& leg = new_leg(false, script.from, script.to);
    leg.caller = std::move(script);
    leg.steps = leg.caller.steps;
    ++totals_.calls_placed;
    if (leg.caller.give_up_after) {
        schedule_.after(*leg.caller.give_up_after, [this, id = leg.control_id] {
            if (Leg* ringing = live(id);
                ringing != nullptr && ringing->state == LegState::ringing) {
                end(*ringing,
                    {.cause = "originator_cancel", .source = "caller", .sip_cause = "487"});
            }
        });
    }
    emit(leg, "call.initiated", payloads::initiated(leg));
    return leg;
}

void World::answered(Leg& leg) {
    leg.state = LegState::answered;
    leg.answered_at = schedule_.now();
    if (!leg.outgoing) {
        ++totals_.calls_answered;
    }
    emit(leg, "call.answered", payloads::answered(leg));
    if (leg.record_on_answer) {
        leg.recordings.back().started_at = schedule_.now();
        limit_recording(leg, leg.recordings.back());
    }
    if (!leg.stream_on_answer.empty()) {
        start_stream(leg, leg.stream_on_answer);
    }
    run_steps(leg);
}

void World::end(Leg& leg, Hangup hangup) {
    if (leg.leaving) {
        return;
    }
    Leg* other = leg.bridged_with.empty() ? nullptr : live(leg.bridged_with);
    const CalleeScript& script = leg.outgoing || other == nullptr ? leg.callee : other->callee;
    leg.bridged_with.clear();
    if (other != nullptr) {
        other->bridged_with.clear();
    }
    const bool together = other != nullptr && !other->park_after_unbridge;
    if (together && script.hangup_of_other_first) {
        finish(*other, hangup_of_peer(*other));
        leg.leaving = true;
        stop_steps(leg);
        finish_later(leg, std::move(hangup));
    } else {
        finish(leg, std::move(hangup));
        if (together) {
            finish_later(*other, hangup_of_peer(*other));
        }
    }
    for (const std::string& id : leg.pending_targets) {
        if (Leg* target = live(id); target != nullptr && target->state == LegState::ringing) {
            finish(*target, {.cause = "originator_cancel", .source = "caller", .sip_cause = "487"});
        }
    }
}

void World::finish_later(const Leg& leg, Hangup hangup) {
    schedule_.after(second_hangup, [this, id = leg.control_id, hangup = std::move(hangup)] {
        if (Leg* second = live(id)) {
            finish(*second, hangup);
        }
    });
}

// From now on these two talk to each other, and whoever talked to one of them does not any more.
void World::join(Leg& leg, Leg& other) {
    release_peer(leg, other);
    release_peer(other, leg);
    leg.bridged_with = other.control_id;
    other.bridged_with = leg.control_id;
}

void World::release_peer(Leg& leg, const Leg& unless) {
    Leg* former = leg.bridged_with.empty() ? nullptr : live(leg.bridged_with);
    if (former == nullptr || former == &unless) {
        return;
    }
    former->bridged_with.clear();
    if (!former->park_after_unbridge) {
        finish_later(*former, hangup_of_peer(*former));
    }
}

void World::finish(Leg& leg, Hangup hangup) {
    if (leg.state == LegState::ended) {
        return;
    }
    if (leg.gather) {
        end_gather(leg, "call_hangup");
    }
    stop_plays(leg, "all", "call_hangup");
    stop_streams(leg, {});
    leg.state = LegState::ended;
    leg.ended_at = schedule_.now();
    leg.hangup = std::move(hangup);
    --live_;
    ++totals_.legs_ended;
    emit(leg, "call.hangup", payloads::hangup(leg, schedule_.now()));
    if (leg.answered_at) {
        stop_recordings(leg, {}, milliseconds{1500});
    }
    schedule_.after(ended_kept, [this, id = leg.control_id] {
        if (const auto found = by_id_.find(id); found != by_id_.end()) {
            legs_.erase(found->second);
            by_id_.erase(found);
        }
    });
}

void World::reset() {
    legs_.clear();
    by_id_.clear();
    seen_commands_.clear();
    dials_.clear();
    recordings_.clear();
    links_.clear();
    live_ = 0;
    saves_pending_ = 0;
    totals_ = {};
}

}  // namespace gw::simulator
