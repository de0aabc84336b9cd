// How the registry comes to a call: births, parking, adoption.
#include "gateway/app/call_registry.hpp"
#include "gateway/app/registry_meters.hpp"
#include "gateway/domain/e164.hpp"

#include <algorithm>
#include <iterator>

namespace gw::app {
namespace asio = boost::asio;

namespace {

bool begins_inbound_call(const Input& input) {
    const auto* event = carrier_event_of(input);
    return event && rings_here(*event);
}

std::vector<Input> in_order(const std::vector<ports::ParkedEvent>& parked) {
    std::vector<Input> inputs;
    inputs.reserve(parked.size());
    for (const ports::ParkedEvent& event : parked) {
        const auto place =
            std::upper_bound(inputs.begin(), inputs.end(), event.event,
                             [](const CarrierEvent& later, const Input& input) {
                                 return happens_before(later, *std::get<BoxedEvent>(input.what));
                             });
        inputs.insert(place, {.at = event.parked_at, .what = event.event});
    }
    return inputs;
}

std::vector<EventId> ids_of(const std::vector<ports::ParkedEvent>& parked) {
    std::vector<EventId> ids;
    ids.reserve(parked.size());
    for (const ports::ParkedEvent& event : parked) {
        ids.push_back(event.event.id);
    }
    return ids;
}

// The parked event that says most about whose call it is; null when none does.
const CarrierEvent* telling_event(const std::vector<ports::ParkedEvent>& parked) {
    const CarrierEvent* telling = nullptr;
    for (const ports::ParkedEvent& event : parked) {
        const CarrierEventType type = event.event.type;
        const bool tells = type == CarrierEventType::initiated ||
                           type == CarrierEventType::answered || type == CarrierEventType::hangup ||
                           type == CarrierEventType::dtmf;
        if (tells && !event.event.to.empty()) {
            telling = &event.event;
        }
    }
    return telling;
}

UtcTime earliest_of(const std::vector<ports::ParkedEvent>& parked) {
    UtcTime earliest = parked.front().event.occurred_at;
    for (const auto& [event, parked_at] : parked) {
        // A recording has a start_time of its own (Telnyx REFERENCE 2.1).
        const bool of_leg = event.type != CarrierEventType::other;
        earliest = std::min(
            {earliest, event.occurred_at, of_leg ? event.start_time.value_or(earliest) : earliest});
    }
    return earliest;
}

bool is_outgoing(const std::vector<ports::ParkedEvent>& parked) {
    return std::any_of(parked.begin(), parked.end(), [](const ports::ParkedEvent& event) {
        return event.event.direction == Direction::outbound;
    });
}

bool was_overtaken(const Error& error) {
    return error.code() == Errc::conflict || error.code() == Errc::duplicate;
}

}  // namespace

asio::awaitable<void> CallRegistry::give_birth(ActorPtr actor) {
    const Input& next = actor->mailbox.front().input;
    const auto* tagged = carrier_event_of(next);
    const bool says_whose = tagged && tagged->tag.call;
    if (!begins_inbound_call(next) && (!actor->store_checked || says_whose)) {
        const auto owned = co_await find_owner(actor);
        if (!owned) {
            pause(*actor, owned.error());
            co_return;
        }
        if (*owned) {
            co_return;
        }
    }
    take_next(*actor);
    const Input& input = actor->working.front().input;
    if (begins_inbound_call(input)) {
        co_await born_from(actor);
    } else if (std::holds_alternative<BoxedEvent>(input.what)) {
        co_await park(actor);
    } else if (std::holds_alternative<TimerFired>(input.what)) {
        co_await adopt(actor);
    } else {
        answer_working(*actor, Error(Errc::not_found, "no such call"));
    }
    actor->working.clear();
}

NewCall CallRegistry::new_inbound(const CarrierEvent& event) {
    InboundFacts facts;
    facts.to = event.to;
    facts.draining = draining_;
    facts.live_calls_of = [this](OrgId org) { return live_count_of(org); };
    return {.id = ports_.store.next_call_id(),
            .nonce = {.high = ports_.random.next_u64(), .low = ports_.random.next_u64()},
            .terms = terms_for_inbound(ports_.directory, options_.defaults, facts),
            .adopted = false,
            .direction = Direction::inbound};
}

// A call whose first commit is under way takes its place already: the limit and the drain see it.
class CallRegistry::Birth {
public:
    Birth(CallRegistry& registry, const InboundTerms& terms)
        : registry_(registry), counts_(!terms.refusal), org_(terms.org_id) {
        if (counts_) {
            ++registry_.births_;
            if (org_) {
                ++registry_.births_by_org_[*org_];
            }
        }
    }
    ~Birth() {
        if (!counts_) {
            return;
        }
        --registry_.births_;
        if (org_ && --registry_.births_by_org_[*org_] == 0) {
            registry_.births_by_org_.erase(*org_);
        }
        if (registry_.sinks_.changed) {
            registry_.sinks_.changed();
        }
    }
    Birth(const Birth&) = delete;
    Birth& operator=(const Birth&) = delete;

private:
    CallRegistry& registry_;
    bool counts_;
    std::optional<OrgId> org_;
};

asio::awaitable<void> CallRegistry::born_from(ActorPtr actor) {
    Envelope& head = actor->working.front();
    const auto& event = *std::get<BoxedEvent>(head.input.what);
    if (actor->seen.contains(event.id)) {
        answer_duplicate(event, head.done);
        co_return;
    }
    // The store is not asked first whether this leg has a call: if it has, the commit says so.
    const NewCall birth = new_inbound(event);
    const Birth place(*this, birth.terms);
    std::vector<Input> inputs = in_order(actor->parked);
    std::vector<EventId> unparked = ids_of(actor->parked);
    Plan plan;
    inputs.insert(inputs.begin(), std::move(head.input));
    try {
        plan = planner_.birth(birth, inputs);
    } catch (...) {
        head.input = std::move(inputs.front());
        throw;
    }
    plan.commit->unparked = std::move(unparked);
    const auto done = co_await commit(*actor, plan);
    if (done) {
        meters_->calls_opened.increment();
        actor->parked.clear();
        answer_working(*actor, Reply{.intake = Intake::taken, .verdict = Verdict::applied});
        co_return;
    }
    if (!was_overtaken(done.error())) {
        answer_working(*actor, done.error());
        co_return;
    }
    head.input = std::move(plan.commit->entries.front().input);
    Error error = done.error();
    const bool asked = co_await load_from_store(*actor, error);
    if (asked && actor->call) {
        put_back(*actor);  // the call exists: the event is one more of its inputs
    } else if (asked && done.error().code() == Errc::duplicate) {
        answer_duplicate(*std::get<BoxedEvent>(head.input.what), head.done);
    } else {
        answer_working(*actor, Error(Errc::unavailable, "the call could not be opened"));
    }
}

asio::awaitable<void> CallRegistry::park(ActorPtr actor) {
    Envelope& head = actor->working.front();
    const auto& event = *std::get<BoxedEvent>(head.input.what);
    if (actor->seen.contains(event.id)) {
        answer_duplicate(event, head.done);
        co_return;
    }
    ports::ParkedEvent parked{.event = event, .parked_at = head.input.at};
    const auto kept = co_await ports_.store.park(parked);
    if (!kept && kept.error().code() == Errc::duplicate) {
        answer_duplicate(event, head.done);
        co_return;
    }
    if (!kept) {
        note_store_failure(kept.error());
        answer_working(*actor, kept.error());
        co_return;
    }
    actor->seen.insert(event.id);
    actor->parked.push_back(std::move(parked));
    if (const ActorPtr owner = known_owner(*actor)) {  // learned while this was being written
        answer_working(*actor, Reply{.intake = Intake::parked, .verdict = Verdict::noted});
        hand_over(actor, owner);
        co_return;
    }
    watch_timers(*actor);
    answer_working(*actor, Reply{.intake = Intake::parked, .verdict = Verdict::noted});
}

std::optional<NewCall> CallRegistry::adopted_from(const std::vector<ports::ParkedEvent>& parked) {
    const CarrierEvent* telling = telling_event(parked);
    if (!telling) {
        return std::nullopt;
    }
    const auto to = e164_of(telling->to);
    const auto from = e164_of(telling->from);
    const ports::Agent* called = to ? ports_.directory.agent_by_number(*to) : nullptr;
    const ports::Agent* calling = from ? ports_.directory.agent_by_number(*from) : nullptr;
    NewCall birth;
    birth.adopted = true;
    birth.from = telling->from;
    birth.to = telling->to;
    birth.begun = earliest_of(parked);
    if (called || calling) {
        birth.direction = called ? Direction::inbound : Direction::outbound;
        birth.terms =
            terms_of_agent(ports_.directory, options_.defaults, called ? *called : *calling);
    } else if (is_outgoing(parked)) {
        return std::nullopt;  // somebody else dials on our connection
    } else {
        InboundFacts facts;
        facts.to = telling->to;
        birth.terms = terms_for_inbound(ports_.directory, options_.defaults, facts);
    }
    birth.id = ports_.store.next_call_id();
    birth.nonce = {.high = ports_.random.next_u64(), .low = ports_.random.next_u64()};
    return birth;
}

asio::awaitable<void> CallRegistry::discard(ActorPtr actor) {
    // Nothing in them says whose call it could be: recording, cost or stream events of a leg we
    // never had.
    for (const ports::ParkedEvent& event : actor->parked) {
        ports_.log.warn("parked_event_discarded", {{"event_type", event.event.type_word},
                                                   {"event_id", event.event.id.value()}});
    }
    if (co_await ports_.store.discard_parked(ids_of(actor->parked))) {
        actor->parked.clear();
    } else {
        timers_.set(actor->leg, ports_.clock.utc() + options_.park_for);
    }
}

asio::awaitable<void> CallRegistry::adopt(ActorPtr actor) {
    if (actor->parked.empty()) {
        co_return;
    }
    for (const ports::ParkedEvent& event : actor->parked) {
        if (const ActorPtr owner = related_actor(event.event)) {  // its ids are known by now
            learn_leg(*owner, actor->leg);
            hand_over(actor, owner);
            co_return;
        }
    }
    const auto birth = adopted_from(actor->parked);
    if (!birth) {
        co_await discard(actor);
        co_return;
    }
    std::vector<Input> inputs = in_order(actor->parked);
    // The first event begins the call; unless it is a call.initiated, it has more to say than that.
    const bool initiated = carrier_event_of(inputs.front())->type == CarrierEventType::initiated;
    Plan plan = initiated ? planner_.birth(*birth, inputs) : planner_.adoption(*birth, inputs);
    plan.commit->unparked = ids_of(actor->parked);
    const auto done = co_await commit(*actor, plan);
    if (done) {
        meters_->calls_opened.increment();
        actor->parked.clear();
        co_return;
    }
    if (was_overtaken(done.error())) {
        Error error;
        if (co_await load_from_store(*actor, error) && actor->call) {
            co_return;
        }
    }
    timers_.set(actor->leg, ports_.clock.utc() + options_.retry_pause);
}

// What was parked for a leg that turns out to have a call: on its timeline already, or one more of
// its inputs; either way no longer parked.
void CallRegistry::absorb_parked(CallActor& actor, const std::vector<EventId>& on_timeline) {
    for (ports::ParkedEvent& parked : actor.parked) {
        const EventId id = parked.event.id;
        actor.unpark.push_back(id);
        if (std::find(on_timeline.begin(), on_timeline.end(), id) == on_timeline.end()) {
            actor.seen.erase(id);
            actor.mailbox.push_back(
                {.input = {.at = parked.parked_at, .what = std::move(parked.event)}, .done = {}});
        }
    }
    actor.parked.clear();
}

Result<InboundTerms> CallRegistry::terms_for_outbound(AgentId id) const {
    const ports::Agent* agent = ports_.directory.agent(id);
    if (!agent) {
        return Error(Errc::not_found, "no such agent");
    }
    if (stopping_ || draining_) {
        return Error(Errc::unavailable, "the gateway takes no new calls");
    }
    InboundTerms terms = terms_of_agent(ports_.directory, options_.defaults, *agent);
    const ports::Org* org = terms.org_id ? ports_.directory.org(*terms.org_id) : nullptr;
    const auto most = org ? concurrency_max(org->tier) : std::nullopt;
    if (most && live_count_of(*terms.org_id) >= *most) {
        return Error(Errc::over_limit, "the organisation's calls are at their limit");
    }
    return terms;
}

asio::awaitable<Result<Call>> CallRegistry::place(NewOutboundCall birth, std::string request_id) {
    if (stopping_ || draining_) {
        co_return Error(Errc::unavailable, "the gateway takes no new calls");
    }
    birth.id = ports_.store.next_call_id();
    birth.nonce = {.high = ports_.random.next_u64(), .low = ports_.random.next_u64()};
    const Birth place(*this, birth.terms);
    Plan plan = planner_.outbound(
        birth, Input{.at = ports_.clock.utc(), .what = DialRequested{std::move(request_id)}});
    const ActorPtr actor = find_or_make(CallControlId(to_public(birth.id)));
    actor->store_checked = true;
    actor->running = true;
    const auto done = co_await commit(*actor, plan);
    actor->running = false;
    if (!done) {
        // It may be on disk all the same: its command is found there, and not carried out.
        forget(actor);
        co_return done.error();
    }
    meters_->calls_opened.increment();
    start_work(actor);
    co_return *actor->call;
}

}  // namespace gw::app
