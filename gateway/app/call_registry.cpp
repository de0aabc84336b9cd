#include "gateway/app/call_registry.hpp"

#include "gateway/app/registry_meters.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gw::app {
namespace asio = boost::asio;

namespace {

// How soon a crowd is looked at again: about a commit.
constexpr std::chrono::milliseconds crowd_pause{2};

ports::Counter& intake_counter(ports::Metrics& metrics, std::string_view result) {
    return metrics.counter(
        {"gateway_carrier_events_total", "Carrier events by what became of them."},
        {{"result", result}});
}

ports::Counter& closed_counter(ports::Metrics& metrics, std::string_view closed_by) {
    return metrics.counter(
        {"gateway_calls_closed_total", "Calls that became final, by who closed them."},
        {{"closed_by", closed_by}});
}

}  // namespace

CallRegistry::Meters::Meters(ports::Metrics& metrics)
    : taken(intake_counter(metrics, "taken")),
      duplicate(intake_counter(metrics, "duplicate")),
      parked(intake_counter(metrics, "parked")),
      ignored(intake_counter(metrics, "ignored")),
      conflicts(metrics.counter(
          {"gateway_commit_conflicts_total", "Commits that lost a race and were made again."})),
      store_failures(
          metrics.counter({"gateway_commit_failures_total", "Commits the store could not make."})),
      poison(metrics.counter({"gateway_inputs_given_up_total",
                              "Inputs that could not be kept because of a fault of ours."})),
      calls_opened(metrics.counter({"gateway_calls_opened_total", "Calls begun."})),
      calls_closed_webhook(closed_counter(metrics, "webhook")),
      calls_closed_reconciler(closed_counter(metrics, "reconciler")),
      calls_closed_deadline(closed_counter(metrics, "deadline")),
      commit_seconds(metrics.histogram(
          {"gateway_commit_seconds", "Time from a commit's request to its being on disk."})) {}

CallRegistry::CallRegistry(asio::any_io_executor executor, RegistryPorts ports,
                           RegistryOptions options)
    : executor_(executor),
      ports_(ports),
      options_(std::move(options)),
      planner_(ports.directory, ports.encoder, ports.store),
      timers_(
          executor, ports.clock, [this](const CallControlId& leg) { timer_due(leg); },
          [this] { return is_crowded(); }),
      deadlines_(executor, ports.clock, options_.answer_within),
      meters_(std::make_unique<Meters>(ports.metrics)),
      workers_(executor,
               [this](std::string_view what) {
                   ports_.log.error("call_task_failed", {{"what", what}});
               }),
      tasks_(executor, [this](std::string_view what) {
          ports_.log.error("call_task_failed", {{"what", what}});
      }) {
    ports_.metrics.sampled_gauge({"gateway_live_calls", "Calls that are not final."}, {},
                                 [this] { return static_cast<double>(live_.size()); });
    ports_.metrics.sampled_gauge(
        {"gateway_call_actors", "Legs held in memory, live or lately final."}, {},
        [this] { return static_cast<double>(actors_.size()); });
}

CallRegistry::~CallRegistry() = default;

asio::awaitable<Result<void>> CallRegistry::start() {
    auto live = co_await ports_.store.load_live();
    if (!live) {
        co_return live.error();
    }
    auto parked = co_await ports_.store.parked();
    if (!parked) {
        co_return parked.error();
    }
    std::vector<CallId> restarted;
    restarted.reserve(live->size());
    for (ports::LoadedCall& loaded : *live) {
        const ActorPtr actor = find_or_make(place_of(loaded.call));
        actor->seen = {loaded.seen.begin(), loaded.seen.end()};
        restarted.push_back(loaded.call.id);
        take_state(*actor, std::move(loaded.call));
    }
    for (ports::ParkedEvent& event : *parked) {
        const ActorPtr actor = actor_for(event.event);
        if (actor->call) {  // what it waited for is known by now
            actor->parked.push_back(std::move(event));
            absorb_parked(*actor, {actor->seen.begin(), actor->seen.end()});
            start_work(actor);
            continue;
        }
        actor->seen.insert(event.event.id);
        actor->parked.push_back(std::move(event));
        watch_timers(*actor);
    }
    tasks_.spawn(go_on_with(std::move(restarted)));
    tasks_.spawn(deadlines_.run());
    tasks_.spawn(evict_now_and_then());
    co_return Result<void>{};
}

