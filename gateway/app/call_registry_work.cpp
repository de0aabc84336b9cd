// How the registry works a mailbox off: births, parking, adoption, commits and what follows them.
#include "gateway/app/call_registry.hpp"
#include "gateway/app/registry_meters.hpp"
#include "gateway/domain/e164.hpp"
#include "gateway/domain/fault_point.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

// The most inputs of one call in one commit.
constexpr std::size_t batch_max = 64;

void answer(ReplyHandler& done, Result<Reply> reply) {
    if (done) {
        std::move(done)(std::move(reply));
    }
}

bool begins_inbound_call(const Input& input) {
    const auto* event = std::get_if<CarrierEvent>(&input.what);
    return event && event->type == CarrierEventType::initiated &&
           event->direction == Direction::inbound;
}

std::vector<Input> in_order(const std::vector<ports::ParkedEvent>& parked) {
    std::vector<Input> inputs;
    inputs.reserve(parked.size());
    for (const ports::ParkedEvent& event : parked) {
        inputs.push_back({.at = event.parked_at, .what = event.event});
    }
    std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) {
        return happens_before(std::get<CarrierEvent>(a.what), std::get<CarrierEvent>(b.what));
    });
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

}  // namespace

asio::awaitable<void> CallRegistry::work(ActorPtr actor) {
    while (!actor->mailbox.empty() && !actor->paused) {
        if (actor->call) {
            co_await work_off(actor);
        } else {
            co_await give_birth(actor);
        }
    }
    actor->running = false;
    if (actor->paused) {
        actor->paused = false;
        timers_.set(actor->leg, ports_.clock.utc() + options_.retry_pause);
    } else {
        retire(actor);
    }
}

// The store cannot: everybody outside hears of it at once, what is ours waits in the mailbox.
void CallRegistry::pause(CallActor& actor, const Error& error) {
    std::deque<Envelope> waiting;
    waiting.swap(actor.mailbox);
    for (Envelope& envelope : waiting) {
        if (envelope.done) {
            answer(envelope.done, error);
        } else if (!stopping_) {  // at the next start its cause is found again: a job, a timer
            actor.mailbox.push_back(std::move(envelope));
        }
    }
    actor.paused = !actor.mailbox.empty();
}

