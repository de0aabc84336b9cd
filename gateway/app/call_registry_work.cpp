// How the registry works a mailbox off: batches, commits, what follows them, and what happens when
// they fail.
#include "gateway/app/call_registry.hpp"
#include "gateway/app/registry_meters.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace gw::app {
namespace asio = boost::asio;

namespace {

// The most inputs of one call in one commit.
constexpr std::size_t batch_max = 64;
// Commits of one call that may lose a race in a row before it is left alone for a moment.
constexpr std::size_t conflicts_max = 8;

void answer(ReplyHandler& done, Result<Reply> reply) {
    if (done) {
        std::move(done)(std::move(reply));
    }
}

bool is_request(const Input& input) {
    return std::holds_alternative<EndRequested>(input.what) ||
           std::holds_alternative<TransferRequested>(input.what) ||
           std::holds_alternative<GatherRequested>(input.what);
}

}  // namespace

asio::awaitable<void> CallRegistry::work(ActorPtr actor) {
    while (!actor->mailbox.empty() && !actor->paused) {
        std::optional<std::string> fault;
        try {
            if (actor->call) {
                co_await work_off(actor);
            } else {
                co_await give_birth(actor);
            }
        } catch (const std::exception& e) {  // a bug of ours: this step fails, the call goes on
            fault = e.what();
        }
        if (fault) {
            co_await contain(actor, *fault);
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

void CallRegistry::take_next(CallActor& actor) {
    actor.working.push_back(std::move(actor.mailbox.front()));
    actor.mailbox.pop_front();
}

void CallRegistry::put_back(CallActor& actor) {
    actor.mailbox.insert(actor.mailbox.begin(), std::make_move_iterator(actor.working.begin()),
                         std::make_move_iterator(actor.working.end()));
    actor.working.clear();
}

// The results at work that the store cannot keep: a command that was carried out was; one that was
// not is still on the books, and may be by the next process.
void CallRegistry::answer_requesters(CallActor& actor) {
    for (const Envelope& envelope : actor.working) {
        if (const auto* result = std::get_if<CommandResult>(&envelope.input.what)) {
            const bool done = result->outcome == CommandOutcome::accepted;
            answer_requester(actor, *result,
                             done ? CommandOutcome::accepted : CommandOutcome::unknown);
        }
    }
}

void CallRegistry::answer_working(CallActor& actor, const Result<Reply>& reply) {
    for (Envelope& envelope : actor.working) {
        answer(envelope.done, reply);
    }
    actor.working.clear();
}

// The store cannot: everybody outside hears of it at once, what is ours waits in the mailbox.
void CallRegistry::pause(CallActor& actor, const Error& error) {
    answer_requesters(actor);
    put_back(actor);
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

// A step threw: a bug of ours. What cannot even be given up (memory) is answered, and the call goes
// on after a moment.
asio::awaitable<void> CallRegistry::contain(ActorPtr actor, std::string why) {
    try {
        co_await find_fault(actor, std::move(why));
    } catch (const std::exception& e) {
        answer_working(*actor, Error(Errc::internal, e.what()));
        actor->paused = true;
    }
}

// Of several inputs the one that throws is found, and left out.
asio::awaitable<void> CallRegistry::find_fault(ActorPtr actor, std::string why) {
    if (actor->working.size() > 1) {
        actor->singly = actor->working.size();
        put_back(*actor);
        co_return;
    }
    if (actor->working.empty() && !actor->mailbox.empty()) {
        take_next(*actor);  // or it would be met again, for ever
    }
    co_await give_up(actor, std::move(why));
}

// These inputs can never be kept (a bug of ours, or a row the store refuses): the call goes on
// without. An event of the carrier's is parked: the next process, with the bug mended, takes it up.
asio::awaitable<void> CallRegistry::give_up(ActorPtr actor, std::string why) {
    meters_->poison.increment();
    answer_requesters(*actor);
    for (Envelope& envelope : actor->working) {
        const auto* event = carrier_event_of(envelope.input);
        if (event && co_await keep_for_later(*event, envelope.input.at)) {
            answer(envelope.done, Reply{.intake = Intake::parked, .verdict = Verdict::noted});
        }
    }
    ports_.log.error("input_given_up",
                     {{"call_id", actor->call ? to_public(actor->call->id) : std::string("none")},
                      {"inputs", actor->working.size()},
                      {"error", why}});
    answer_working(*actor, Error(Errc::internal, std::move(why)));
    // A timer that was given up is due still: not at once again.
    watch_timers(*actor, ports_.clock.utc() + options_.retry_pause);
}

asio::awaitable<bool> CallRegistry::keep_for_later(CarrierEvent event, UtcTime at) {
    ports::ParkedEvent parked{.event = std::move(event), .parked_at = at};
    const auto kept = co_await ports_.store.park(std::move(parked));
    co_return kept || kept.error().code() == Errc::duplicate;
}

bool CallRegistry::answer_without_commit(CallActor& actor) {
    Envelope& head = actor.mailbox.front();
    if (const auto* event = carrier_event_of(head.input)) {
        if (actor.seen.contains(event->id)) {
            answer_duplicate(*event, head.done);
            return true;
        }
    } else if (is_request(head.input)) {
        const Transition transition = apply(*actor.call, head.input);
        if (transition.verdict != Verdict::applied) {  // nothing changes, so nothing is written
            Reply reply{.intake = Intake::taken, .verdict = transition.verdict};
            reply.refusal = transition.refusal;
            answer(head.done, std::move(reply));
            return true;
        }
    }
    return false;
}

bool CallRegistry::fits_batch(const CallActor& actor) {
    const Input& next = actor.mailbox.front().input;
    // A request's answer depends on what those before it make of the call, and its command must not
    // be taken back by what comes after it in the same commit.
    if (is_request(next)) {
        return actor.working.empty();
    }
    if (!actor.working.empty() && is_request(actor.working.front().input)) {
        return false;
    }
    const auto* event = carrier_event_of(next);
    // A duplicate is answered 200 only when the event is on disk: it waits for the first one's
    // commit.
    return !event ||
           std::none_of(actor.working.begin(), actor.working.end(), [&](const Envelope& e) {
               const auto* before = carrier_event_of(e.input);
               return before && before->id == event->id;
           });
}

// The inputs at work become a plan. When that throws, they are at work still.
Plan CallRegistry::plan_next(CallActor& actor, std::vector<Input>& inputs) {
    try {
        return planner_.next(*actor.call, inputs);
    } catch (...) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            actor.working[i].input = std::move(inputs[i]);
        }
        throw;
    }
}

// The parked rows that a commit of what is at work takes the place of: events that it puts on the
// timeline, or that stand there. One that still waits in the mailbox is kept nowhere else.
std::vector<EventId> CallRegistry::unparked_by_working(const CallActor& actor) {
    std::vector<EventId> ids;
    for (const EventId& id : actor.unpark) {
        const bool written = std::ranges::any_of(actor.working, [&id](const Envelope& envelope) {
            const auto* event = carrier_event_of(envelope.input);
            return event && event->id == id;
        });
        if (written || actor.seen.contains(id)) {
            ids.push_back(id);
        }
    }
    return ids;
}

asio::awaitable<void> CallRegistry::work_off(ActorPtr actor) {
    const std::size_t most = actor->singly > 0 ? 1 : batch_max;
    while (!actor->mailbox.empty() && actor->working.size() < most && fits_batch(*actor)) {
        if (answer_without_commit(*actor)) {
            actor->mailbox.pop_front();
        } else {
            take_next(*actor);
        }
    }
    if (actor->working.empty()) {
        co_return;
    }
    std::vector<EventId> unparked = unparked_by_working(*actor);
    std::vector<Input> inputs;
    inputs.reserve(actor->working.size());
    for (Envelope& envelope : actor->working) {
        inputs.push_back(std::move(envelope.input));
    }
    Plan plan = plan_next(*actor, inputs);
    plan.commit->unparked = std::move(unparked);
    const auto done = co_await commit(*actor, plan);
    if (!done) {
        for (std::size_t i = 0; i < actor->working.size(); ++i) {
            actor->working[i].input = std::move(plan.commit->entries[i].input);
        }
        co_await settle_failure(actor, done.error());
        co_return;
    }
    std::erase_if(actor->unpark, [&](const EventId& id) {
        return std::ranges::find(plan.commit->unparked, id) != plan.commit->unparked.end();
    });
    actor->conflicts = 0;
    actor->singly -= std::min<std::size_t>(actor->singly, 1);
    for (std::size_t i = 0; i < actor->working.size(); ++i) {
        follow_up(*actor, [&] { answer_applied(*actor, i, plan); });
    }
    actor->working.clear();
}

asio::awaitable<void> CallRegistry::settle_failure(ActorPtr actor, Error error) {
    const std::size_t size = actor->working.size();
    const bool overtaken = error.code() == Errc::conflict || error.code() == Errc::duplicate;
    if (overtaken && ++actor->conflicts <= conflicts_max) {
        // Another writer was first: see what it wrote, and decide again.
        Error load_error;
        if (co_await load_from_store(*actor, load_error)) {
            const auto* event = carrier_event_of(actor->working.front().input);
            if (error.code() == Errc::duplicate && size == 1 && event) {
                // It is on record, if not with this call (an id used twice): nothing more to keep.
                answer_duplicate(*event, actor->working.front().done);
                actor->working.clear();
                co_return;
            }
            actor->singly = error.code() == Errc::duplicate ? size : actor->singly;
            put_back(*actor);
            co_return;
        }
        error = load_error;
    }
    if (error.code() == Errc::internal && size > 1) {
        actor->singly = size;  // find the one the store refuses
        put_back(*actor);
        co_return;
    }
    if (error.code() == Errc::internal) {
        co_await give_up(actor, error.context());
        co_return;
    }
    actor->conflicts = 0;
    pause(*actor, error);
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
asio::awaitable<bool> CallRegistry::load_from_store(CallActor& actor, Error& error) {
    CallControlId leg = actor.call ? actor.call->call_control_id : actor.leg;
    std::optional<ports::LoadedCall> legless;
    if (leg.value().empty()) {  // a call we placed is found by its number until its leg is known
        auto found = co_await ports_.store.load(actor.call->id);
        if (!found) {
            error = found.error();
            co_return false;
        }
        if (found->has_value()) {
            leg = (*found)->call_control_id;
            legless = ports::LoadedCall{.call = std::move(**found), .seen = {}};
        }
    }
    Result<std::optional<ports::LoadedCall>> loaded = std::move(legless);
    if (!leg.value().empty()) {
        loaded = co_await ports_.store.load_by_leg(std::move(leg));
    }
    if (!loaded) {
        error = loaded.error();
        co_return false;
    }
    actor.store_checked = true;
    if (loaded->has_value()) {
        adopt_loaded(actor, std::move(**loaded));
    }
    co_return true;
}

void CallRegistry::answer_duplicate(const CarrierEvent& event, ReplyHandler& done) {
    ports_.store.note_repeat(event.id, event.occurred_at);
    answer(done, Reply{.intake = Intake::duplicate, .verdict = Verdict::redundant});
}

}  // namespace gw::app
