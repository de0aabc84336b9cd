#include "gateway/domain/words.hpp"

#include "gateway/domain/apply.hpp"
#include "gateway/domain/effect.hpp"

#include <array>
#include <utility>

namespace gw {
namespace {

template <class E>
struct Words;

template <class E>
using Pair = std::pair<E, std::string_view>;

template <>
struct Words<Direction> {
    static constexpr std::array table{Pair<Direction>{Direction::inbound, "inbound"},
                                      Pair<Direction>{Direction::outbound, "outbound"}};
};
template <>
struct Words<CallStatus> {
    using enum CallStatus;
    static constexpr std::array table{
        Pair<CallStatus>{ringing, "ringing"},     Pair<CallStatus>{in_progress, "in-progress"},
        Pair<CallStatus>{completed, "completed"}, Pair<CallStatus>{failed, "failed"},
        Pair<CallStatus>{busy, "busy"},           Pair<CallStatus>{no_answer, "no-answer"},
        Pair<CallStatus>{canceled, "canceled"},   Pair<CallStatus>{rejected, "rejected"}};
};
template <>
struct Words<Disposition> {
    using enum Disposition;
    static constexpr std::array table{
        Pair<Disposition>{answered, "answered"},       Pair<Disposition>{no_answer, "no-answer"},
        Pair<Disposition>{transferred, "transferred"}, Pair<Disposition>{busy, "busy"},
        Pair<Disposition>{failed, "failed"},           Pair<Disposition>{voicemail, "voicemail"},
        Pair<Disposition>{rejected, "rejected"}};
};
template <>
struct Words<EndedReason> {
    using enum EndedReason;
    static constexpr std::array table{Pair<EndedReason>{agent_hangup, "agent-hangup"},
                                      Pair<EndedReason>{caller_hangup, "caller-hangup"},
                                      Pair<EndedReason>{api, "api"},
                                      Pair<EndedReason>{timeout, "timeout"},
                                      Pair<EndedReason>{transfer, "transfer"},
                                      Pair<EndedReason>{silence_timeout, "silence-timeout"},
                                      Pair<EndedReason>{error, "error"},
                                      Pair<EndedReason>{max_duration, "max-duration"}};
};
template <>
struct Words<ClosedBy> {
    using enum ClosedBy;
    static constexpr std::array table{Pair<ClosedBy>{webhook, "webhook"},
                                      Pair<ClosedBy>{reconciler, "reconciler"},
                                      Pair<ClosedBy>{deadline, "deadline"}};
};
template <>
struct Words<HangupCause> {
    using enum HangupCause;
    static constexpr std::array table{Pair<HangupCause>{call_rejected, "call_rejected"},
                                      Pair<HangupCause>{normal_clearing, "normal_clearing"},
                                      Pair<HangupCause>{originator_cancel, "originator_cancel"},
                                      Pair<HangupCause>{timeout, "timeout"},
                                      Pair<HangupCause>{time_limit, "time_limit"},
                                      Pair<HangupCause>{user_busy, "user_busy"},
                                      Pair<HangupCause>{not_found, "not_found"},
                                      Pair<HangupCause>{no_answer, "no_answer"},
                                      Pair<HangupCause>{unspecified, "unspecified"},
                                      Pair<HangupCause>{other, "other"}};
};
template <>
struct Words<HangupSource> {
    using enum HangupSource;
    static constexpr std::array table{Pair<HangupSource>{caller, "caller"},
                                      Pair<HangupSource>{callee, "callee"},
                                      Pair<HangupSource>{unknown, "unknown"}};
};
template <>
struct Words<Refusal> {
    using enum Refusal;
    static constexpr std::array table{Pair<Refusal>{no_agent, "no-agent"},
                                      Pair<Refusal>{over_capacity, "over-capacity"},
                                      Pair<Refusal>{draining, "draining"}};
};
template <>
struct Words<CommandKind> {
    using enum CommandKind;
    static constexpr std::array table{
        Pair<CommandKind>{answer, "answer"},     Pair<CommandKind>{reject, "reject"},
        Pair<CommandKind>{hangup, "hangup"},     Pair<CommandKind>{hangup_target, "hangup-target"},
        Pair<CommandKind>{transfer, "transfer"}, Pair<CommandKind>{gather, "gather"},
        Pair<CommandKind>{dial, "dial"}};
};
template <>
struct Words<CommandOutcome> {
    using enum CommandOutcome;
    static constexpr std::array table{
        Pair<CommandOutcome>{accepted, "accepted"}, Pair<CommandOutcome>{call_gone, "call-gone"},
        Pair<CommandOutcome>{refused, "refused"}, Pair<CommandOutcome>{unknown, "unknown"},
        Pair<CommandOutcome>{superseded, "superseded"}};
};
template <>
struct Words<TimerKind> {
    using enum TimerKind;
    static constexpr std::array table{
        Pair<TimerKind>{settle, "settle"},     Pair<TimerKind>{max_duration, "max-duration"},
        Pair<TimerKind>{deadline, "deadline"}, Pair<TimerKind>{check, "check"},
        Pair<TimerKind>{transfer, "transfer"}, Pair<TimerKind>{gather, "gather"},
        Pair<TimerKind>{silence, "silence"}};
};
template <>
struct Words<CarrierView> {
    using enum CarrierView;
    static constexpr std::array table{Pair<CarrierView>{alive, "alive"},
                                      Pair<CarrierView>{gone, "gone"},
                                      Pair<CarrierView>{unknown, "unknown"}};
};
template <>
struct Words<Verdict> {
    using enum Verdict;
    static constexpr std::array table{Pair<Verdict>{applied, "applied"},
                                      Pair<Verdict>{noted, "noted"}, Pair<Verdict>{late, "late"},
                                      Pair<Verdict>{redundant, "redundant"},
                                      Pair<Verdict>{refused, "refused"}};
};
template <>
struct Words<PublicEventType> {
    using enum PublicEventType;
    static constexpr std::array table{
        Pair<PublicEventType>{call_ringing, "call.ringing"},
        Pair<PublicEventType>{call_started, "call.started"},
        Pair<PublicEventType>{call_dtmf_received, "call.dtmf.received"},
        Pair<PublicEventType>{call_ended, "call.ended"},
        Pair<PublicEventType>{call_failed, "call.failed"},
        Pair<PublicEventType>{call_gather_completed, "call.gather.completed"},
        Pair<PublicEventType>{transfer_initiated, "transfer.initiated"},
        Pair<PublicEventType>{transfer_completed, "transfer.completed"},
        Pair<PublicEventType>{transfer_failed, "transfer.failed"}};
};
template <>
struct Words<TransferPhase> {
    using enum TransferPhase;
    static constexpr std::array table{
        Pair<TransferPhase>{asked, "asked"}, Pair<TransferPhase>{accepted, "accepted"},
        Pair<TransferPhase>{answered, "answered"}, Pair<TransferPhase>{failed, "failed"}};
};

// Each table lists its values in the order of the enumeration, which the word tests check.
template <class E>
std::string_view look_up(E value) {
    const auto index = static_cast<std::size_t>(value);
    return index < Words<E>::table.size() ? Words<E>::table[index].second : std::string_view{"?"};
}

}  // namespace

std::string_view word_of(Direction value) {
    return look_up(value);
}
std::string_view word_of(CallStatus value) {
    return look_up(value);
}
std::string_view word_of(Disposition value) {
    return look_up(value);
}
std::string_view word_of(EndedReason value) {
    return look_up(value);
}
std::string_view word_of(ClosedBy value) {
    return look_up(value);
}
std::string_view word_of(HangupCause value) {
    return look_up(value);
}
std::string_view cause_word(const CarrierEvent& event) {
    return event.other_cause.empty() ? word_of(event.hangup_cause)
                                     : std::string_view(event.other_cause);
}
std::string_view word_of(HangupSource value) {
    return look_up(value);
}
std::string_view word_of(Refusal value) {
    return look_up(value);
}
std::string_view word_of(CommandKind value) {
    return look_up(value);
}
std::string_view word_of(CommandOutcome value) {
    return look_up(value);
}
std::string_view word_of(TimerKind value) {
    return look_up(value);
}
std::string_view word_of(CarrierView value) {
    return look_up(value);
}
std::string_view word_of(Verdict value) {
    return look_up(value);
}
std::string_view word_of(PublicEventType value) {
    return look_up(value);
}
std::string_view word_of(TransferPhase value) {
    return look_up(value);
}

template <class E>
std::optional<E> parse_word(std::string_view word) {
    for (const auto& [value, text] : Words<E>::table) {
        if (text == word) {
            return value;
        }
    }
    return std::nullopt;
}

template std::optional<Direction> parse_word(std::string_view);
template std::optional<CallStatus> parse_word(std::string_view);
template std::optional<Disposition> parse_word(std::string_view);
template std::optional<EndedReason> parse_word(std::string_view);
template std::optional<ClosedBy> parse_word(std::string_view);
template std::optional<HangupCause> parse_word(std::string_view);
template std::optional<HangupSource> parse_word(std::string_view);
template std::optional<Refusal> parse_word(std::string_view);
template std::optional<CommandKind> parse_word(std::string_view);
template std::optional<CommandOutcome> parse_word(std::string_view);
template std::optional<TimerKind> parse_word(std::string_view);
template std::optional<CarrierView> parse_word(std::string_view);
template std::optional<Verdict> parse_word(std::string_view);
template std::optional<PublicEventType> parse_word(std::string_view);
template std::optional<TransferPhase> parse_word(std::string_view);

}  // namespace gw
