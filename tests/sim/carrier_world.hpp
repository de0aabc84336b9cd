#pragma once
// SPDX-License-Identifier: Apache-2.0
// The carrier and the customer of the simulation: legs that live by a drawn script, commands that
// may fail, be lost or be executed without an answer, and endpoints that may refuse. It outlives
// the gateway process it talks to, and has a clock of its own, so it knows the truth that neither a
// crash nor a clock that is set must change. One thread.
#include "gateway/domain/effect.hpp"
#include "gateway/domain/input.hpp"
#include "gateway/ports/webhook_sender.hpp"
#include "tests/fakes/manual_clock.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace gw::sim {

enum class LegRole : std::uint8_t {
    caller,  // rang us
    callee,  // we dialled it
    target,  // a transfer made it
};

struct Leg {
    CallControlId id;
    LegRole role = LegRole::caller;
    ClientTag tag;       // what the last command left on it
    CallControlId peer;  // target: the leg that was transferred
    std::string from;    // E.164
    std::string to;      // E.164
    CallSessionId session;
    UtcTime rang_at;
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;
    HangupCause cause = HangupCause::normal_clearing;
    HangupSource source = HangupSource::caller;
    std::uint64_t patience_ms = 0;                            // rings so long at most
    HangupCause impatience = HangupCause::originator_cancel;  // how it ends then
    std::optional<std::uint64_t> answers_after_ms;            // callee, target: picks up by itself
    std::uint64_t talk_ms = 0;  // talks so long after the answer, unless hung up by others
    unsigned keys = 0;
    bool refused = false;      // by our reject
    bool told = false;         // an event of it is not lost
    bool hangup_told = false;  // the event of its end is not lost
};

// What a gather_using_speak will give, drawn when it is taken.
struct PlayedGather {
    CallControlId leg;
    CallId call;
    std::uint32_t number = 0;  // of the call
    std::string prompt;
    std::string digits;  // without the terminator; as told
    std::string terminator;
    bool valid = false;
    UtcTime ends_at;
    bool over = false;
};

// An event on its way to the gateway, to be delivered at `at` (again, until it gets a 2xx).
struct Mail {
    CarrierEvent event;
    UtcTime at;         // the carrier's clock
    bool lost = false;  // never delivered: the carrier gave up
};

// A request of ours, as it arrived at the carrier or would have.
struct Sent {
    CallId call;
    SendCommand command;
    unsigned process = 0;  // which of our processes sent it
    UtcTime at;            // the carrier's clock
};

struct Executed {
    CallControlId leg;  // dial: the new one
    CommandKind kind;
    CommandId id;
    CallId call;
    std::string mark;  // what names the wish: destination, prompt or number
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
    unsigned refused = 10;        // transfer, gather, dial: an error of the carrier's
    unsigned reply_late = 10;     // the events come first
    unsigned status_unknown = 20;
    unsigned customer_refuses = 15;
    unsigned stays_alone = 20;  // the end of one leg does not end the other
    unsigned late = 1;          // an event comes minutes after it happened
    unsigned outage = 20;       // in 10,000 steps: nothing is answered for some seconds
    unsigned untagged = 5;      // a hangup without client_state and numbers
};

class CarrierWorld {
public:
    CarrierWorld(fakes::ManualClock& clock, std::uint64_t seed, Chances chances)
        : clock_(clock),
          random_(seed),
          chances_(chances),
          ahead_of_mono_(clock.utc().time_since_epoch() - since_start(clock.mono())) {}

    // The carrier's time: it is not set when ours is.
    [[nodiscard]] UtcTime now() const {
        return UtcTime(since_start(clock_.mono()) + ahead_of_mono_);
    }
    void ring(const std::string& number);
    // Moves every leg on to now; new events get into the mail.
    void step();
    // Mail that is due now, taken out.
    std::vector<Mail> due();
    void redeliver(Mail mail, std::chrono::milliseconds later);
    [[nodiscard]] bool quiet() const;

