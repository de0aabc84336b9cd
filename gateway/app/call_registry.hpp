#pragma once
// SPDX-License-Identifier: Apache-2.0
// Every leg the process knows: finds or makes its actor, works off its mailbox in order, commits,
// and only then answers and hands out what is to be done. The only writer of calls. One thread;
// nothing here blocks.
#include "gateway/app/call_actor.hpp"
#include "gateway/app/call_timers.hpp"
#include "gateway/app/inbound_terms.hpp"
#include "gateway/app/reply_deadlines.hpp"
#include "gateway/net/task_group.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "gateway/ports/random.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <unordered_map>

namespace gw::app {

// What leaves a commit. Called after it is on disk, in order, from the registry's thread; must not
// block.
struct EffectSinks {
    std::function<void(CallId, const SendCommand&)> command;
    std::function<void(CallId, const CallControlId&)> ask_carrier;
    std::function<void(CallId, const ports::OutboundEvent&)> webhook;
    std::function<void(const CommandId&)> finished;  // the command is off the books
    std::function<void()> doubt;    // a commit failed and may have been made, or a sink threw
    std::function<void()> changed;  // the number of live calls is another
    std::function<void(CallId)> committed = {};  // its timeline has new rows; after the above
};

struct RegistryOptions {
    std::string connection_id;
    CallDefaults defaults;
    std::chrono::milliseconds park_for{30'000};  // LIFECYCLE "Events out of order"
    std::chrono::milliseconds linger{10'000};    // a final call stays in memory for late events
    std::size_t lingering_max = 4'096;
    std::size_t mailbox_max = 1'024;             // per leg; beyond it events are refused (full)
    std::chrono::milliseconds retry_pause{500};  // of our own inputs while the store is away
    // LIFECYCLE, FAULTS: an event that the store has not kept by then is refused, so that the
    // carrier sends it again within its own patience (2 s).
    std::chrono::milliseconds answer_within{1'500};
    // Calls at work beyond which our own inputs (a restart's, timers) wait: they must not fill the
    // store's queue, in which the carrier's events have to find a place.
    std::size_t crowd = 128;
};

struct RegistryPorts {
    ports::CallStore& store;
    ports::EventEncoder& encoder;
    ports::Clock& clock;
    ports::Random& random;
    ports::Log& log;
    ports::Metrics& metrics;
    const Directory& directory;
};

class CallRegistry final : public EventIntake {
public:
    CallRegistry(boost::asio::any_io_executor executor, RegistryPorts ports,
                 RegistryOptions options);
    ~CallRegistry() override;

    void connect(EffectSinks sinks) { sinks_ = std::move(sinks); }
    // Loads every live call and parked event and tells the calls of the restart. Before the port
    // opens.
    boost::asio::awaitable<Result<void>> start();
    // Nothing is taken any more; waits for the commits under way, so that everybody gets an answer.
    boost::asio::awaitable<void> stop();

    boost::asio::awaitable<Result<Intake>> take(BoxedEvent event) override;
    // An API request on a call; not_found when it is not live (it may exist in the store: it is
    // final).
    // A transfer or gather is answered when the carrier has answered its command.
    boost::asio::awaitable<Result<Reply>> request(CallId id, decltype(Input::what) what);
    // The terms of a call of this agent that we place; over_limit: its organisation is at its
    // limit; unavailable: draining; not_found: no such agent.
    [[nodiscard]] Result<InboundTerms> terms_for_outbound(AgentId agent) const;
    // A call of ours: on disk with its dial command when this is done.
    boost::asio::awaitable<Result<Call>> place(NewOutboundCall birth, std::string request_id);
    // An input of ours (a result, a timer): kept and retried until the store has it.
    void submit(CallId id, decltype(Input::what) what);

    [[nodiscard]] const Call* find(CallId id) const;  // in memory: live, or final a moment ago
    // Of a final call in memory.
    [[nodiscard]] std::optional<MonoTime> ended_at(CallId id) const;
    [[nodiscard]] bool wants(CallId id, const SendCommand& command) const;
    // Calls that are not final, those included whose first commit is under way.
    [[nodiscard]] std::size_t live_count() const { return live_.size() + births_; }
    [[nodiscard]] std::size_t live_count_of(OrgId org) const;
    [[nodiscard]] std::size_t actor_count() const { return actors_.size(); }
    void set_draining(bool draining) { draining_ = draining; }
    [[nodiscard]] bool draining() const { return draining_; }
    // When a commit last failed because the store could not; far in the past when none did.
    [[nodiscard]] MonoTime last_store_failure() const { return last_store_failure_; }

private:
    using ActorPtr = std::shared_ptr<CallActor>;
    class Birth;

    ActorPtr find_or_make(const CallControlId& leg);
    // The call whose further leg this actor's leg has turned out to be; null: none.
    [[nodiscard]] ActorPtr known_owner(const CallActor& actor) const;
    [[nodiscard]] ActorPtr known_actor(const CallControlId& leg) const;
    ActorPtr actor_for(const CarrierEvent& event);
    // The call in memory that the event is of by its leg and session ids alone; null: none.
    [[nodiscard]] ActorPtr related_actor(const CarrierEvent& event) const;
    void learn_session(CallActor& actor);
    void forget_session(const CallActor& actor);
    static CallControlId place_of(const Call& call);
    void learn_leg(CallActor& actor, const CallControlId& leg);
    void hand_over(const ActorPtr& from, const ActorPtr& to);
    boost::asio::awaitable<Result<bool>> find_owner(ActorPtr actor);
    void adopt_loaded(CallActor& actor, ports::LoadedCall found);
    void start_work(const ActorPtr& actor);
    // Whoever asked for the command, and waits for what the carrier makes of it.
    static void answer_requester(CallActor& actor, const CommandResult& result,
                                 CommandOutcome outcome);
    static void answer_requesters(CallActor& actor);
    void give_up_awaiting(CallActor& actor);
    void answer_applied(CallActor& actor, std::size_t index, const Plan& plan);
    [[nodiscard]] std::optional<Error> refuse_post(const CallActor& actor) const;
    // `soon`: answered `unavailable` when the store takes too long; the input goes on all the same.
    boost::asio::awaitable<Result<Reply>> post(const ActorPtr& actor, Input& input, bool soon);
    [[nodiscard]] bool is_crowded() const { return workers_.size() >= options_.crowd; }
    boost::asio::awaitable<void> go_on_with(std::vector<CallId> restarted);
    void enqueue(const ActorPtr& actor, Envelope envelope);
    boost::asio::awaitable<void> revive(CallId id, decltype(Input::what) what);
    boost::asio::awaitable<void> work(ActorPtr actor);
    boost::asio::awaitable<void> give_birth(ActorPtr actor);
    boost::asio::awaitable<void> born_from(ActorPtr actor);
    boost::asio::awaitable<void> park(ActorPtr actor);
    boost::asio::awaitable<void> adopt(ActorPtr actor);
    boost::asio::awaitable<void> discard(ActorPtr actor);
    boost::asio::awaitable<void> work_off(ActorPtr actor);
    Plan plan_next(CallActor& actor, std::vector<Input>& inputs);
    static std::vector<EventId> unparked_by_working(const CallActor& actor);
    // What is on disk is done: a step after it that throws (a bug of ours) fails alone. Commands
    // and webhooks that it left undone are found on the books, questions by the call's timers.
    template <class Step>
    void follow_up(const CallActor& actor, Step step) {
        try {
            step();
        } catch (const std::exception& e) {
            note_failed_effect(actor, e.what());
        }
    }
    void note_failed_effect(const CallActor& actor, const char* why) noexcept;
    boost::asio::awaitable<bool> load_from_store(CallActor& actor, Error& error);
    boost::asio::awaitable<Result<void>> commit(CallActor& actor, Plan& plan);
    boost::asio::awaitable<void> settle_failure(ActorPtr actor, Error error);
    void take_next(CallActor& actor);
    void put_back(CallActor& actor);
    void answer_working(CallActor& actor, const Result<Reply>& reply);
    bool answer_without_commit(CallActor& actor);
    static bool fits_batch(const CallActor& actor);
    void absorb_parked(CallActor& actor, const std::vector<EventId>& on_timeline);
    void pause(CallActor& actor, const Error& error);
    boost::asio::awaitable<void> contain(ActorPtr actor, std::string why);
    boost::asio::awaitable<void> find_fault(ActorPtr actor, std::string why);
    boost::asio::awaitable<void> give_up(ActorPtr actor, std::string why);
    boost::asio::awaitable<bool> keep_for_later(CarrierEvent event, UtcTime at);
    void note_store_failure(const Error& error);
    boost::asio::awaitable<void> evict_now_and_then();
    void take_state(CallActor& actor, Call call);
    void answer_duplicate(const CarrierEvent& event, ReplyHandler& done);
    void timer_due(const CallControlId& leg);
    void watch_timers(const CallActor& actor, std::optional<UtcTime> not_before = {});
    void retire(const ActorPtr& actor);
    void evict_lingering();
    void forget(const ActorPtr& actor);
    NewCall new_inbound(const CarrierEvent& event);
    std::optional<NewCall> adopted_from(const std::vector<ports::ParkedEvent>& parked);

    boost::asio::any_io_executor executor_;
    RegistryPorts ports_;
    RegistryOptions options_;
    EffectSinks sinks_;
    Planner planner_;
    CallTimers timers_;
    ReplyDeadlines deadlines_;
    std::unordered_map<CallControlId, ActorPtr> actors_;
    std::unordered_map<CallControlId, std::weak_ptr<CallActor>> further_legs_;
    std::unordered_map<CallId, CallActor*> by_id_;
    std::unordered_multimap<CallSessionId, CallActor*> by_session_;
    std::unordered_map<CallId, const CallActor*> live_;
    std::unordered_map<OrgId, std::unordered_set<CallId>> live_by_org_;
    std::deque<std::pair<MonoTime, std::weak_ptr<CallActor>>> lingering_;
    std::size_t births_ = 0;
    std::unordered_map<OrgId, std::size_t>
        births_by_org_;  // places taken by first commits under way
    MonoTime last_store_failure_{};
    bool draining_ = false;
    bool stopping_ = false;
    struct Meters;
    std::unique_ptr<Meters> meters_;
    net::TaskGroup workers_;  // mailboxes; they wait for the store only, and are never cancelled
    net::TaskGroup tasks_;
};

}  // namespace gw::app
