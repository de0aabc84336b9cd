#include "tests/sim/carrier_world.hpp"

#include <algorithm>

namespace gw::sim {

using std::chrono::milliseconds;

CarrierEvent CarrierWorld::make(const Leg& leg, CarrierEventType type, std::string word,
                                UtcTime at) {
    CarrierEvent event;
    event.id = EventId{"event-" + std::to_string(++events_)};
    event.type = type;
    event.type_word = std::move(word);
    event.occurred_at = at;
    event.call_control_id = leg.id;
    event.call_leg_id = CallLegId{"leg-of-" + leg.id.value()};
    event.call_session_id = CallSessionId{"session-of-" + leg.id.value()};
    event.connection_id = "1";
    event.from = "+31612345678";
    event.to = "+31850012345";
    event.start_time = leg.rang_at;
    event.raw = "{}";
    return event;
}

void CarrierWorld::post(CarrierEvent event, bool may_be_lost) {
    const unsigned copies = !kind_ && chance(chances_.duplicate) ? 2 : 1;
    const bool lost = may_be_lost && !kind_ && chance(chances_.lost);
    for (unsigned i = 0; i < copies; ++i) {
        const milliseconds delay{!kind_ && chance(chances_.delay) ? draw(1'500) : draw(20)};
        mail_.push_back({.event = event, .at = clock_.utc() + delay, .lost = lost});
    }
}

void CarrierWorld::ring(std::string number) {
    Leg leg;
    leg.id = CallControlId{"v3:" + std::move(number)};
    leg.rang_at = clock_.utc();
    leg.patience_ms = 20'000 + draw(20'000);
    leg.talk_ms = draw(90'000);
    leg.keys = static_cast<unsigned>(draw(4));
    CarrierEvent event = make(leg, CarrierEventType::initiated, "call.initiated", clock_.utc());
    event.direction = Direction::inbound;
    legs_.emplace(leg.id, leg);
    // A call.initiated that is never delivered leaves the gateway without knowledge of the call:
    // the carrier ends it itself (first_command_timeout). Only later events are lost here.
    post(std::move(event), false);
}

void CarrierWorld::hang_up(Leg& leg, UtcTime at, HangupCause cause, HangupSource source) {
    leg.ended_at = at;
    leg.cause = cause;
    leg.source = source;
    CarrierEvent event = make(leg, CarrierEventType::hangup, "call.hangup", at);
    event.end_time = at;
    event.hangup_cause = cause;
    event.hangup_source = source;
    post(std::move(event), true);
}

void CarrierWorld::step() {
    const UtcTime now = clock_.utc();
    for (auto& [id, leg] : legs_) {
        if (leg.ended_at) {
            continue;
        }
        if (!leg.answered_at) {
            if (now >= leg.rang_at + milliseconds{leg.patience_ms}) {
                hang_up(leg, now, HangupCause::originator_cancel, HangupSource::caller);
            }
            continue;
        }
        if (leg.keys > 0 && chance(5)) {
            --leg.keys;
            CarrierEvent event = make(leg, CarrierEventType::dtmf, "call.dtmf.received", now);
            event.digit = std::to_string(leg.keys);
            post(std::move(event), true);
        }
        if (now >= *leg.answered_at + milliseconds{leg.talk_ms}) {
            hang_up(leg, now, HangupCause::normal_clearing, HangupSource::caller);
        }
    }
}

std::vector<Mail> CarrierWorld::due() {
    std::vector<Mail> ready;
    const UtcTime now = clock_.utc();
    std::erase_if(mail_, [&](Mail& mail) {
        if (mail.at > now) {
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
    mail.at = clock_.utc() + later;
    mail_.push_back(std::move(mail));
}

bool CarrierWorld::quiet() const {
    return mail_.empty() && std::all_of(legs_.begin(), legs_.end(), [](const auto& leg) {
               return leg.second.ended_at.has_value();
           });
}

CommandOutcome CarrierWorld::execute(const SendCommand& command) {
    if (command.kind == CommandKind::transfer || command.kind == CommandKind::gather ||
        command.kind == CommandKind::dial || command.kind == CommandKind::hangup_target) {
        asked_for_.push_back(command);
        return wishes_;
    }
    if (!kind_ && chance(chances_.command_fails)) {
        return CommandOutcome::unknown;
    }
    const auto known = legs_.find(command.call_control_id);
    if (known == legs_.end()) {
        return CommandOutcome::call_gone;
    }
    Leg& leg = known->second;
    if (remembered_.insert(command.command_id).second) {
        if (leg.ended_at) {
            return CommandOutcome::call_gone;
        }
        executed_.push_back({.leg = leg.id, .kind = command.kind, .id = command.command_id});
        switch (command.kind) {
            case CommandKind::answer:
                if (!leg.answered_at) {
                    leg.answered_at = clock_.utc();
                    post(make(leg, CarrierEventType::answered, "call.answered", clock_.utc()),
                         false);
                }
                break;
            case CommandKind::reject:
                leg.refused = true;
                hang_up(leg, clock_.utc(), HangupCause::call_rejected, HangupSource::callee);
                break;
            case CommandKind::hangup:
                hang_up(leg, clock_.utc(), HangupCause::normal_clearing, HangupSource::callee);
                break;
            case CommandKind::hangup_target:
            case CommandKind::transfer:
            case CommandKind::gather:
            case CommandKind::dial:
                break;  // answered above
        }
    }
    return !kind_ && chance(chances_.reply_lost) ? CommandOutcome::unknown
                                                 : CommandOutcome::accepted;
}

CarrierStatus CarrierWorld::ask(const CallControlId& id) {
    if (!kind_ && chance(chances_.status_unknown)) {
        return {.view = CarrierView::unknown, .end_time = {}, .detail = "no answer"};
    }
    const auto leg = legs_.find(id);
    if (leg == legs_.end() || leg->second.ended_at) {
        return {.view = CarrierView::gone,
                .end_time = leg == legs_.end() ? std::nullopt : leg->second.ended_at,
                .detail = {}};
    }
    return {.view = CarrierView::alive, .end_time = {}, .detail = {}};
}

ports::AttemptOutcome CarrierWorld::receive(const ports::WebhookAttempt& attempt) {
    received_.push_back({.id = attempt.event_id, .body = attempt.body, .at = clock_.utc()});
    ports::AttemptOutcome outcome;
    outcome.success = kind_ || !chance(chances_.customer_refuses);
    outcome.status_code = outcome.success ? 200 : 503;
    outcome.error = outcome.success ? "" : "HTTP 503";
    return outcome;
}

}  // namespace gw::sim
