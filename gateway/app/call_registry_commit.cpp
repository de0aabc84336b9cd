// How the registry keeps a plan and hands out what follows from it.
#include "gateway/app/call_registry.hpp"
#include "gateway/app/registry_meters.hpp"
#include "gateway/domain/fault_point.hpp"

#include <exception>

namespace gw::app {
namespace asio = boost::asio;

void CallRegistry::note_store_failure(const Error& error) {
    if (error.code() == Errc::conflict || error.code() == Errc::duplicate) {
        meters_->conflicts.increment();
        return;
    }
    meters_->store_failures.increment();
    last_store_failure_ = ports_.clock.mono();
    if (sinks_.doubt) {
        sinks_.doubt();
    }
}

void CallRegistry::note_failed_effect(const CallActor& actor, const char* why) noexcept {
    try {
        ports_.log.error("call_effect_failed",
                         {{"call_id", actor.call ? to_public(actor.call->id) : std::string("none")},
                          {"error", why}});
        if (sinks_.doubt) {
            sinks_.doubt();
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to say it
    }
}

// A commit that failed still holds its inputs; of one that was made, the call and the ids are gone.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<Result<void>> CallRegistry::commit(CallActor& actor, Plan& plan) {
    const MonoTime started = ports_.clock.mono();
    fault_point("call.before_commit");
    Result<void> kept;
    try {
        kept = co_await ports_.store.commit(plan.commit);
    } catch (const std::exception& e) {  // memory
        kept = Error(Errc::internal, e.what());
    }
    if (!kept) {
        note_store_failure(kept.error());
        co_return kept;
    }
    fault_point("call.after_commit");
    meters_->commit_seconds.observe(
        std::chrono::duration<double>(ports_.clock.mono() - started).count());
    ports::CallCommit& made = *plan.commit;
    const CallId id = made.call.id;
    follow_up(actor, [&] {
        for (ports::TimelineEntry& entry : made.entries) {
            if (auto* event = carrier_event_of(entry.input)) {
                actor.seen.insert(std::move(event->id));
            }
        }
    });
    follow_up(actor, [&] { take_state(actor, std::move(made.call)); });
    for (const CommandId& command : made.finished_commands) {
        if (sinks_.finished) {
            follow_up(actor, [&] { sinks_.finished(command); });
        }
    }
    for (const SendCommand& command : made.commands) {
        follow_up(actor, [&] { sinks_.command(id, command); });
    }
    for (const ports::OutboundEvent& event : made.webhooks) {
        follow_up(actor, [&] { sinks_.webhook(id, event); });
    }
    for (const CallControlId& leg : plan.asks_carrier_about) {
        if (actor.call && !actor.call->is_final()) {
            follow_up(actor, [&] { sinks_.ask_carrier(id, leg); });
        }
    }
    if (sinks_.committed) {
        follow_up(actor, [&] { sinks_.committed(id); });
    }
    co_return kept;
}

}  // namespace gw::app
