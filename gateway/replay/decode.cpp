// SPDX-License-Identifier: Apache-2.0
#include "gateway/replay/decode.hpp"

#include "gateway/domain/words.hpp"
#include "telnyx/wire/event_json.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace gw::replay {
namespace {

using Json = nlohmann::json;

Error fault_of(const ports::TimelineRow& row, const std::string& what) {
    return Error(Errc::invalid, "row " + std::to_string(row.seq) + " (" + row.kind + "): " + what);
}

std::string text_at(const Json& json, const char* name) {
    return json.at(name).get<std::string>();
}

std::string text_or_empty(const Json& json, const char* name) {
    return json.value(name, std::string());
}

template <class E>
E word_at(const Json& json, const char* name) {
    const std::string word = text_at(json, name);
    if (const auto value = parse_word<E>(word)) {
        return *value;
    }
    throw std::runtime_error(std::string("unknown ") + name + " \"" + word + "\"");
}

CommandResult result_of(CommandKind kind, const Json& data) {
    CommandResult result;
    result.kind = kind;
    result.command_id = CommandId(text_at(data, "command_id"));
    result.outcome = word_at<CommandOutcome>(data, "outcome");
    result.attempts = data.at("attempts").get<std::uint32_t>();
    result.detail = text_or_empty(data, "detail");
    result.leg = CallControlId(text_or_empty(data, "call_control_id"));
    result.number = data.value("number", std::uint32_t{0});
    result.call_leg_id = CallLegId(text_or_empty(data, "call_leg_id"));
    result.call_session_id = CallSessionId(text_or_empty(data, "call_session_id"));
    return result;
}

CarrierStatus status_of(const Json& data) {
    CarrierStatus status;
    status.view = word_at<CarrierView>(data, "view");
    status.leg = CallControlId(text_or_empty(data, "call_control_id"));
    status.detail = text_or_empty(data, "detail");
    if (data.contains("end_time")) {
        status.end_time = parse_rfc3339(text_at(data, "end_time"));
        if (!status.end_time) {
            throw std::runtime_error("end_time is no time");
        }
    }
    return status;
}

GatherRequested gather_of(const Json& data) {
    GatherRequested asked;
    asked.request_id = text_at(data, "request_id");
    asked.spec.prompt = text_at(data, "prompt");
    asked.spec.max_digits = data.at("max_digits").get<std::uint32_t>();
    asked.spec.terminator = text_at(data, "terminator");
    asked.spec.timeout = std::chrono::seconds(data.at("timeout_seconds").get<std::int64_t>());
    asked.spec.voice = text_at(data, "voice");
    asked.spec.language = text_at(data, "language");
    return asked;
}

// What stands behind `prefix` in the kind, as a word of E; nothing when it is another kind.
template <class E>
std::optional<E> kind_word(std::string_view kind, std::string_view prefix) {
    return kind.starts_with(prefix) ? parse_word<E>(kind.substr(prefix.size())) : std::nullopt;
}

using What = decltype(Input::what);

// Nothing for a kind that is none of ours: a carrier's event then.
std::optional<What> own_input(const ports::TimelineRow& row) {
    const std::string& kind = row.kind;
    const auto data = [&row] { return Json::parse(row.data_json); };
    if (const auto command = kind_word<CommandKind>(kind, "command.")) {
        return result_of(*command, data());
    }
    if (const auto timer = kind_word<TimerKind>(kind, "timer.")) {
        return TimerFired{*timer};
    }
    if (kind == "carrier.status") {
        return status_of(data());
    }
    if (kind == "restart") {
        return Restarted{};
    }
    if (kind == "media.speech") {
        return SpeechHeard{};
    }
    if (kind == "api.end") {
        return EndRequested{text_at(data(), "request_id")};
    }
    if (kind == "api.transfer") {
        const Json json = data();
        return TransferRequested{.request_id = text_at(json, "request_id"),
                                 .destination = text_at(json, "destination")};
    }
    if (kind == "api.gather") {
        return gather_of(data());
    }
    if (kind == "api.place") {
        return DialRequested{text_at(data(), "request_id")};
    }
    return std::nullopt;
}

EffectMark mark_of(const Json& json) {
    EffectMark mark;
    if (json.contains("command")) {
        mark.what = "command " + text_at(json, "command");
        mark.id = text_at(json, "command_id");
        if (json.contains("ring_s")) {
            mark.dial = DialOrder{.to = text_at(json, "to"),
                                  .from = text_at(json, "from"),
                                  .ring = std::chrono::seconds(json.at("ring_s").get<int>()),
                                  .machine_detection = text_or_empty(json, "machine_detection")};
        }
    } else if (json.contains("webhook")) {
        mark.what = "webhook " + text_at(json, "webhook");
        mark.id = text_at(json, "event_id");
        mark.sequence = json.at("sequence").get<std::uint32_t>();
    } else if (json.contains("refused")) {
        mark.what = "refused " + text_at(json, "refused");
    } else {
        mark.what = "ask " + text_at(json, "ask");
    }
    return mark;
}

struct MarkOf {
    EffectMark operator()(const SendCommand& command) const {
        return {.what = "command " + std::string(word_of(command.kind)),
                .id = command.command_id.value()};
    }
    EffectMark operator()(const AskCarrier&) const { return {.what = "ask carrier", .id = {}}; }
    EffectMark operator()(const PublicEvent& event) const {
        return {.what = "webhook " + std::string(word_of(event.type)),
                .id = event.id.value(),
                .sequence = event.sequence};
    }
    EffectMark operator()(const Refused& refused) const {
        return {.what = "refused " + std::string(word_of(refused.why)), .id = {}};
    }
};

}  // namespace

Result<Input> input_of(const ports::TimelineRow& row) {
    try {
        if (auto own = own_input(row)) {
            return Input{.at = row.at, .what = std::move(*own)};
        }
        auto event = telnyx::parse_event(row.data_json, row.at);
        if (!event) {
            return fault_of(row, std::string(telnyx::text_of(event.error())));
        }
        if (event->type_word != row.kind) {
            return fault_of(row, "its data is of another kind, " + event->type_word);
        }
        return Input{.at = row.at, .what = std::move(*event)};
    } catch (const std::exception& error) {
        return fault_of(row, error.what());
    }
}

std::vector<EffectMark> marks_of(const std::vector<Effect>& effects) {
    std::vector<EffectMark> marks;
    marks.reserve(effects.size());
    for (const Effect& effect : effects) {
        marks.push_back(std::visit(MarkOf{}, effect));
    }
    return marks;
}

Result<std::vector<EffectMark>> recorded_marks(const ports::TimelineRow& row) {
    try {
        std::vector<EffectMark> marks;
        const Json effects = Json::parse(row.effects_json);
        if (!effects.is_array()) {
            return fault_of(row, "its effects are no array");
        }
        for (const Json& effect : effects) {
            marks.push_back(mark_of(effect));
        }
        return marks;
    } catch (const std::exception& error) {
        return fault_of(row, std::string("its effects: ") + error.what());
    }
}

}  // namespace gw::replay