// Each call hears of the restart before a timer of its own fires.
asio::awaitable<void> CallRegistry::go_on_with(std::vector<CallId> restarted) {
    for (const CallId id : restarted) {
        while (is_crowded()) {
            if (!co_await ports_.clock.sleep_for(crowd_pause)) {
                co_return;
            }
        }
        if (find(id)) {
            submit(id, Restarted{});
        }
    }
    co_await timers_.run();
}

asio::awaitable<void> CallRegistry::stop() {
    stopping_ = true;
    tasks_.cancel();
    co_await tasks_.wait();
    co_await workers_.wait();
    for (const auto& [leg, actor] : actors_) {
        give_up_awaiting(*actor);
    }
}

asio::awaitable<Result<Intake>> CallRegistry::take(BoxedEvent event) {
    const bool foreign =
        !event->connection_id.empty() && event->connection_id != options_.connection_id;
    if (foreign || event->call_control_id.value().empty()) {
        meters_->ignored.increment();
        co_return Intake::ignored;
    }
    const ActorPtr actor = actor_for(*event);
    Input input{.at = ports_.clock.utc(), .what = std::move(event)};
    if (auto refused = refuse_post(*actor)) {
        co_return std::move(*refused);
    }
    const auto reply = co_await post(actor, input, true);
    if (!reply) {
        co_return reply.error();
    }
    switch (reply->intake) {
        case Intake::taken:
            meters_->taken.increment();
            break;
        case Intake::duplicate:
            meters_->duplicate.increment();
            break;
        case Intake::parked:
            meters_->parked.increment();
            break;
        case Intake::ignored:
            meters_->ignored.increment();
            break;
    }
    co_return reply->intake;
}

asio::awaitable<Result<Reply>> CallRegistry::request(CallId id, decltype(Input::what) what) {
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) {
        co_return Error(Errc::not_found, "the call is not live");
    }
    const ActorPtr actor = actors_.at(known->second->leg);
    Input input{.at = ports_.clock.utc(), .what = std::move(what)};
    if (auto refused = refuse_post(*actor)) {
        co_return std::move(*refused);
    }
    co_return co_await post(actor, input, false);
}

void CallRegistry::submit(CallId id, decltype(Input::what) what) {
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) {
        tasks_.spawn(revive(id, std::move(what)));
        return;
    }
    enqueue(actors_.at(known->second->leg),
            Envelope{.input = {.at = ports_.clock.utc(), .what = std::move(what)}, .done = {}});
}

// The call is not in memory, but a command of it has a result to record: it is final and has left,
// or it was placed by a commit that was made and reported as failed.
asio::awaitable<void> CallRegistry::revive(CallId id, decltype(Input::what) what) {
    while (true) {
        const auto stored = co_await ports_.store.load(id);
        if (stored) {
            if (stored->has_value()) {
                const ActorPtr actor = find_or_make(place_of(**stored));
                const bool legless = (*stored)->call_control_id.value().empty();
                if (!actor->call && legless) {  // nothing else leads to it, and it has no events
                    adopt_loaded(*actor, {.call = **stored, .seen = {}});
                }
                enqueue(actor,
                        Envelope{.input = {.at = ports_.clock.utc(), .what = std::move(what)},
                                 .done = {}});
            }
            co_return;
        }
        if (!co_await ports_.clock.sleep_for(options_.retry_pause)) {
            co_return;  // the job stays for the next process
        }
    }
}

const Call* CallRegistry::find(CallId id) const {
    const auto known = by_id_.find(id);
    return known == by_id_.end() ? nullptr : &*known->second->call;
}

std::optional<MonoTime> CallRegistry::ended_at(CallId id) const {
    const auto known = by_id_.find(id);
    const bool ended = known != by_id_.end() && known->second->call->is_final();
    return ended ? std::optional(known->second->ended_at) : std::nullopt;
}

bool CallRegistry::wants(CallId id, const SendCommand& command) const {
    const Call* call = find(id);
    return call && is_wanted(*call, command);
}

std::size_t CallRegistry::live_count_of(OrgId org) const {
    const auto calls = live_by_org_.find(org);
    const auto births = births_by_org_.find(org);
    return (calls == live_by_org_.end() ? 0 : calls->second.size()) +
           (births == births_by_org_.end() ? 0 : births->second);
}

CallRegistry::ActorPtr CallRegistry::find_or_make(const CallControlId& leg) {
    ActorPtr& actor = actors_[leg];
    if (!actor) {
        actor = std::make_shared<CallActor>();
        actor->leg = leg;
    }
    return actor;
}