asio::awaitable<void> CallRegistry::give_birth(ActorPtr actor) {
    if (begins_inbound_call(actor->mailbox.front().input)) {
        Envelope head = std::move(actor->mailbox.front());
        actor->mailbox.pop_front();
        co_await born_from(actor, std::move(head));
        co_return;
    }
    if (!actor->store_checked) {
        Error error;
        const bool asked = co_await load_from_store(*actor, error);
        if (!asked) {
            pause(*actor, error);
            co_return;
        }
        if (actor->call) {
            co_return;
        }
    }
    Envelope head = std::move(actor->mailbox.front());
    actor->mailbox.pop_front();
    if (std::holds_alternative<CarrierEvent>(head.input.what)) {
        co_await park(actor, std::move(head));
    } else if (std::holds_alternative<TimerFired>(head.input.what)) {
        co_await adopt(actor);
    } else {
        answer(head.done, Error(Errc::not_found, "no such call"));
    }
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

asio::awaitable<void> CallRegistry::born_from(ActorPtr actor, Envelope head) {
    const auto& event = std::get<CarrierEvent>(head.input.what);
    if (actor->seen.contains(event.id)) {
        answer_duplicate(event, head.done);
        co_return;
    }
    // The store is not asked first whether this leg has a call: if it has, the commit says so.
    Plan plan = planner_.birth(new_inbound(event), head.input, in_order(actor->parked));
    plan.commit.unparked = ids_of(actor->parked);
    const auto done = co_await commit(*actor, std::move(plan));
    if (done) {
        meters_->calls_opened.increment();
        actor->parked.clear();
        answer(head.done, Reply{.intake = Intake::taken, .verdict = Verdict::applied});
        co_return;
    }
    if (done.error().code() == Errc::conflict || done.error().code() == Errc::duplicate) {
        Error error = done.error();
        const bool asked = co_await load_from_store(*actor, error);
        if (asked && actor->call) {
            actor->mailbox.push_front(
                std::move(head));  // the call exists: the event is one more of its inputs
            co_return;
        }
        if (asked && done.error().code() == Errc::duplicate) {
            answer_duplicate(event, head.done);
            co_return;
        }
        answer(head.done, Error(Errc::unavailable, "the call could not be opened"));
        co_return;
    }
    answer(head.done, done.error());
}

asio::awaitable<void> CallRegistry::park(ActorPtr actor, Envelope head) {
    auto& event = std::get<CarrierEvent>(head.input.what);
    if (actor->seen.contains(event.id)) {
        answer_duplicate(event, head.done);
        co_return;
    }
    ports::ParkedEvent parked{.event = std::move(event), .parked_at = head.input.at};
    const auto kept = co_await ports_.store.park(parked);
    if (!kept && kept.error().code() == Errc::duplicate) {
        answer_duplicate(parked.event, head.done);
        co_return;
    }
    if (!kept) {
        meters_->store_failures.increment();
        answer(head.done, kept.error());
        co_return;
    }
    actor->seen.insert(parked.event.id);
    actor->parked.push_back(std::move(parked));
    watch_timers(*actor);
    answer(head.done, Reply{.intake = Intake::parked, .verdict = Verdict::noted});
}

std::optional<NewCall> CallRegistry::adopted_from(const std::vector<ports::ParkedEvent>& parked) {
    const CarrierEvent* lifecycle = nullptr;
    for (const ports::ParkedEvent& event : parked) {
        const bool tells = event.event.type == CarrierEventType::initiated ||
                           event.event.type == CarrierEventType::answered ||
                           event.event.type == CarrierEventType::hangup ||
                           event.event.type == CarrierEventType::dtmf;
        if (tells && !event.event.to.empty()) {
            lifecycle = &event.event;
        }
    }
    if (!lifecycle) {
        return std::nullopt;
    }
    const auto to = e164_of(lifecycle->to);
    const auto from = e164_of(lifecycle->from);
    const ports::Agent* called = to ? ports_.directory.agent_by_number(*to) : nullptr;
    const ports::Agent* calling = from ? ports_.directory.agent_by_number(*from) : nullptr;
    const ports::Agent* agent = called ? called : calling;
    if (!agent) {
        return std::nullopt;
    }
    return NewCall{.id = ports_.store.next_call_id(),
                   .nonce = {.high = ports_.random.next_u64(), .low = ports_.random.next_u64()},
                   .terms = terms_of_agent(ports_.directory, options_.defaults, *agent),
                   .adopted = true,
                   .direction = called ? Direction::inbound : Direction::outbound};
}

asio::awaitable<void> CallRegistry::adopt(ActorPtr actor) {
    if (actor->parked.empty()) {
        co_return;
    }
    auto birth = adopted_from(actor->parked);
    if (!birth) {
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
        co_return;
    }
    std::vector<Input> inputs = in_order(actor->parked);
    Input first = std::move(inputs.front());
    // The first event begins the call; unless it is a call.initiated, it has more to say than that.
    std::vector<Input> rest(std::make_move_iterator(inputs.begin() + 1),
                            std::make_move_iterator(inputs.end()));
    const CarrierEvent& event = std::get<CarrierEvent>(first.what);
    Plan plan;
    if (event.type == CarrierEventType::initiated) {
        plan = planner_.birth(*birth, std::move(first), std::move(rest));
    } else {
        plan = planner_.adoption(*birth, std::move(first), std::move(rest));
    }
    plan.commit.unparked = ids_of(actor->parked);
    const auto done = co_await commit(*actor, std::move(plan));
    if (done) {
        meters_->calls_opened.increment();
        actor->parked.clear();
        co_return;
    }
    timers_.set(actor->leg, ports_.clock.utc() + options_.retry_pause);
}

asio::awaitable<void> CallRegistry::work_off(ActorPtr actor) {
    std::vector<Envelope> batch;
    std::vector<Input> inputs;
    while (!actor->mailbox.empty() && batch.size() < batch_max) {
        if (std::holds_alternative<EndRequested>(actor->mailbox.front().input.what)) {
            if (!batch.empty()) {
                break;  // its answer depends on what these make of the call
            }
            const Verdict verdict = apply(*actor->call, actor->mailbox.front().input).verdict;
            if (verdict != Verdict::applied) {  // nothing changes, so nothing is written
                Envelope request = std::move(actor->mailbox.front());
                actor->mailbox.pop_front();
                answer(request.done, Reply{.intake = Intake::taken, .verdict = verdict});
                continue;
            }
        }
        Envelope envelope = std::move(actor->mailbox.front());
        actor->mailbox.pop_front();
        if (const auto* event = std::get_if<CarrierEvent>(&envelope.input.what)) {
            const bool twice = std::any_of(inputs.begin(), inputs.end(), [&](const Input& other) {
                const auto* before = std::get_if<CarrierEvent>(&other.what);
                return before && before->id == event->id;
            });
            if (twice) {
                // Wait for the first one's commit: a duplicate is answered 200 only when the event
                // is on disk.
                actor->mailbox.push_front(std::move(envelope));
                break;
            }
            if (actor->seen.contains(event->id)) {
                answer_duplicate(*event, envelope.done);
                continue;
            }
        }
        inputs.push_back(envelope.input);
        batch.push_back(std::move(envelope));
    }
    if (batch.empty()) {
        co_return;
    }
    Plan plan = planner_.next(*actor->call, std::move(inputs));
    const std::vector<Verdict> verdicts = plan.verdicts;
    const auto done = co_await commit(*actor, std::move(plan));
    if (!done) {
        co_await settle_failure(actor, std::move(batch), done.error());
        co_return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        answer(batch[i].done, Reply{.intake = Intake::taken, .verdict = verdicts[i]});
    }
}

asio::awaitable<void> CallRegistry::settle_failure(ActorPtr actor, std::vector<Envelope> batch,
                                                   Error error) {
    if (error.code() == Errc::conflict || error.code() == Errc::duplicate) {
        // Another writer was first: see what it wrote, and decide again.
        Error load_error;
        if (co_await load_from_store(*actor, load_error)) {
            for (auto envelope = batch.rbegin(); envelope != batch.rend(); ++envelope) {
                actor->mailbox.push_front(std::move(*envelope));
            }
            co_return;
        }
        error = load_error;
    }
    for (auto envelope = batch.rbegin(); envelope != batch.rend(); ++envelope) {
        actor->mailbox.push_front(std::move(*envelope));
    }
    pause(*actor, error);
}

asio::awaitable<bool> CallRegistry::load_from_store(CallActor& actor, Error& error) {
    auto loaded = co_await ports_.store.load_by_leg(actor.leg);
    if (!loaded) {
        error = loaded.error();
        co_return false;
    }
    actor.store_checked = true;
    if (loaded->has_value()) {
        ports::LoadedCall& found = **loaded;
        actor.seen.insert(found.seen.begin(), found.seen.end());
        take_state(actor, std::move(found.call));
    }
    co_return true;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<Result<void>> CallRegistry::commit(CallActor& actor, Plan plan) {
    const MonoTime started = ports_.clock.mono();
    Call next = plan.commit.call;
    const std::vector<SendCommand> commands = plan.commit.commands;
    const std::vector<ports::OutboundEvent> webhooks = plan.commit.webhooks;
    std::vector<EventId> events;
    for (const ports::TimelineEntry& entry : plan.commit.entries) {
        if (const auto* event = std::get_if<CarrierEvent>(&entry.input.what)) {
            events.push_back(event->id);
        }
    }
    fault_point("call.before_commit");
    auto done = co_await ports_.store.commit(std::move(plan.commit));
    if (!done) {
        (done.error().code() == Errc::conflict ? meters_->conflicts : meters_->store_failures)
            .increment();
        co_return done.error();
    }
    fault_point("call.after_commit");
    meters_->commit_seconds.observe(
        std::chrono::duration<double>(ports_.clock.mono() - started).count());
    for (EventId& id : events) {
        actor.seen.insert(std::move(id));
    }
    const CallId id = next.id;
    take_state(actor, std::move(next));
    for (const SendCommand& command : commands) {
        sinks_.command(id, command);
    }
    for (const ports::OutboundEvent& event : webhooks) {
        sinks_.webhook(id, event);
    }
    const bool ask = std::any_of(plan.effects.begin(), plan.effects.end(), [](const Effect& e) {
        return std::holds_alternative<AskCarrier>(e);
    });
    if (ask && !actor.call->is_final()) {
        sinks_.ask_carrier(id, actor.leg);
    }
    co_return Result<void>{};
}

void CallRegistry::answer_duplicate(const CarrierEvent& event, ReplyHandler& done) {
    ports_.store.note_repeat(event.id, event.occurred_at);
    answer(done, Reply{.intake = Intake::duplicate, .verdict = Verdict::redundant});
}

}  // namespace gw::app
