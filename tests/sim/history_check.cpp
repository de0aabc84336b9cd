// What must hold of every call and leg after every run, whatever was drawn: the records, compared
// with the lives the carrier knows. Webhooks are in history_webhooks.cpp, commands and requests in
// history_requests.cpp.
#include "gateway/domain/billing.hpp"
#include "gateway/domain/words.hpp"
#include "tests/sim/simulation.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <set>

namespace gw::sim {

template <class T>
T Simulation::ask_store(boost::asio::awaitable<Result<T>> question) {
    idle_.restart();
    std::optional<T> answer;
    boost::asio::co_spawn(idle_, std::move(question), [&](std::exception_ptr, Result<T> result) {
        answer = std::move(result).value();
    });
    idle_.run();
    return std::move(*answer);
}

template std::vector<ports::OwedCommand> Simulation::ask_store(
    boost::asio::awaitable<Result<std::vector<ports::OwedCommand>>>);
template std::vector<ports::TimelineRow> Simulation::ask_store(
    boost::asio::awaitable<Result<std::vector<ports::TimelineRow>>>);
template std::vector<ports::OwedEndpoint> Simulation::ask_store(
    boost::asio::awaitable<Result<std::vector<ports::OwedEndpoint>>>);

std::vector<std::string> Simulation::check() {
    ports::ProjectScope scope;
    scope.projects.push_back(ProjectId{1});
    calls_ = ask_store(store_.list(std::move(scope), {}, std::nullopt, 10'000)).calls;
    Faults faults;
    hear(faults);
    check_legs(faults);
    check_calls(faults);
    check_events(faults);
    check_webhooks(faults);
    check_commands(faults);
    check_sent(faults);
    check_requests(faults);
    return faults;
}

// No leg is left alive, and each is on the record of a call.
void Simulation::check_legs(Faults& faults) {
    for (const auto& [id, leg] : world_.legs()) {
        if (!leg.ended_at) {
            faults.push_back("leg " + id.value() + " was left alive");
        }
        const bool on_record = std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) {
            return leg.role == LegRole::caller ? call.call_control_id == id
                                               : call.id == leg.tag.call;
        });
        if (!on_record) {
            faults.push_back("leg " + id.value() + " has no call");
        }
    }
}

void Simulation::check_calls(Faults& faults) {
    auto& store = static_cast<ports::CallStore&>(store_);
    for (const Call& call : calls_) {
        check_call(call, faults);
    }
    if (!ask_store(store.parked()).empty()) {
        faults.emplace_back("parked events were left");
    }
    if (!ask_store(store.load_live()).empty()) {
        faults.emplace_back("a ghost: a live call in the store");
    }
}

void Simulation::check_call(const Call& call, Faults& faults) {
    const std::string name = to_public(call.id);
    if (!call.is_final()) {
        faults.push_back(name + " never ended");
        return;
    }
    const auto leg = world_.legs().find(call.call_control_id);
    if (leg != world_.legs().end()) {
        const bool outbound = leg->second.role == LegRole::callee;
        if (leg->second.role == LegRole::target ||
            outbound != (call.direction == Direction::outbound)) {
            faults.push_back(name + " was made of a leg that is no call");
            return;
        }
        check_times(call, leg->second, faults);
        check_ending(call, leg->second, faults);
    } else if (call.direction == Direction::inbound || call.started_at) {
        faults.push_back(name + " is of no leg the carrier knows");
    }
    check_transferred(call, faults);
}

void Simulation::check_times(const Call& call, const Leg& leg, Faults& faults) {
    const std::string name = to_public(call.id);
    // A call.answered that comes more than settle_ms after the end is too late for the record; that
    // of a call we placed may be lost.
    const bool never_heard =
        !call.started_at && (call.hangup || call.gone || leg.role == LegRole::callee);
    // A leg that outlived its ringing was answered when the carrier took the answer.
    const bool inferred = call.started_at && call.started_at == call.answer_accepted_at;
    if (leg.answered_at && call.started_at != leg.answered_at && !never_heard && !inferred) {
        faults.push_back(name + " started at another time than the carrier says");
    }
    if (!leg.answered_at && call.started_at) {
        faults.push_back(name + " was never answered but says so");
    }
    const bool told_by_carrier = call.closed_by == ClosedBy::webhook || call.gone;
    if (told_by_carrier && leg.ended_at) {
        // A call we placed rang by our clock, and ends no sooner.
        UtcTime ended_at = std::max(*leg.ended_at, call.started_at.value_or(call.created_at));
        if (call.transfer && call.transfer->answered_at) {
            const Leg& target = world_.legs().at(call.transfer->leg);
            ended_at = std::max(ended_at, target.ended_at.value_or(UtcTime{}));
        }
        if (call.ended_at != ended_at) {
            faults.push_back(name + " ended at another time than the carrier says");
        }
    }
    if (call.started_at &&
        call.duration_seconds !=
            seconds_between(*call.started_at, call.ended_at.value_or(UtcTime{}))) {
        faults.push_back(name + " lasted another time than from its start to its end");
    }
}

void Simulation::check_ending(const Call& call, const Leg& leg, Faults& faults) {
    const std::string name = to_public(call.id);
    // Of two askers the first counts: the call may have been over its time already, or a machine's,
    // or have rung for too long.
    const bool asked_before = call.ended_reason == EndedReason::max_duration ||
                              call.ended_reason == EndedReason::timeout ||
                              call.ended_reason == EndedReason::agent_hangup;
    const bool accepted = std::any_of(asked_.begin(), asked_.end(), [&](const Asked& asked) {
        return asked.what == Asked::What::end && asked.call == call.id &&
               asked.answer == Asked::Answer::accepted;
    });
    if (accepted && call.ended_reason != EndedReason::api && !asked_before) {
        faults.push_back(name + " was ended by the API but does not say so");
    }
    if (call.started_at) {
        if (call.ended_reason == EndedReason::api && !was_asked(Asked::What::end, call.id)) {
            faults.push_back(name + " says the API ended it, and nobody asked");
        }
        return;
    }
    // The table of those that were never answered, as far as their end was told in time.
    if (call.closed_by != ClosedBy::webhook || call.hangup_asked || leg.answered_at) {
        return;
    }
    CallStatus expected = CallStatus::failed;
    if (leg.cause == HangupCause::originator_cancel) {
        expected = CallStatus::canceled;
    } else if (leg.cause == HangupCause::user_busy) {
        expected = CallStatus::busy;
    } else if (leg.cause == HangupCause::call_rejected) {
        expected = CallStatus::rejected;
    } else if (leg.cause == HangupCause::timeout || leg.cause == HangupCause::no_answer) {
        expected = CallStatus::no_answer;
    }
    if (call.status != expected) {
        faults.push_back(name + " ended as " + std::string(word_of(call.status)) + " on " +
                         std::string(word_of(leg.cause)));
    }
}

// Disposition, `transferred_to` and the target's answer say the same.
void Simulation::check_transferred(const Call& call, Faults& faults) {
    const std::string name = to_public(call.id);
    const bool says_so = call.disposition == Disposition::transferred;
    const bool was_answered = call.transfer && call.transfer->answered_at;
    if (says_so != !call.transferred_to.empty() || says_so != was_answered) {
        faults.push_back(name + " contradicts itself about its transfer");
        return;
    }
    if (!says_so) {
        if (call.transfer_duration_seconds != 0) {
            faults.push_back(name + " has a transfer's duration and no transfer");
        }
        return;
    }
    // A target that outlives its ringing has answered, though its event is lost or comes minutes
    // later.
    const CallPolicy& policy = call.policy;
    const bool was_inferred = *call.transfer->answered_at - call.transfer->asked_at >=
                              policy.transfer_ring + policy.reconcile_interval;
    const bool known =
        std::any_of(world_.legs().begin(), world_.legs().end(), [&](const auto& entry) {
            const Leg& leg = entry.second;
            return leg.role == LegRole::target && leg.tag.call == call.id &&
                   leg.to == call.transferred_to && leg.answered_at &&
                   (leg.answered_at == call.transfer->answered_at ||
                    (was_inferred && *leg.answered_at < *call.transfer->answered_at));
        });
    if (!known) {
        faults.push_back(name + " was transferred to nobody who answered then");
    }
    if (call.transfer_duration_seconds !=
        seconds_between(*call.transfer->answered_at, call.ended_at.value_or(UtcTime{}))) {
        faults.push_back(name + " has another transfer duration than from answer to end");
    }
}

// What was answered 2xx is on a timeline, once. Only what says nothing of its call, and whose leg
// stays unknown for longer than strays are kept, makes no record.
void Simulation::check_events(Faults& faults) {
    auto& store = static_cast<ports::CallStore&>(store_);
    std::set<EventId> kept;
    for (const Call& call : calls_) {
        if (call.call_control_id.value().empty()) {
            continue;  // no event of it ever came
        }
        const auto found = ask_store(store.load_by_leg(call.call_control_id));
        if (!found) {
            faults.push_back(to_public(call.id) + " is not found by its leg");
            continue;
        }
        for (const EventId& id : found->seen) {
            if (!kept.insert(id).second) {
                faults.push_back(id.value() + " is on a timeline twice");
            }
        }
    }
    for (const EventId& id : world_.accepted()) {
        if (!kept.contains(id) && !world_.nameless().contains(id)) {
            faults.push_back(id.value() + " was answered 2xx and is on no timeline");
        }
    }
}

}  // namespace gw::sim
