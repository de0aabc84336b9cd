// Calls of more than one leg: which actor an event belongs to, and what happens when a leg turns
// out to be a call's.
#include "gateway/app/call_registry.hpp"

#include <algorithm>
#include <iterator>

namespace gw::app {
namespace asio = boost::asio;

CallRegistry::ActorPtr CallRegistry::known_actor(const CallControlId& leg) const {
    if (const auto known = actors_.find(leg); known != actors_.end()) {
        return known->second;
    }
    const auto further = further_legs_.find(leg);
    return further == further_legs_.end() ? nullptr : further->second.lock();
}

CallRegistry::ActorPtr CallRegistry::known_owner(const CallActor& actor) const {
    const auto further = further_legs_.find(actor.leg);
    return further == further_legs_.end() ? nullptr : further->second.lock();
}

CallRegistry::ActorPtr CallRegistry::actor_for(const CarrierEvent& event) {
    ActorPtr known = known_actor(event.call_control_id);
    if (known && known->call) {
        return known;
    }
    // A leg that rings here is a call of its own, whatever client_state it comes with. The tag
    // knows better than a name under which only strays wait, and so do the ids.
    if (!rings_here(event)) {
        if (event.tag.call) {
            if (const auto call = by_id_.find(*event.tag.call); call != by_id_.end()) {
                return actors_.at(call->second->leg);
            }
        } else if (ActorPtr related = related_actor(event)) {
            learn_leg(*related, event.call_control_id);
            return related;
        }
    }
    return known ? known : find_or_make(event.call_control_id);
}

CallRegistry::ActorPtr CallRegistry::related_actor(const CarrierEvent& event) const {
    const auto [first, last] = by_session_.equal_range(event.call_session_id);
    for (auto at = first; at != last; ++at) {
        if (is_related(*at->second->call, event)) {
            return actors_.at(at->second->leg);
        }
    }
    return nullptr;
}

void CallRegistry::learn_session(CallActor& actor) {
    const CallSessionId& session = actor.call->call_session_id;
    if (!session.value().empty()) {
        by_session_.emplace(session, &actor);
    }
}

void CallRegistry::forget_session(const CallActor& actor) {
    const auto [first, last] = by_session_.equal_range(actor.call->call_session_id);
    const auto mine =
        std::find_if(first, last, [&actor](const auto& entry) { return entry.second == &actor; });
    if (mine != last) {
        by_session_.erase(mine);
    }
}

// Where a call that came from the store has its place.
CallControlId CallRegistry::place_of(const Call& call) {
    return call.call_control_id.value().empty() ? CallControlId(to_public(call.id))
                                                : call.call_control_id;
}

void CallRegistry::learn_leg(CallActor& actor, const CallControlId& leg) {
    if (leg.value().empty() || leg == actor.leg || further_legs_.contains(leg)) {
        return;
    }
    const ActorPtr owner = actors_.at(actor.leg);
    further_legs_.emplace(leg, owner);
    actor.further_legs.push_back(leg);
    // Events without our client_state may have come before: they wait under the leg's own name.
    const auto strayed = actors_.find(leg);
    if (strayed != actors_.end() && !strayed->second->running) {
        hand_over(strayed->second, owner);
    }
}

// All that waits for a leg goes to the call whose leg it is.
void CallRegistry::hand_over(const ActorPtr& from, const ActorPtr& to) {
    to->parked.insert(to->parked.end(), std::make_move_iterator(from->parked.begin()),
                      std::make_move_iterator(from->parked.end()));
    from->parked.clear();
    absorb_parked(*to, {});
    to->mailbox.insert(to->mailbox.end(), std::make_move_iterator(from->mailbox.begin()),
                       std::make_move_iterator(from->mailbox.end()));
    from->mailbox.clear();
    if (!from->running) {
        forget(from);
    }
    start_work(to);
}

// Asks the store whose leg this is, and hands all that waits over to that call. False: nobody's.
asio::awaitable<Result<bool>> CallRegistry::find_owner(ActorPtr actor) {
    auto loaded = co_await ports_.store.load_by_leg(actor->leg);
    if (!loaded) {
        co_return loaded.error();
    }
    const CarrierEvent* event =
        actor->mailbox.empty() ? nullptr : carrier_event_of(actor->mailbox.front().input);
    if (!loaded->has_value() && event && event->tag.call) {
        auto tagged = co_await ports_.store.load(*event->tag.call);
        if (!tagged) {
            co_return tagged.error();
        }
        if (tagged->has_value() && !(*tagged)->call_control_id.value().empty()) {
            loaded = co_await ports_.store.load_by_leg((*tagged)->call_control_id);
            if (!loaded) {
                co_return loaded.error();
            }
        } else if (tagged->has_value()) {  // placed, and this is the first that is heard of its leg
            loaded->emplace(ports::LoadedCall{.call = std::move(**tagged), .seen = {}});
        }
    }
    actor->store_checked = true;
    if (!loaded->has_value()) {
        co_return false;
    }
    ports::LoadedCall& found = **loaded;
    const CallControlId place = place_of(found.call);
    if (place == actor->leg) {
        adopt_loaded(*actor, std::move(found));
        co_return true;
    }
    const ActorPtr owner = find_or_make(place);
    if (!owner->call) {
        adopt_loaded(*owner, std::move(found));
    }
    hand_over(actor, owner);
    co_return true;
}

void CallRegistry::adopt_loaded(CallActor& actor, ports::LoadedCall found) {
    actor.store_checked = true;
    actor.seen.insert(found.seen.begin(), found.seen.end());
    absorb_parked(actor, found.seen);
    take_state(actor, std::move(found.call));
}

void CallRegistry::answer_requester(CallActor& actor, const CommandResult& result,
                                    CommandOutcome outcome) {
    if (auto waits = actor.awaiting.extract(result.command_id)) {
        Reply reply;
        reply.outcome = outcome;
        reply.detail = result.detail;
        std::move(waits.mapped())(std::move(reply));
    }
}

// Nobody here will hear of the carrier's answer any more, and the commands are on the books: they
// may be carried out.
void CallRegistry::give_up_awaiting(CallActor& actor) {
    auto awaiting = std::exchange(actor.awaiting, {});
    for (auto& [command, done] : awaiting) {
        Reply reply;
        reply.outcome = CommandOutcome::unknown;
        std::move(done)(std::move(reply));
    }
}

// What the caller of an input that is on disk now is told. A transfer or gather is told later, when
// the carrier has answered its command.
void CallRegistry::answer_applied(CallActor& actor, std::size_t index, const Plan& plan) {
    const ports::TimelineEntry& entry = plan.commit->entries[index];
    ReplyHandler& done = actor.working[index].done;
    if (const auto* result = std::get_if<CommandResult>(&entry.input.what)) {
        answer_requester(actor, *result, fate_of(*actor.call, *result));
    }
    const bool by_carrier = std::holds_alternative<TransferRequested>(entry.input.what) ||
                            std::holds_alternative<GatherRequested>(entry.input.what);
    if (done && by_carrier && !plan.commit->commands.empty()) {
        actor.awaiting.emplace(plan.commit->commands.back().command_id, std::move(done));
        return;
    }
    if (done) {
        std::move(done)(Reply{.intake = Intake::taken, .verdict = entry.verdict});
    }
}

}  // namespace gw::app
