// The clients of the API: what they ask, when, and what they are told.
#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <array>

namespace gw::sim {
namespace asio = boost::asio;

namespace {

ports::ProjectScope whole_project() {
    ports::ProjectScope scope;
    scope.projects.push_back(ProjectId{1});
    return scope;
}

Asked::Answer answer_of(const Result<app::ControlOutcome>& outcome) {
    if (!outcome) {
        return Asked::Answer::error;
    }
    switch (outcome->kind) {
        case app::ControlOutcome::Kind::accepted:
            return Asked::Answer::accepted;
        case app::ControlOutcome::Kind::refused:
            return Asked::Answer::refused;
        case app::ControlOutcome::Kind::unknown:
            return Asked::Answer::unknown;
        case app::ControlOutcome::Kind::not_allowed:
            return Asked::Answer::not_allowed;
    }
    return Asked::Answer::error;
}

// An E.164 number that nobody else calls.
std::string number_of(std::size_t request) {
    return "+31" + std::to_string(900'000'000 + request);
}

}  // namespace

CallId Simulation::some_call() {
    // Mostly one that talks; now and then one that does not, or does not exist.
    CallId any;
    for (int tries = 0; tries < 6; ++tries) {
        any = CallId{static_cast<std::int64_t>(1 + random_() % (rung_ + placed_ + 3))};
        const Call* call = process_->registry.find(any);
        if (call && call->status == CallStatus::in_progress) {
            break;
        }
    }
    return any;
}

void Simulation::ask(Asked::What what) {
    Asked asked;
    asked.what = what;
    asked.process = process_->number;
    if (what == Asked::What::place) {
        ++placed_;
    } else {
        asked.call = some_call();
    }
    asked.mark = what == Asked::What::gather ? "prompt " + std::to_string(asked_.size())
                                             : number_of(asked_.size());
    asked_.push_back(std::move(asked));
    process_->tasks.spawn(carry(process_.get(), asked_.size() - 1));
}

void Simulation::maybe_ask() {
    const std::uint64_t drawn = random_() % 1'000;
    if (drawn < 4) {
        ask(Asked::What::end);
    } else if (drawn < 24) {
        // Several at once, now and then: one wins.
        constexpr std::array kinds{Asked::What::transfer, Asked::What::gather};
        for (std::uint64_t more = random_() % 4; more < 4; more += 2) {
            ask(kinds[random_() % kinds.size()]);
        }
    } else if (drawn < 44) {
        ask(Asked::What::gather);
    } else if (drawn < 59 && placed_ < options_.dials) {
        ask(Asked::What::place);
    }
}

asio::awaitable<void> Simulation::carry(SimProcess* to, std::size_t request) {
    const Asked asked = asked_[request];
    const std::string id = "request-" + std::to_string(request);
    Asked::Answer answer = Asked::Answer::error;
    CallId made = asked.call;
    switch (asked.what) {
        case Asked::What::end: {
            const auto outcome = co_await to->calls.end(whole_project(), asked.call, id);
            if (outcome) {
                answer = *outcome == app::EndOutcome::accepted ? Asked::Answer::accepted
                                                               : Asked::Answer::not_allowed;
            }
            break;
        }
        case Asked::What::transfer: {
            TransferRequested wish{.request_id = id, .destination = asked.mark};
            answer = answer_of(
                co_await to->calls.transfer(whole_project(), asked.call, std::move(wish)));
            break;
        }
        case Asked::What::gather: {
            GatherRequested wish{.request_id = id, .spec = {}};
            wish.spec.prompt = asked.mark;
            answer =
                answer_of(co_await to->calls.gather(whole_project(), asked.call, std::move(wish)));
            break;
        }
        case Asked::What::place: {
            app::CallRequest wish;
            wish.agent = AgentId{7};
            wish.to = asked.mark;
            wish.from = "+31850012345";
            wish.machine_detection = request % 2 == 0 ? "detect" : "";
            const auto call = co_await to->calls.place(std::move(wish), id);
            if (call) {
                answer = Asked::Answer::accepted;
                made = call->id;
            }
            break;
        }
    }
    if (to != process_.get() || options_.sabotage == Sabotage::forget_request) {
        co_return;  // it crashed before it could answer
    }
    asked_[request].answer = answer;
    asked_[request].call = made;
}

}  // namespace gw::sim
