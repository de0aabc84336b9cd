#include "gateway/webhooks/event_json.hpp"

#include "gateway/domain/time.hpp"
#include "gateway/domain/words.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <optional>

namespace gw::webhooks {
namespace {

using Json = nlohmann::json;

// Bytes that are not UTF-8 become U+FFFD: what is stored must never make an event that cannot be
// told.
std::string json_string(std::string_view text) {
    return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Writes one object, members in the order of the calls.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    void close() { out_ += '}'; }

    void text(std::string_view name, std::string_view value) { raw(name, json_string(value)); }
    // Unknown is null, never absent.
    void text_or_null(std::string_view name, std::string_view value) {
        raw(name, value.empty() ? "null" : json_string(value));
    }
    template <class E>
    void word_or_null(std::string_view name, const std::optional<E>& value) {
        text_or_null(name, value ? word_of(*value) : std::string_view());
    }
    void time_or_null(std::string_view name, const std::optional<UtcTime>& value) {
        text_or_null(name, value ? to_rfc3339(*value) : std::string());
    }
    void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
    void integer(std::string_view name, std::integral auto value) {
        raw(name, std::to_string(value));
    }
    template <class Id>
    void id_or_null(std::string_view name, const std::optional<Id>& value) {
        raw(name, value ? std::to_string(value->value()) : "null");
    }
    void money(std::string_view name, MicroMoney value) { raw(name, to_decimal(value)); }
    // Stored JSON as it is, numbers digit for digit; `{}` for what is not an object.
    void object(std::string_view name, const std::string& json) {
        raw(name, is_object(json) ? json : "{}");
    }
    void raw(std::string_view name, std::string_view json) {
        if (out_.back() != '{') {
            out_ += ',';
        }
        out_ += '"';
        out_.append(name).append("\":").append(json);
    }

private:
    static bool is_object(const std::string& json) {
        return Json::accept(json) && json[json.find_first_not_of(" \t\r\n")] == '{';
    }

    std::string& out_;
};

void write_parties(ObjectWriter& data, const Call& call) {
    data.text("call_id", to_public(call.id));
    data.text_or_null("agent_id", call.agent_public_id);
    data.text_or_null("from", call.from);
    data.text_or_null("to", call.to);
}

void write_ended(ObjectWriter& data, const Call& call) {
    write_parties(data, call);
    data.time_or_null("started_at", call.started_at);
    data.time_or_null("ended_at", call.ended_at);
    data.integer("duration_seconds", call.duration_seconds);
    data.raw("minutes_used", to_decimal(call.minutes_used));
    data.money("call_cost", call.costs.call_cost);
    data.money("recording_cost", call.costs.recording_cost);
    data.money("transfer_cost", call.costs.transfer_cost);
    data.money("llm_discount", call.costs.llm_discount);
    data.money("total_cost", call.costs.total_cost);
    data.money("rate_per_minute", call.rates.rate);
    data.word_or_null("disposition", call.disposition);
    data.word_or_null("ended_reason", call.ended_reason);
    data.boolean("ws_unavailable", call.ws_unavailable);
    data.text_or_null("transferred_to", call.transferred_to);
    data.object("metadata", call.metadata_json);
    data.text_or_null("language", call.language);
    data.integer("turn_count", call.turn_count);
    data.integer("tool_call_count", call.tool_call_count);
    std::string tools = "[";
    for (const std::string& tool : call.tools_called) {
        tools += (tools.size() > 1 ? "," : "") + json_string(tool);
    }
    data.raw("tools_called", tools + "]");
    data.object("extracted_data", call.extracted_data_json);
    data.raw("transcript", "[]");  // calls have none yet
}

void write_gather(ObjectWriter& object, const PublicEvent& event) {
    object.text("status", event.input ? "completed" : "timeout");
    object.raw("input", event.input ? json_string(*event.input) : std::string("null"));
}

void write_data(ObjectWriter& data, const Call& call, const PublicEvent& event) {
    switch (event.type) {
        case PublicEventType::call_ringing:
        case PublicEventType::call_started:
            write_parties(data, call);
            return;
        case PublicEventType::call_dtmf_received:
            data.text("call_id", to_public(call.id));
            data.text_or_null("agent_id", call.agent_public_id);
            data.text("digit", event.digit);
            return;
        case PublicEventType::call_gather_completed:
            data.text("call_id", to_public(call.id));
            data.text_or_null("agent_id", call.agent_public_id);
            write_gather(data, event);
            return;
        case PublicEventType::transfer_initiated:
        case PublicEventType::transfer_completed:
        case PublicEventType::transfer_failed:
            data.text("call_id", to_public(call.id));
            data.text_or_null("agent_id", call.agent_public_id);
            data.text("destination", event.destination);
            if (event.type == PublicEventType::transfer_failed) {
                data.text("reason", event.reason);
            }
            return;
        case PublicEventType::call_ended:
            write_ended(data, call);
            return;
        case PublicEventType::call_failed:
            write_parties(data, call);
            data.text("status", word_of(call.status));
            data.word_or_null("disposition", call.disposition);
            data.word_or_null("ended_reason", call.ended_reason);
            return;
    }
}

}  // namespace

std::string JsonEventEncoder::encode(const Call& call, const PublicEvent& event) const {
    std::string out;
    out.reserve(1024);
    ObjectWriter envelope(out);
    envelope.text("id", event.id.value());
    envelope.text("event", word_of(event.type));
    envelope.text("timestamp", to_rfc3339(event.at));
    envelope.text("api_version", api_version);
    envelope.id_or_null("org_id", call.org_id);
    envelope.id_or_null("project_id", call.project_id);
    envelope.text_or_null("agent_id", call.agent_public_id);
    envelope.text("call_id", to_public(call.id));
    envelope.integer("sequence", event.sequence);
    if (event.type == PublicEventType::call_gather_completed) {
        write_gather(envelope, event);  // the specification shows them at the top
    }
    envelope.raw("data", "");
    ObjectWriter data(out);
    write_data(data, call, event);
    data.close();
    envelope.close();
    return out;
}

}  // namespace gw::webhooks
