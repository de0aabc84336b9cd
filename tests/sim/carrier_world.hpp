#pragma once
// SPDX-License-Identifier: Apache-2.0
// The carrier and the customer of the simulation: legs that live by a drawn script, commands that
// may fail, be lost or be executed without an answer, and endpoints that may refuse. It outlives
// the gateway process it talks to, so it knows the truth a crash must not change.
#include "gateway/domain/input.hpp"
#include "gateway/ports/telnyx_commands.hpp"
#include "gateway/ports/webhook_sender.hpp"
#include "tests/fakes/manual_clock.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace gw::sim {

struct Leg {
    CallControlId id;
    UtcTime rang_at;
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;
    HangupCause cause = HangupCause::normal_clearing;
    HangupSource source = HangupSource::caller;
    std::uint64_t patience_ms = 0;  // rings so long before the caller gives up
    std::uint64_t talk_ms = 0;      // talks so long after the answer, unless we hang up
    unsigned keys = 0;
    bool refused = false;  // by our reject
};

// An event on its way to the gateway, to be delivered at `at` (again, until it gets a 2xx).
struct Mail {
    CarrierEvent event;
    UtcTime at;
    bool lost = false;  // never delivered: the carrier gave up
};

struct Executed {
    CallControlId leg;
    CommandKind kind;
    CommandId id;
};

struct Received {
    WebhookEventId id;
    std::string body;
    UtcTime at;
};

struct Chances {  // in percent
    unsigned duplicate = 15;
    unsigned delay = 30;
    unsigned lost = 5;
    unsigned command_fails = 15;  // no answer, not executed
    unsigned reply_lost = 10;     // executed, no answer
    unsigned status_unknown = 20;
    unsigned customer_refuses = 15;
};

class CarrierWorld {
public:
    CarrierWorld(fakes::ManualClock& clock, std::uint64_t seed, Chances chances)
        : clock_(clock), random_(seed), chances_(chances) {}

    void ring(std::string number);
    // Moves every leg on to now; new events get into the mail.
    void step();
    // Mail that is due now, taken out.
    std::vector<Mail> due();
    void redeliver(Mail mail, std::chrono::milliseconds later);
    [[nodiscard]] bool quiet() const;

    CommandOutcome execute(const SendCommand& command);
    CarrierStatus ask(const CallControlId& leg);
    ports::AttemptOutcome receive(const ports::WebhookAttempt& attempt);

    [[nodiscard]] const std::map<CallControlId, Leg>& legs() const { return legs_; }
    [[nodiscard]] const std::vector<Executed>& executed() const { return executed_; }
    [[nodiscard]] const std::vector<Received>& received() const { return received_; }
    [[nodiscard]] const std::set<EventId>& accepted() const { return accepted_; }
    void note_accepted(const EventId& id) { accepted_.insert(id); }
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t draw(std::uint64_t below) { return random_() % below; }
    // This world plays callers only; what it says to transfers, gathers and dials is told here.
    void answer_wishes_with(CommandOutcome outcome) { wishes_ = outcome; }
    [[nodiscard]] const std::vector<SendCommand>& wishes() const { return asked_for_; }
    void be_kind() { kind_ = true; }  // no more trouble: what is left must come right

private:
    CarrierEvent make(const Leg& leg, CarrierEventType type, std::string word, UtcTime at);
    void post(CarrierEvent event, bool may_be_lost);
    void hang_up(Leg& leg, UtcTime at, HangupCause cause, HangupSource source);

    fakes::ManualClock& clock_;
    std::mt19937_64 random_;
    Chances chances_;
    std::map<CallControlId, Leg> legs_;
    std::vector<Mail> mail_;
    std::vector<Executed> executed_;
    std::set<CommandId> remembered_;
    std::vector<Received> received_;
    std::set<EventId> accepted_;
    std::uint64_t events_ = 0;
    CommandOutcome wishes_ = CommandOutcome::refused;
    std::vector<SendCommand> asked_for_;
    bool kind_ = false;
};

}  // namespace gw::sim