    CommandResult execute(CallId call, const SendCommand& command, unsigned process);
    CarrierStatus ask(const CallControlId& leg);
    ports::AttemptOutcome receive(const ports::WebhookAttempt& attempt);
    // How long a reply is on its way.
    std::chrono::milliseconds reply_time();

    [[nodiscard]] const std::map<CallControlId, Leg>& legs() const { return legs_; }
    [[nodiscard]] const std::vector<PlayedGather>& gathers() const { return gathers_; }
    [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }
    [[nodiscard]] const std::vector<Executed>& executed() const { return executed_; }
    [[nodiscard]] const std::vector<Received>& received() const { return received_; }
    [[nodiscard]] const std::set<EventId>& accepted() const { return accepted_; }
    // Events that say neither whose they are nor who called whom.
    [[nodiscard]] const std::set<EventId>& nameless() const { return nameless_; }
    void note_accepted(const EventId& id) { accepted_.insert(id); }
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t draw(std::uint64_t below) { return random_() % below; }
    // A test of its own may say what a transfer, gather or dial is answered; nothing is made then.
    void answer_wishes_with(CommandOutcome outcome) { wishes_ = outcome; }
    // Transfers, gathers and dials are carried out.
    void play_wishes() { wishes_.reset(); }
    [[nodiscard]] const std::vector<SendCommand>& wishes() const { return asked_for_; }
    void be_kind() { kind_ = true; }  // no more trouble: what is left must come right

private:
    static std::chrono::microseconds since_start(MonoTime at) {
        return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch());
    }
    CarrierEvent make(const Leg& leg, CarrierEventType type, std::string word);
    void post(Leg& leg, CarrierEvent event, bool may_be_lost);
    void hang_up(Leg& leg, HangupCause cause, HangupSource source);
    void end_others(const Leg& gone);
    void end_gather(PlayedGather& gather, bool by_hangup);
    void answer(Leg& leg);
    std::chrono::milliseconds delay();
    [[nodiscard]] bool is_away() const { return !kind_ && now() < away_until_; }
    void step_ringing(Leg& leg);
    void step_talking(Leg& leg);
    Leg& make_leg(LegRole role, std::chrono::seconds ring);
    void begin(Leg& leg);  // a leg that we made
    CommandOutcome carry_out(CallId call, const SendCommand& command, CommandResult& result);
    CommandOutcome dial(CallId call, const SendCommand& command, CommandResult& result);
    CommandOutcome act(Leg& leg, CallId call, const SendCommand& command);
    CommandOutcome transfer(Leg& leg, CallId call, const SendCommand& command);
    CommandOutcome gather(Leg& leg, CallId call, const SendCommand& command);
    void note(const CallControlId& leg, CallId call, const SendCommand& command, std::string mark);

    fakes::ManualClock& clock_;
    std::mt19937_64 random_;
    Chances chances_;
    std::chrono::microseconds ahead_of_mono_;
    std::map<CallControlId, Leg> legs_;
    std::vector<PlayedGather> gathers_;
    std::vector<Mail> mail_;
    std::vector<Sent> sent_;
    std::vector<Executed> executed_;
    struct Memory {
        UtcTime at;
        CallControlId dialled;
    };
    std::map<CommandId, Memory> remembered_;
    std::vector<Received> received_;
    std::set<EventId> accepted_;
    std::set<EventId> nameless_;
    std::uint64_t events_ = 0;
    std::uint64_t made_ = 0;  // legs, by our commands
    std::optional<CommandOutcome> wishes_ = CommandOutcome::refused;
    std::vector<SendCommand> asked_for_;
    bool kind_ = false;
    UtcTime away_until_;
};

// What names a wish and no other: the number called, or the words spoken; empty for the rest.
std::string mark_of(const SendCommand& command);

}  // namespace gw::sim
