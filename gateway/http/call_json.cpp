// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/call_json.hpp"

#include "gateway/domain/billing.hpp"
#include "gateway/domain/words.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/json_text.hpp"

namespace gw::http {
namespace {

constexpr std::size_t call_bytes_typical = 900;

// The members of one object, in the order they are written.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    std::string& member(std::string_view name) {
        if (!first_) {
            out_ += ',';
        }
        first_ = false;
        out_ += '"';
        out_ += name;
        out_ += "\":";
        return out_;
    }
    void text(std::string_view name, std::string_view value) { append_string(member(name), value); }
    void text_or_null(std::string_view name, std::string_view value) {
        if (value.empty()) {
            member(name) += "null";
        } else {
            text(name, value);
        }
    }
    template <class E>
    void word_or_null(std::string_view name, const std::optional<E>& value) {
        text_or_null(name, value ? word_of(*value) : std::string_view{});
    }
    void integer(std::string_view name, std::int64_t value) { append_integer(member(name), value); }
    void boolean(std::string_view name, bool value) { append_bool(member(name), value); }
    void money(std::string_view name, MicroMoney value) { append_money(member(name), value); }
    void time(std::string_view name, const std::optional<UtcTime>& at) {
        append_time(member(name), at);
    }
    void close() { out_ += '}'; }

private:
    std::string& out_;
    bool first_ = true;
};

void append_strings(std::string& out, const std::vector<std::string>& texts) {
    out += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) {
            out += ',';
        }
        append_string(out, texts[i]);
    }
    out += ']';
}

template <class T, class Append>
void append_array(std::string& out, const std::vector<T>& items, Append append) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) {
            out += ',';
        }
        append(out, items[i]);
    }
    out += ']';
}

void append_delivery(std::string& out, const ports::AttemptRecord& attempt) {
    ObjectWriter object(out);
    object.integer("id", attempt.id.value());
    object.text("event", attempt.event);
    object.text("event_id", attempt.event_id.value());
    object.text("url", attempt.url);
    object.integer("attempt", attempt.number);
    if (attempt.status_code) {
        object.integer("status_code", *attempt.status_code);
    } else {
        object.member("status_code") += "null";
    }
    object.boolean("success", attempt.success);
    object.text_or_null("error", attempt.error.value_or(""));
    object.time("created_at", attempt.created_at);
    object.close();
}

void append_event(std::string& out, const ports::TimelineRow& row) {
    ObjectWriter object(out);
    object.integer("seq", row.seq);
    object.text("at", to_rfc3339_micros(row.at));
    object.text("kind", row.kind);
    object.text("verdict", row.verdict);
    object.integer("repeats", row.repeats);
    append_json(object.member("data"), row.data_json, "{}");
    append_json(object.member("effects"), row.effects_json, "[]");
    object.close();
}

}  // namespace

// The order is the specification's; what it does not have comes last.
void append_call(std::string& out, const Call& call, UtcTime now, CallDetail detail) {
    const bool is_final = call.is_final();
    const std::int64_t duration_seconds =
        is_final ? call.duration_seconds : running_duration_seconds(call, now);
    const CentiMinutes minutes = is_final ? call.minutes_used : minutes_of(duration_seconds);
    const Costs costs = is_final ? call.costs : costs_of(call, duration_seconds);

    ObjectWriter object(out);
    append_call_id(object.member("call_id"), call.id);
    object.text_or_null("agent_id", call.agent_public_id);
    object.text_or_null("from_number", call.from);
    object.text_or_null("to_number", call.to);
    object.text("status", word_of(call.status));
    object.word_or_null("disposition", call.disposition);
    object.word_or_null("ended_reason", call.ended_reason);
    object.integer("duration_seconds", duration_seconds);
    append_minutes(object.member("minutes_used"), minutes);
    object.money("rate_per_minute", call.rates.rate);
    object.money("total_cost", costs.total_cost);
    object.boolean("has_recording", call.has_recording);
    object.integer("turn_count", call.turn_count);
    object.integer("tool_call_count", call.tool_call_count);
    append_strings(object.member("tools_called"), call.tools_called);
    append_json(object.member("metadata"), call.metadata_json, "{}");
    object.boolean("ws_unavailable", call.ws_unavailable);
    if (detail == CallDetail::full) {
        object.member("transcript") += "[]";
        object.member("latency_data") += R"({"turns":[]})";
    }
    object.money("call_cost", costs.call_cost);
    object.money("recording_cost", costs.recording_cost);
    object.money("llm_discount", costs.llm_discount);
    object.integer("transfer_duration_seconds", call.transfer_duration_seconds);
    object.money("transfer_cost", costs.transfer_cost);
    object.text_or_null("transferred_to", call.transferred_to);
    object.boolean("recording_enabled", call.recording_enabled);
    append_json(object.member("extracted_data"), call.extracted_data_json, "{}");
    object.time("started_at", call.started_at);
    object.time("ended_at", call.ended_at);
    object.time("created_at", call.created_at);
    object.text("direction", word_of(call.direction));
    object.text_or_null("language", call.language);
    object.close();
}

