#include "telnyx/wire/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gw::telnyx {
namespace {

// Telnyx openapi spec3.yml, webhooks.*.data.event_type, revision of 2026-07-16, read 2026-11.
constexpr std::array<std::string_view, 55> event_types = {
    "call.ai_gather.ended",
    "call.ai_gather.message_history_updated",
    "call.ai_gather.partial_results",
    "call.answered",
    "call.bridged",
    "call.conversation.ended",
    "call.conversation_insights.generated",
    "call.cost",
    "call.deepfake_detection.error",
    "call.deepfake_detection.result",
    "call.dequeued",
    "call.dtmf.received",
    "call.enqueued",
    "call.fork.started",
    "call.fork.stopped",
    "call.gather.ended",
    "call.hangup",
    "call.hold",
    "call.initiated",
    "call.machine.detection.ended",
    "call.machine.greeting.ended",
    "call.machine.premium.detection.ended",
    "call.machine.premium.greeting.ended",
    "call.playback.ended",
    "call.playback.started",
    "call.recording.error",
    "call.recording.saved",
    "call.recording.transcription.saved",
    "call.refer.completed",
    "call.refer.failed",
    "call.refer.started",
    "call.speak.ended",
    "call.speak.started",
    "call.transcription",
    "call.unhold",
    "conference.created",
    "conference.ended",
    "conference.floor.changed",
    "conference.participant.joined",
    "conference.participant.left",
    "conference.participant.playback.ended",
    "conference.participant.playback.started",
    "conference.participant.speak.ended",
    "conference.participant.speak.started",
    "conference.playback.ended",
    "conference.playback.started",
    "conference.recording.saved",
    "conference.speak.ended",
    "conference.speak.started",
    "siprec.failed",
    "siprec.started",
    "siprec.stopped",
    "streaming.failed",
    "streaming.started",
    "streaming.stopped",
};
static_assert(std::ranges::is_sorted(event_types));

template <class E, std::size_t N>
using Words = std::array<std::pair<std::string_view, E>, N>;

constexpr Words<CarrierEventType, 9> meaningful = {{
    {"call.initiated", CarrierEventType::initiated},
    {"call.answered", CarrierEventType::answered},
    {"call.hangup", CarrierEventType::hangup},
    {"call.dtmf.received", CarrierEventType::dtmf},
    {"call.cost", CarrierEventType::cost},
    {"call.gather.ended", CarrierEventType::gather_ended},
    {"call.machine.detection.ended", CarrierEventType::machine_detected},
    {"call.machine.premium.detection.ended", CarrierEventType::machine_detected},
    // A beep that comes first is told by this one alone (CallMachinePremiumGreetingEnded).
    {"call.machine.premium.greeting.ended", CarrierEventType::machine_detected},
}};

// Telnyx openapi spec3.yml, CallHangup.hangup_cause, revision of 2026-07-16, read 2026-11.
constexpr Words<HangupCause, 9> hangup_causes = {{
    {"call_rejected", HangupCause::call_rejected},
    {"normal_clearing", HangupCause::normal_clearing},
    {"originator_cancel", HangupCause::originator_cancel},
    {"timeout", HangupCause::timeout},
    {"time_limit", HangupCause::time_limit},
    {"user_busy", HangupCause::user_busy},
    {"not_found", HangupCause::not_found},
    {"no_answer", HangupCause::no_answer},
    {"unspecified", HangupCause::unspecified},
}};

// CallHangup.hangup_source and CallInitiated.direction of the same document.
constexpr Words<HangupSource, 3> hangup_sources = {{
    {"caller", HangupSource::caller},
    {"callee", HangupSource::callee},
    {"unknown", HangupSource::unknown},
}};
constexpr Words<Direction, 2> directions = {{
    {"incoming", Direction::inbound},
    {"outgoing", Direction::outbound},
}};

template <class E, std::size_t N>
std::optional<E> look_up(const Words<E, N>& words, std::string_view word) {
    for (const auto& [name, value] : words) {
        if (name == word) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const std::string_view> known_event_types() {
    return event_types;
}

std::optional<std::size_t> index_of_event_type(std::string_view word) {
    const auto at = std::ranges::lower_bound(event_types, word);
    if (at == event_types.end() || *at != word) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(at - event_types.begin());
}

CarrierEventType event_type_of(std::string_view word) {
    return look_up(meaningful, word).value_or(CarrierEventType::other);
}

// USER_BUSY was reported of a linked leg (Telnyx REFERENCE 2.6): capitals say the same.
HangupCause hangup_cause_of(std::string_view word) {
    std::string lower(word);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return look_up(hangup_causes, lower).value_or(HangupCause::other);
}

HangupSource hangup_source_of(std::string_view word) {
    return look_up(hangup_sources, word).value_or(HangupSource::unknown);
}

std::optional<Direction> direction_of(std::string_view word) {
    return look_up(directions, word);
}

}  // namespace gw::telnyx
