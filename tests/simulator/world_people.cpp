// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/world.hpp"

#include <iterator>
#include <utility>

namespace gw::simulator {

// Goes on with the script as far as it goes by itself: to a wait, to an event to come, or to keys
// that are still being pressed. Whatever ends one of these calls it again; only one of them is open
// at a time, and a timer of a replaced script is known by its round.
void World::run_steps(Leg& leg) {
    while (leg.state == LegState::answered && !leg.leaving && !leg.waiting &&
           leg.awaiting.empty() && leg.keys.empty() && leg.next_step < leg.steps.size()) {
        const Step step = leg.steps[leg.next_step++];
        switch (step.kind) {
            case Step::Kind::wait:
                leg.waiting = true;
                schedule_.after(step.time, [this, id = leg.control_id, round = leg.step_round] {
                    if (Leg* waiter = live(id); waiter != nullptr && waiter->step_round == round) {
                        waiter->waiting = false;
                        run_steps(*waiter);
                    }
                });
                break;
            case Step::Kind::await:
                if (step.text != "gather" || !leg.gather) {
                    leg.awaiting = step.text;
                }
                break;
            case Step::Kind::press:
                press_keys(leg, step);
                break;
            case Step::Kind::hangup:
                leave(leg);
                break;
        }
    }
}

// The first key at once, unless others are being pressed: then all of them after those. The front
// of `keys` is the key that was pressed last, and goes when the time to the next one is over.
void World::press_keys(Leg& leg, const Step& step) {
    const bool at_once = leg.keys.empty();
    for (const char key : step.text) {
        leg.keys.push_back({.key = key, .gap = step.time});
    }
    if (at_once) {
        press_front(leg);
    }
}

void World::press_front(Leg& leg) {
    press(leg, leg.keys.front().key);
    if (leg.keys.size() == 1) {
        leg.keys.clear();
        return;
    }
    schedule_.after(leg.keys[1].gap, [this, id = leg.control_id, round = leg.step_round] {
        if (Leg* presser = live(id); presser != nullptr && presser->step_round == round) {
            presser->keys.pop_front();
            press_front(*presser);
            run_steps(*presser);
        }
    });
}

void World::wake(Leg& leg, std::string_view what) {
    if (leg.awaiting != what) {
        return;
    }
    leg.awaiting.clear();
    schedule_.after(milliseconds{0}, [this, id = leg.control_id] {
        if (Leg* waiting = live(id)) {
            run_steps(*waiting);
        }
    });
}

void World::leave(Leg& leg) {
    if (leg.state == LegState::ringing) {
        end(leg,
            leg.outgoing
                ? Hangup{.cause = "call_rejected", .source = "callee", .sip_cause = "603"}
                : Hangup{.cause = "originator_cancel", .source = "caller", .sip_cause = "487"});
    } else {
        end(leg, {.cause = "normal_clearing",
                  .source = leg.outgoing ? "callee" : "caller",
                  .sip_cause = "200"});
    }
}

void World::stop_steps(Leg& leg) {
    ++leg.step_round;
    leg.steps.clear();
    leg.next_step = 0;
    leg.awaiting.clear();
    leg.waiting = false;
    leg.keys.clear();
}

std::optional<std::string> World::act_now(const std::string& control_id, const Step& step) {
    Leg* leg = live(control_id);
    if (leg == nullptr || leg->leaving) {
        return "there is no live call of this id";
    }
    if (step.kind == Step::Kind::hangup) {
        leave(*leg);
        return std::nullopt;
    }
    if (leg->state == LegState::ringing) {
        return "the call still rings: only a hangup is possible";
    }
    if (step.kind == Step::Kind::press) {
        press_keys(*leg, step);
    } else {
        leg->steps.insert(
            std::next(leg->steps.begin(), static_cast<std::ptrdiff_t>(leg->next_step)), step);
        run_steps(*leg);
    }
    return std::nullopt;
}

std::optional<std::string> World::act(const std::string& control_id, std::vector<Step> steps) {
    Leg* leg = live(control_id);
    if (leg == nullptr || leg->leaving) {
        return "there is no live call of this id";
    }
    if (leg->state == LegState::ringing) {
        if (steps.size() != 1 || steps.front().kind != Step::Kind::hangup) {
            return "the call still rings: only a hangup is possible";
        }
        leave(*leg);
        return std::nullopt;
    }
    stop_steps(*leg);
    leg->steps = std::move(steps);
    run_steps(*leg);
    return std::nullopt;
}

}  // namespace gw::simulator
