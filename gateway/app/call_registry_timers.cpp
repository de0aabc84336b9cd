// When the registry wakes a call, and what it then gives it.
#include "gateway/app/call_registry.hpp"

#include <algorithm>

namespace gw::app {

void CallRegistry::watch_timers(const CallActor& actor, std::optional<UtcTime> not_before) {
    std::optional<UtcTime> first = actor.call ? next_timer(*actor.call) : std::nullopt;
    for (const ports::ParkedEvent& parked : actor.parked) {
        const UtcTime due = parked.parked_at + options_.park_for;
        first = first ? std::min(*first, due) : due;
    }
    if (first && not_before) {
        first = std::max(*first, *not_before);
    }
    timers_.set(actor.leg, first);
}

void CallRegistry::timer_due(const CallControlId& leg) {
    const auto known = actors_.find(leg);
    if (known == actors_.end()) {
        return;
    }
    const ActorPtr& actor = known->second;
    const UtcTime now = ports_.clock.utc();
    if (!actor->mailbox.empty() && !actor->running) {
        // It paused because of the store. Its own timers are set anew by the next commit or pause.
        actor->running = true;
        workers_.spawn(work(actor));
        return;
    }
    const auto fire = [&](TimerKind kind) {
        const bool waits = std::any_of(
            actor->mailbox.begin(), actor->mailbox.end(), [kind](const Envelope& envelope) {
                const auto* fired = std::get_if<TimerFired>(&envelope.input.what);
                return fired && fired->timer == kind;
            });
        if (waits) {
            return;
        }
        enqueue(actor, Envelope{.input = {.at = now, .what = TimerFired{kind}}, .done = {}});
    };
    if (!actor->call) {
        fire(TimerKind::deadline);  // the parked events have waited long enough
        return;
    }
    const gw::CallTimers& timers = actor->call->timers;
    if (next_timer(*actor->call).value_or(now) > now) {
        watch_timers(*actor);  // the clock went back between two looks at it
        return;
    }
    const auto is_due = [&](const std::optional<UtcTime>& timer) { return timer && *timer <= now; };
    if (is_due(timers.settle)) {
        fire(TimerKind::settle);
        return;
    }
    if (is_due(timers.max_duration)) {
        fire(TimerKind::max_duration);
    }
    if (is_due(timers.silence)) {
        fire(TimerKind::silence);
    }
    if (is_due(timers.gather)) {
        fire(TimerKind::gather);
    }
    if (is_due(timers.transfer)) {
        fire(TimerKind::transfer);
    }
    if (is_due(timers.deadline)) {
        fire(TimerKind::deadline);
    } else if (is_due(timers.check)) {
        fire(TimerKind::check);
    }
}

}  // namespace gw::app