std::string to_json(const ports::CallPage& page, UtcTime now) {
    std::string out;
    out.reserve(64 + page.calls.size() * call_bytes_typical);
    ObjectWriter object(out);
    append_array(object.member("calls"), page.calls, [now](std::string& text, const Call& call) {
        append_call(text, call, now, CallDetail::summary);
    });
    object.text_or_null("next_cursor", page.next ? to_text(*page.next) : std::string{});
    object.close();
    return out;
}

std::string to_json(const app::StatusView& status) {
    std::string out;
    out.reserve(160);
    ObjectWriter object(out);
    append_call_id(object.member("call_id"), status.id);
    object.text("status", word_of(status.status));
    object.integer("duration_seconds", status.duration_seconds);
    object.time("started_at", status.started_at);
    object.time("ended_at", status.ended_at);
    object.close();
    return out;
}

std::string to_json(const ports::CallSummary& summary, const SummaryFilterTexts& given) {
    constexpr std::int64_t micros_per_fourth_place = 100;
    const auto rounded = [](MicroMoney sum) {
        return MicroMoney{divide_half_up(sum.micros, micros_per_fourth_place) *
                          micros_per_fourth_place};
    };
    std::string out;
    ObjectWriter object(out);
    object.integer("total_calls", summary.total_calls);
    object.integer("completed_calls", summary.completed_calls);
    object.integer("failed_calls", summary.failed_calls);
    object.integer("answered_calls", summary.answered_calls);
    object.integer("no_answer_calls", summary.no_answer_calls);
    object.integer("total_duration_seconds", summary.total_duration_seconds);
    append_minutes(object.member("total_minutes_used"), summary.total_minutes_used);
    object.money("total_cost", rounded(summary.total_cost));
    object.money("total_recording_cost", rounded(summary.total_recording_cost));
    object.money("total_llm_discount", rounded(summary.total_llm_discount));
    ObjectWriter filters(object.member("filters"));
    for (const auto& [name, text] :
         {std::pair("agent_id", &given.agent_id), std::pair("status", &given.status),
          std::pair("disposition", &given.disposition), std::pair("from_date", &given.from_date),
          std::pair("to_date", &given.to_date)}) {
        if (*text) {
            filters.text(name, **text);
        }
    }
    filters.close();
    object.close();
    return out;
}

std::string to_json(const ports::TimelineRow& row) {
    std::string out;
    append_event(out, row);
    return out;
}

std::string to_json(CallId id, const std::vector<ports::AttemptRecord>& deliveries) {
    std::string out;
    ObjectWriter object(out);
    append_call_id(object.member("call_id"), id);
    append_array(object.member("deliveries"), deliveries, append_delivery);
    object.close();
    return out;
}

std::string to_json(CallId id, const std::vector<ports::TimelineRow>& events,
                    std::optional<std::uint32_t> next_after_seq) {
    std::string out;
    ObjectWriter object(out);
    append_call_id(object.member("call_id"), id);
    append_array(object.member("events"), events, append_event);
    if (next_after_seq) {
        object.integer("next_after_seq", *next_after_seq);
    } else {
        object.member("next_after_seq") += "null";
    }
    object.close();
    return out;
}

}  // namespace gw::http
