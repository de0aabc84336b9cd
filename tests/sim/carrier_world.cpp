// The lives of the legs, the mail, and what is asked of the carrier. Commands are in
// carrier_commands.cpp.
#include "tests/sim/carrier_world.hpp"

#include <algorithm>

namespace gw::sim {

using std::chrono::milliseconds;

namespace {

// Longer than any call is let live by the gateway.
constexpr std::uint64_t for_ever_ms = 24ULL * 3600 * 1000;
// Ringing goes on for so long before the carrier gives a caller's leg up.
constexpr std::uint64_t caller_patience_min_ms = 20'000;

}  // namespace

CarrierEvent CarrierWorld::make(const Leg& leg, CarrierEventType type, std::string word) {
    CarrierEvent event;
    event.id = EventId{"event-" + std::to_string(++events_)};
    event.type = type;
    event.type_word = std::move(word);
    event.occurred_at = now();
    event.call_control_id = leg.id;
    event.call_leg_id = CallLegId{"leg-of-" + leg.id.value()};
    event.call_session_id = leg.session;
    event.connection_id = "1";
    event.tag = leg.tag;
    event.from = leg.from;
    event.to = leg.to;
    event.start_time = leg.rang_at;
    event.raw = "{}";
    return event;
}

milliseconds CarrierWorld::delay() {
    if (kind_) {
        return milliseconds{draw(20)};
    }
    if (chance(chances_.late)) {
        return milliseconds{2'000 + draw(180'000)};
    }
    return milliseconds{chance(chances_.delay) ? draw(1'500) : draw(20)};
}

// Of a leg that lives something always reaches us: a leg nobody ever told us of cannot be known.
void CarrierWorld::post(Leg& leg, CarrierEvent event, bool may_be_lost) {
    const unsigned copies = !kind_ && chance(chances_.duplicate) ? 2 : 1;
    const bool lost = may_be_lost && !kind_ && chance(chances_.lost);
    leg.told = leg.told || !lost;
    leg.hangup_told = leg.hangup_told || (!lost && event.type == CarrierEventType::hangup);
    for (unsigned i = 0; i < copies; ++i) {
        mail_.push_back({.event = event, .at = now() + delay(), .lost = lost});
    }
}

void CarrierWorld::ring(const std::string& number) {
    Leg leg;
    leg.id = CallControlId{"v3:" + number};
    leg.session = CallSessionId{"session-of-" + leg.id.value()};
    leg.from = "+31612345678";
    leg.to = "+31850012345";
    leg.rang_at = now();
    leg.patience_ms = caller_patience_min_ms + draw(20'000);
    leg.talk_ms = chance(25) ? for_ever_ms : draw(90'000);
    leg.keys = static_cast<unsigned>(draw(4));
    CarrierEvent event = make(leg, CarrierEventType::initiated, "call.initiated");
    event.direction = Direction::inbound;
    Leg& kept = legs_.emplace(leg.id, leg).first->second;
    // A call.initiated that is never delivered leaves the gateway without knowledge of the call:
    // the carrier ends it itself (first_command_timeout). Only later events are lost here.
    post(kept, std::move(event), false);
}

void CarrierWorld::answer(Leg& leg) {
    leg.answered_at = now();
    // Of a leg that we made the answer may be lost, once we know of the leg.
    post(leg, make(leg, CarrierEventType::answered, "call.answered"),
         leg.role != LegRole::caller && leg.told);
}

void CarrierWorld::hang_up(Leg& leg, HangupCause cause, HangupSource source) {
    leg.ended_at = now();
    leg.cause = cause;
    leg.source = source;
    for (PlayedGather& gather : gathers_) {
        if (gather.leg == leg.id && !gather.over) {
            end_gather(gather, true);
        }
    }
    CarrierEvent event = make(leg, CarrierEventType::hangup, "call.hangup");
    event.end_time = now();
    event.hangup_cause = cause;
    event.hangup_source = source;
    if (!kind_ && leg.told && chance(chances_.untagged)) {
        event.tag = {};
        event.from.clear();
        event.to.clear();
        nameless_.insert(event.id);
    }
    post(leg, std::move(event), true);
    end_others(leg);
}

// What the end of one leg does to those it was joined with. Telnyx does not document it for every
// case, so each happens.
void CarrierWorld::end_others(const Leg& gone) {
    for (auto& [id, leg] : legs_) {
        const bool joined =
            leg.peer == gone.id || (gone.role == LegRole::target && id == gone.peer);
        if (!joined || leg.ended_at || chance(chances_.stays_alone)) {
            continue;
        }
        if (gone.role == LegRole::target) {
            if (gone.answered_at) {  // else it gives the caller back
                hang_up(leg, HangupCause::normal_clearing, HangupSource::unknown);
            }
        } else if (leg.answered_at) {
            hang_up(leg, HangupCause::normal_clearing, HangupSource::unknown);
        } else {
            hang_up(leg, HangupCause::originator_cancel, HangupSource::caller);
        }
    }
}

void CarrierWorld::end_gather(PlayedGather& gather, bool by_hangup) {
    gather.over = true;
    Leg& leg = legs_.at(gather.leg);
    CarrierEvent event = make(leg, CarrierEventType::gather_ended, "call.gather.ended");
    event.gather_valid = gather.valid && !by_hangup;
    if (!event.gather_valid && !chance(30)) {
        gather.digits.clear();  // what an unfinished one holds is not documented
    }
    event.digits = gather.digits;
    if (!event.digits.empty() && chance(50)) {  // nor whether the terminator is kept
        event.digits += gather.terminator;
    }
    post(leg, std::move(event), true);
}

void CarrierWorld::step_ringing(Leg& leg) {
    const milliseconds rung = std::chrono::duration_cast<milliseconds>(now() - leg.rang_at);
    if (leg.answers_after_ms && rung >= milliseconds{*leg.answers_after_ms}) {
        answer(leg);
    } else if (rung >= milliseconds{leg.patience_ms}) {
        hang_up(leg, leg.impatience,
                leg.role == LegRole::caller ? HangupSource::caller : HangupSource::callee);
    }
}

void CarrierWorld::step_talking(Leg& leg) {
    if (leg.keys > 0 && chance(5)) {
        --leg.keys;
        CarrierEvent event = make(leg, CarrierEventType::dtmf, "call.dtmf.received");
        event.digit = std::to_string(leg.keys);
        post(leg, std::move(event), true);
    }
    if (now() >= *leg.answered_at + milliseconds{leg.talk_ms}) {
        hang_up(leg, HangupCause::normal_clearing,
                leg.role == LegRole::caller ? HangupSource::caller : HangupSource::callee);
    }
}

void CarrierWorld::step() {
    if (!kind_ && draw(10'000) < chances_.outage) {
        away_until_ = now() + milliseconds{3'000 + draw(6'000)};
    }
    for (auto& [id, leg] : legs_) {
        if (leg.ended_at) {
            continue;
        }
        if (leg.answered_at) {
            step_talking(leg);
        } else {
            step_ringing(leg);
        }
    }
    for (PlayedGather& gather : gathers_) {
        if (!gather.over && now() >= gather.ends_at) {
            end_gather(gather, false);
        }
    }
}

std::vector<Mail> CarrierWorld::due() {
    std::vector<Mail> ready;
    std::erase_if(mail_, [&](Mail& mail) {
        if (mail.at > now()) {
            return false;
        }
        if (!mail.lost) {
            ready.push_back(std::move(mail));
        }
        return true;
    });
    return ready;
}

void CarrierWorld::redeliver(Mail mail, milliseconds later) {
    mail.at = now() + later;
    mail_.push_back(std::move(mail));
}

bool CarrierWorld::quiet() const {
    return mail_.empty() && std::all_of(legs_.begin(), legs_.end(), [](const auto& leg) {
               return leg.second.ended_at.has_value();
           });
}

CarrierStatus CarrierWorld::ask(const CallControlId& id) {
    CarrierStatus status{.view = CarrierView::unknown, .end_time = {}, .detail = {}, .leg = id};
    if (is_away() || (!kind_ && chance(chances_.status_unknown))) {
        status.detail = "no answer";
        return status;
    }
    const auto leg = legs_.find(id);
    const bool gone = leg == legs_.end() || leg->second.ended_at;
    status.view = gone ? CarrierView::gone : CarrierView::alive;
    if (leg != legs_.end()) {
        status.end_time = leg->second.ended_at;
    }
    return status;
}

milliseconds CarrierWorld::reply_time() {
    return milliseconds{!kind_ && chance(chances_.reply_late) ? draw(3'000) : 1 + draw(40)};
}

ports::AttemptOutcome CarrierWorld::receive(const ports::WebhookAttempt& attempt) {
    received_.push_back({.id = attempt.event_id, .body = attempt.body, .at = now()});
    ports::AttemptOutcome outcome;
    outcome.success = kind_ || !chance(chances_.customer_refuses);
    outcome.status_code = outcome.success ? 200 : 503;
    outcome.error = outcome.success ? "" : "HTTP 503";
    return outcome;
}

}  // namespace gw::sim
