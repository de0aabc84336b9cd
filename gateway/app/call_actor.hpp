#pragma once
// SPDX-License-Identifier: Apache-2.0
// One call in memory with its mailbox, and the pure planning of one commit from the inputs that
// wait. The registry owns the actors and is the only caller; one thread.
#include "gateway/app/directory.hpp"
#include "gateway/app/event_intake.hpp"
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/webhook_sender.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gw::app {

// What became of an input: its verdict on the timeline, and for a carrier event how it was taken
// in.
struct Reply {
    Intake intake = Intake::taken;
    Verdict verdict = Verdict::noted;
    std::optional<RequestRefusal> refusal = {};  // with Verdict::refused
    // Of a request whose command the carrier has answered: how.
    std::optional<CommandOutcome> outcome = {};
    std::string detail = {};
};

using ReplyHandler = boost::asio::any_completion_handler<void(Result<Reply>)>;

// An input on its way into a call. With `done`, somebody outside waits and hears of a failure;
// without, it is ours and is tried again until the store keeps it.
struct Envelope {
    Input input;
    ReplyHandler done;
};

// A leg as far as it is known: a call, or only events that wait for one. Further legs of the call
// are led to it.
struct CallActor {
    CallControlId
        leg;  // its place in the registry: the first leg, or a made-up one for a call we place
    std::optional<Call> call;
    std::vector<CallControlId> further_legs;
    std::unordered_set<EventId> seen;        // carrier events on the timeline or parked
    std::vector<ports::ParkedEvent> parked;  // while there is no call
    std::deque<Envelope> mailbox;
    std::vector<Envelope> working;  // taken out of the mailbox, not answered yet
    // Requests that are on disk and wait for the carrier's answer to their command.
    std::unordered_map<CommandId, ReplyHandler> awaiting;
    std::vector<EventId> unpark;  // parked rows to be removed by the next commit
    std::size_t singly = 0;       // so many inputs more are committed one by one
    std::size_t conflicts = 0;    // commits lost in a row
    bool running = false;         // a coroutine is working the mailbox off
    bool paused = false;     // the store failed: what is left waits for the next event or a moment
    bool lingering = false;  // final, and in the line to leave memory
    MonoTime ended_at{};     // when the call became final here
    bool store_checked = false;  // the store has no call for this leg
};

// One commit and what is to be handed out once it is on disk. Its entries hold the inputs in order,
// each with its verdict.
struct Plan {
    std::shared_ptr<ports::CallCommit> commit = std::make_shared<ports::CallCommit>();
    std::vector<CallControlId> asks_carrier_about;
};

// Builds plans: runs inputs through the state machine, writes the timeline, freezes webhook bodies.
class Planner {
public:
    Planner(const Directory& directory, const ports::EventEncoder& encoder,
            ports::CallStore& numbers)
        : directory_(directory), encoder_(encoder), numbers_(numbers) {}

    // The inputs are taken; after an exception they are as they were.
    // A new call from its first event; the others were parked before, in order.
    Plan birth(const NewCall& birth, std::vector<Input>& inputs);
    // A call whose call.initiated never came: made by the first event, which is then its first
    // input as well.
    Plan adoption(const NewCall& birth, std::vector<Input>& inputs);
    // Further inputs of a call.
    Plan next(const Call& call, std::vector<Input>& inputs);
    // A call that we place.
    Plan outbound(const NewOutboundCall& birth, Input first);

private:
    using First = std::function<Transition(const Input&)>;
    // `first`: what the first input does, when that is not what it does to any call.
    Plan run_all(Plan plan, std::vector<Input>& inputs, const First& first);
    void record(Plan& plan, Input&& input, Transition&& transition);
    void collect(Plan& plan, const std::vector<Effect>& effects);

    const Directory& directory_;
    const ports::EventEncoder& encoder_;
    ports::CallStore& numbers_;
};

}  // namespace gw::app
