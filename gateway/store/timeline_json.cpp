// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/timeline_json.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/json_text.hpp"

namespace gw::store {
namespace {

std::string with_prefix(std::string_view prefix, std::string_view word) {
    std::string out(prefix);
    out += word;
    return out;
}

struct KindOf {
    std::string operator()(const CarrierEvent& event) const { return event.type_word; }
    std::string operator()(const CommandResult& result) const {
        return with_prefix("command.", word_of(result.kind));
    }
    std::string operator()(const CarrierStatus&) const { return "carrier.status"; }
    std::string operator()(const TimerFired& fired) const {
        return with_prefix("timer.", word_of(fired.timer));
    }
    std::string operator()(const EndRequested&) const { return "api.end"; }
    std::string operator()(const Restarted&) const { return "restart"; }
    std::string operator()(const TransferRequested&) const { return "api.transfer"; }
    std::string operator()(const GatherRequested&) const { return "api.gather"; }
    std::string operator()(const DialRequested&) const { return "api.place"; }
    std::string operator()(const SpeechHeard&) const { return "media.speech"; }
};

struct DataOf {
    std::string& scratch;

    std::string_view operator()(const CarrierEvent& event) const { return event.raw; }
    std::string_view operator()(const CommandResult& result) const {
        JsonObject object(scratch);
        object.add("command_id", result.command_id.value())
            .add("outcome", word_of(result.outcome))
            .add("attempts", std::int64_t{result.attempts});
        if (!result.leg.value().empty()) {
            object.add("call_control_id", result.leg.value());
        }
        if (!result.call_leg_id.value().empty()) {
            object.add("call_leg_id", result.call_leg_id.value());
        }
        if (!result.call_session_id.value().empty()) {
            object.add("call_session_id", result.call_session_id.value());
        }
        if (result.number != 0) {
            object.add("number", std::int64_t{result.number});
        }
        if (!result.detail.empty()) {
            object.add("detail", result.detail);
        }
        object.end();
        return scratch;
    }
    std::string_view operator()(const CarrierStatus& status) const {
        JsonObject object(scratch);
        object.add("view", word_of(status.view));
        if (!status.leg.value().empty()) {
            object.add("call_control_id", status.leg.value());
        }
        if (status.end_time) {
            object.add("end_time", to_rfc3339_micros(*status.end_time));
        }
        if (!status.detail.empty()) {
            object.add("detail", status.detail);
        }
        object.end();
        return scratch;
    }
    std::string_view operator()(const TimerFired&) const { return "{}"; }
    std::string_view operator()(const EndRequested& asked) const {
        JsonObject(scratch).add("request_id", asked.request_id).end();
        return scratch;
    }
    std::string_view operator()(const Restarted&) const { return "{}"; }
    std::string_view operator()(const SpeechHeard&) const { return "{}"; }
    std::string_view operator()(const TransferRequested& asked) const {
        JsonObject(scratch)
            .add("request_id", asked.request_id)
            .add("destination", asked.destination)
            .end();
        return scratch;
    }
    std::string_view operator()(const GatherRequested& asked) const {
        JsonObject(scratch)
            .add("request_id", asked.request_id)
            .add("prompt", asked.spec.prompt)
            .add("max_digits", std::int64_t{asked.spec.max_digits})
            .add("terminator", asked.spec.terminator)
            .add("timeout_seconds", std::int64_t{asked.spec.timeout.count()})
            .add("voice", asked.spec.voice)
            .add("language", asked.spec.language)
            .end();
        return scratch;
    }
    std::string_view operator()(const DialRequested& asked) const {
        JsonObject(scratch).add("request_id", asked.request_id).end();
        return scratch;
    }
};

struct AppendEffect {
    std::string& out;

    void operator()(const SendCommand& command) const {
        JsonObject object(out);
        object.add("command", word_of(command.kind)).add("command_id", command.command_id.value());
        if (const auto* dial = std::get_if<DialOrder>(&command.order)) {
            // The request's row does not hold it, and a replay begins with it.
            object.add("to", dial->to)
                .add("from", dial->from)
                .add("ring_s", std::int64_t{dial->ring.count()});
            if (!dial->machine_detection.empty()) {
                object.add("machine_detection", dial->machine_detection);
            }
        }
        if (!command.reject_cause.empty()) {
            object.add("cause", command.reject_cause);
        }
        object.end();
    }
    void operator()(const AskCarrier&) const { JsonObject(out).add("ask", "carrier").end(); }
    void operator()(const PublicEvent& event) const {
        JsonObject(out)
            .add("webhook", word_of(event.type))
            .add("event_id", event.id.value())
            .add("sequence", std::int64_t{event.sequence})
            .end();
    }
    void operator()(const Refused& refused) const {
        JsonObject(out).add("refused", word_of(refused.why)).end();
    }
};

}  // namespace

std::string kind_of(const Input& input) {
    return std::visit(KindOf{}, input.what);
}

std::string_view data_of(const Input& input, std::string& scratch) {
    scratch.clear();
    return std::visit(DataOf{scratch}, input.what);
}

std::string effects_json(const std::vector<Effect>& effects) {
    std::string out = "[";
    for (const Effect& effect : effects) {
        if (out.size() > 1) {
            out += ',';
        }
        std::visit(AppendEffect{out}, effect);
    }
    out += ']';
    return out;
}

}  // namespace gw::store