std::optional<Error> CallRegistry::refuse_post(const CallActor& actor) const {
    if (stopping_) {
        return Error(Errc::unavailable, "the gateway is stopping");
    }
    if (actor.mailbox.size() >= options_.mailbox_max) {
        return Error(Errc::full, "too many inputs wait for this call");
    }
    return std::nullopt;
}

// The references are the caller's, who awaits in place.
asio::awaitable<Result<Reply>> CallRegistry::post(const ActorPtr& actor, Input& input, bool soon) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Reply>)>(
        [this, &actor, &input, soon](auto handler) {
            ReplyHandler done(std::move(handler));
            enqueue(actor,
                    Envelope{.input = std::move(input),
                             .done = soon ? deadlines_.watch(std::move(done)) : std::move(done)});
        },
        asio::use_awaitable);
}

void CallRegistry::enqueue(const ActorPtr& actor, Envelope envelope) {
    actor->mailbox.push_back(std::move(envelope));
    start_work(actor);
}

void CallRegistry::start_work(const ActorPtr& actor) {
    if (!actor->running && !actor->mailbox.empty()) {
        actor->running = true;
        workers_.spawn(work(actor));
    }
}

void CallRegistry::take_state(CallActor& actor, Call call) {
    const bool was_live = actor.call && !actor.call->is_final();
    // That of a call we place is known later than the call.
    const bool new_session = !actor.call || actor.call->call_session_id != call.call_session_id;
    if (actor.call && new_session) {
        forget_session(actor);
    }
    actor.call = std::move(call);
    by_id_[actor.call->id] = &actor;
    if (new_session) {
        learn_session(actor);
    }
    learn_leg(actor, actor.call->call_control_id);
    if (actor.call->transfer) {
        learn_leg(actor, actor.call->transfer->leg);
    }
    const bool is_live = !actor.call->is_final();
    if (is_live && !was_live) {
        live_[actor.call->id] = &actor;
        if (actor.call->org_id) {
            live_by_org_[*actor.call->org_id].insert(actor.call->id);
        }
    } else if (!is_live && was_live) {
        live_.erase(actor.call->id);
        if (actor.call->org_id) {
            const auto calls = live_by_org_.find(*actor.call->org_id);
            if (calls != live_by_org_.end() && calls->second.erase(actor.call->id) > 0 &&
                calls->second.empty()) {
                live_by_org_.erase(calls);
            }
        }
    }
    if (!is_live && was_live) {
        actor.ended_at = ports_.clock.mono();
        switch (actor.call->closed_by.value_or(ClosedBy::webhook)) {
            case ClosedBy::webhook:
                meters_->calls_closed_webhook.increment();
                break;
            case ClosedBy::reconciler:
                meters_->calls_closed_reconciler.increment();
                break;
            case ClosedBy::deadline:
                meters_->calls_closed_deadline.increment();
                break;
        }
    }
    watch_timers(actor);
    if (is_live != was_live && sinks_.changed) {
        sinks_.changed();
    }
}

void CallRegistry::retire(const ActorPtr& actor) {
    if (!actor->call) {
        if (actor->parked.empty()) {
            forget(actor);
        }
        return;
    }
    if (actor->call->is_final() && !actor->lingering) {
        actor->lingering = true;
        lingering_.emplace_back(ports_.clock.mono() + options_.linger, actor);
        evict_lingering();
    }
}

asio::awaitable<void> CallRegistry::evict_now_and_then() {
    constexpr std::chrono::seconds period{5};
    while (co_await ports_.clock.sleep_for(period)) {
        evict_lingering();
    }
}

void CallRegistry::evict_lingering() {
    const MonoTime now = ports_.clock.mono();
    while (!lingering_.empty() &&
           (lingering_.front().first <= now || lingering_.size() > options_.lingering_max)) {
        const ActorPtr actor = lingering_.front().second.lock();
        lingering_.pop_front();
        if (actor) {
            actor->lingering = false;  // busy: it comes into the line again when it rests
            if (!actor->running && actor->mailbox.empty()) {
                forget(actor);
            }
        }
    }
}

void CallRegistry::forget(const ActorPtr& actor) {
    timers_.set(actor->leg, std::nullopt);
    give_up_awaiting(*actor);
    if (actor->call) {
        forget_session(*actor);
        by_id_.erase(actor->call->id);
        live_.erase(actor->call->id);
    }
    for (const CallControlId& further : actor->further_legs) {
        further_legs_.erase(further);
    }
    const CallControlId leg = actor->leg;
    actors_.erase(leg);
}

}  // namespace gw::app
