// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/rows.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/in_call_json.hpp"
#include "gateway/store/json_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>

namespace gw::store {
namespace {

// clang-format off: a list is read as a list
// Of the table call_course.
constexpr auto course_columns = std::to_array<std::string_view>({
    "version", "due_at", "timer_settle", "timer_max_duration", "timer_deadline", "timer_check",
    "deadline_passed", "last_alive_at", "answer_issued_at", "answer_accepted_at", "held_digits",
    "timeline_length", "webhook_sequence", "in_call"});
// Of the table calls: an outcome alone, or all.
constexpr auto outcome_columns = std::to_array<std::string_view>({
    "status", "disposition", "ended_reason", "closed_by", "refusal", "started_at", "ended_at",
    "carrier_gone", "carrier_gone_end_time", "hangup_at", "hangup_cause", "hangup_source",
    "hangup_asked_reason", "hangup_asked_at", "duration_seconds", "minutes_used_hundredths",
    "call_cost", "recording_cost", "transfer_cost", "llm_discount", "total_cost", "carrier_cost",
    "has_recording", "ws_unavailable", "turn_count", "tool_call_count", "tools_called",
    "transferred_to", "transfer_duration_seconds", "extracted_data"});
constexpr auto term_columns = std::to_array<std::string_view>({
    "project_id", "agent_id", "created_at", "org_id", "agent_public_id", "direction",
    "from_number", "to_number", "language", "opened_at", "rate", "call_rate", "recording_rate",
    "transfer_rate", "llm_discount_rate", "policy", "recording_enabled", "nonce",
    "call_control_id", "call_leg_id", "call_session_id", "metadata"});
// clang-format on

template <class E>
std::optional<std::string_view> word_of_optional(const std::optional<E>& value) {
    return value ? std::optional(word_of(*value)) : std::nullopt;
}

template <class E>
E get_word(Statement& statement) {
    const std::string_view word = statement.get_view();
    if (const auto value = parse_word<E>(word)) {
        return *value;
    }
    throw std::runtime_error("unknown word in the database: " + std::string(word));
}

template <class E>
std::optional<E> get_optional_word(Statement& statement) {
    if (statement.next_is_null()) {
        statement.skip();
        return std::nullopt;
    }
    return get_word<E>(statement);
}

std::uint32_t get_u32(Statement& statement) {
    return static_cast<std::uint32_t>(statement.get_int());
}

void append_policy(std::string& out, const CallPolicy& policy) {
    JsonObject(out)
        .add("max_duration_s", std::int64_t{policy.max_duration.count()})
        .add("ring_timeout_s", std::int64_t{policy.ring_timeout.count()})
        .add("deadline_slack_s", std::int64_t{policy.deadline_slack.count()})
        .add("settle_ms", std::int64_t{policy.settle.count()})
        .add("reconcile_idle_ms", std::int64_t{policy.reconcile_idle.count()})
        .add("reconcile_interval_ms", std::int64_t{policy.reconcile_interval.count()})
        .add("transfer_ring_s", std::int64_t{policy.transfer_ring.count()})
        .add("silence_timeout_s", std::int64_t{policy.silence_timeout.count()})
        .add("gather_grace_s", std::int64_t{policy.gather_grace.count()})
        .add("hang_up_on_voicemail", std::int64_t{policy.hang_up_on_voicemail ? 1 : 0})
        .end();
}

CallPolicy read_policy(std::string_view text) {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    const auto json = nlohmann::json::parse(text);
    const auto number = [&json](const char* key) { return json.at(key).get<std::int64_t>(); };
    CallPolicy policy;
    policy.max_duration = seconds(number("max_duration_s"));
    policy.ring_timeout = seconds(number("ring_timeout_s"));
    policy.deadline_slack = seconds(number("deadline_slack_s"));
    policy.settle = milliseconds(number("settle_ms"));
    policy.reconcile_idle = milliseconds(number("reconcile_idle_ms"));
    policy.reconcile_interval = milliseconds(number("reconcile_interval_ms"));
    // Rows of the first release lack these.
    const auto added = [&json](const char* key, std::int64_t otherwise) {
        return json.value(key, otherwise);
    };
    policy.transfer_ring = seconds(added("transfer_ring_s", 30));
    policy.gather_grace = seconds(added("gather_grace_s", 30));
    policy.silence_timeout = seconds(added("silence_timeout_s", 30));
    policy.hang_up_on_voicemail = added("hang_up_on_voicemail", 0) != 0;
    return policy;
}

std::array<std::uint8_t, 16> bytes_of(const Nonce& nonce) {
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        const auto shift = 8 * (7 - i);
        out[i] = static_cast<std::uint8_t>(nonce.high >> shift);
        out[i + 8] = static_cast<std::uint8_t>(nonce.low >> shift);
    }
    return out;
}

Nonce nonce_of(std::string_view bytes) {
    if (bytes.size() != 16) {
        throw std::runtime_error("a call's nonce in the database is not 16 bytes");
    }
    Nonce nonce;
    for (std::size_t i = 0; i < 8; ++i) {
        nonce.high = nonce.high << 8 | static_cast<std::uint8_t>(bytes[i]);
        nonce.low = nonce.low << 8 | static_cast<std::uint8_t>(bytes[i + 8]);
    }
    return nonce;
}

// Texts that a bound row needs and the call does not hold. Reused: they keep their room.
struct MadeTexts {
    std::string policy;
    std::string tools;
    std::string held_digits;
    std::string in_call;
    std::array<std::uint8_t, 16> nonce{};
};
thread_local MadeTexts made;

void make_held_digits(const Call& call) {
    made.held_digits = "[";
    for (const HeldDigit& held : call.held_digits) {
        if (made.held_digits.size() > 1) {
            made.held_digits += ',';
        }
        JsonObject(made.held_digits)
            .add("occurred_at", micros_of(held.occurred_at))
            .add("digit", held.digit)
            .end();
    }
    made.held_digits += ']';
}

void make_tools(const Call& call) {
    made.tools = "[";
    for (const std::string& tool : call.tools_called) {
        if (made.tools.size() > 1) {
            made.tools += ',';
        }
        append_json_string(made.tools, tool);
    }
    made.tools += ']';
}

void put_hangups(Statement& s, const Call& call) {
    s.put(call.gone.has_value()).put(call.gone ? call.gone->end_time : std::nullopt);
    if (call.hangup) {
        s.put(call.hangup->at).put(word_of(call.hangup->cause)).put(word_of(call.hangup->source));
    } else {
        s.put_null().put_null().put_null();
    }
    if (call.hangup_asked) {
        s.put(word_of(call.hangup_asked->reason)).put(call.hangup_asked->at);
    } else {
        s.put_null().put_null();
    }
}

void put_outcome(Statement& s, const Call& call) {
    make_tools(call);
    s.put(word_of(call.status)).put(word_of_optional(call.disposition));
    s.put(word_of_optional(call.ended_reason)).put(word_of_optional(call.closed_by));
    s.put(word_of_optional(call.refusal)).put(call.started_at).put(call.ended_at);
    put_hangups(s, call);
    s.put(call.duration_seconds).put(call.minutes_used.hundredths);
    s.put(call.costs.call_cost).put(call.costs.recording_cost).put(call.costs.transfer_cost);
    s.put(call.costs.llm_discount).put(call.costs.total_cost).put(call.carrier_cost);
    s.put(call.has_recording).put(call.ws_unavailable).put(call.turn_count);
    s.put(call.tool_call_count).put(made.tools).put(call.transferred_to);
    s.put(call.transfer_duration_seconds).put(call.extracted_data_json);
}

void put_terms(Statement& s, const Call& call) {
    made.policy.clear();
    append_policy(made.policy, call.policy);
    made.nonce = bytes_of(call.nonce);
    s.put(call.project_id).put(call.agent_id).put(call.created_at).put(call.org_id);
    s.put(call.agent_public_id).put(word_of(call.direction)).put(call.from).put(call.to);
    s.put(call.language).put(call.opened_at).put(call.rates.rate).put(call.rates.call_rate);
    s.put(call.rates.recording_rate).put(call.rates.transfer_rate).put(call.rates.llm_discount);
    s.put(made.policy).put(call.recording_enabled).put_blob(made.nonce);
    s.put(call.call_control_id).put(call.call_leg_id).put(call.call_session_id);
    s.put(call.metadata_json);
}

using Columns = std::vector<std::string_view>;

// Of the table calls, in the order in which they are put.
Columns columns_of(CallChange change) {
    Columns columns(outcome_columns.begin(), outcome_columns.end());
    if (change == CallChange::anything) {
        columns.insert(columns.end(), term_columns.begin(), term_columns.end());
    }
    return columns;
}

std::string joined(std::string first, const Columns& columns, std::string_view after_each) {
    for (const std::string_view column : columns) {
        first += first.empty() || first.ends_with(' ') ? "" : ", ";
        first += column;
        first += after_each;
    }
    return first;
}

std::string insert_sql(std::string_view table, const Columns& columns) {
    std::string out = "INSERT INTO ";
    out += table;
    out += joined(" (id", columns, "") + ") VALUES (?";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += ", ?";
    }
    return out + ")";
}

std::vector<HeldDigit> read_digits(std::string_view text) {
    std::vector<HeldDigit> digits;
    if (text == "[]") {
        return digits;
    }
    for (const auto& held : nlohmann::json::parse(text)) {
        digits.push_back({utc_from_micros(held.at("occurred_at").get<std::int64_t>()),
                          held.at("digit").get<std::string>()});
    }
    return digits;
}

void get_course(Statement& s, Call& call) {
    call.version = static_cast<std::uint64_t>(s.get_int());
    s.skip();  // due_at follows from the timers
    call.timers.settle = s.get_optional_time();
    call.timers.max_duration = s.get_optional_time();
    call.timers.deadline = s.get_optional_time();
    call.timers.check = s.get_optional_time();
    call.deadline_passed = s.get_bool();
    call.last_alive_at = s.get_time();
    call.answer_issued_at = s.get_optional_time();
    call.answer_accepted_at = s.get_optional_time();
    call.held_digits = read_digits(s.get_view());
    call.timeline_length = get_u32(s);
    call.webhook_sequence = get_u32(s);
    read_in_call(s.get_view(), call);
}

void get_hangups(Statement& s, Call& call) {
    const bool gone = s.get_bool();
    const auto gone_end_time = s.get_optional_time();
    if (gone) {
        call.gone = CarrierGone{gone_end_time};
    }
    if (const auto at = s.get_optional_time()) {
        const auto cause = get_word<HangupCause>(s);
        call.hangup = CarrierHangup{*at, cause, get_word<HangupSource>(s)};
    } else {
        s.skip();
        s.skip();
    }
    if (const auto reason = get_optional_word<EndedReason>(s)) {
        call.hangup_asked = HangupAsked{*reason, s.get_time()};
    } else {
        s.skip();
    }
}

std::vector<std::string> read_tools(std::string_view text) {
    if (text == "[]") {
        return {};
    }
    return nlohmann::json::parse(text).get<std::vector<std::string>>();
}

void get_outcome(Statement& s, Call& call) {
    call.status = get_word<CallStatus>(s);
    call.disposition = get_optional_word<Disposition>(s);
    call.ended_reason = get_optional_word<EndedReason>(s);
    call.closed_by = get_optional_word<ClosedBy>(s);
    call.refusal = get_optional_word<Refusal>(s);
    call.started_at = s.get_optional_time();
    call.ended_at = s.get_optional_time();
    get_hangups(s, call);
    call.duration_seconds = s.get_int();
    call.minutes_used.hundredths = s.get_int();
    call.costs.call_cost = s.get_money();
    call.costs.recording_cost = s.get_money();
    call.costs.transfer_cost = s.get_money();
    call.costs.llm_discount = s.get_money();
    call.costs.total_cost = s.get_money();
    if (const auto cost = s.get_optional_int()) {
        call.carrier_cost = MicroMoney{*cost};
    }
    call.has_recording = s.get_bool();
    call.ws_unavailable = s.get_bool();
    call.turn_count = s.get_int();
    call.tool_call_count = s.get_int();
    call.tools_called = read_tools(s.get_view());
    call.transferred_to = s.get_text();
    call.transfer_duration_seconds = s.get_int();
    call.extracted_data_json = s.get_text();
}

void get_terms(Statement& s, Call& call) {
    call.project_id = s.get_optional_id<ProjectId>();
    call.agent_id = s.get_optional_id<AgentId>();
    call.created_at = s.get_time();
    call.org_id = s.get_optional_id<OrgId>();
    call.agent_public_id = s.get_text();
    call.direction = get_word<Direction>(s);
    call.from = s.get_text();
    call.to = s.get_text();
    call.language = s.get_text();
    call.opened_at = s.get_time();
    call.rates.rate = s.get_money();
    call.rates.call_rate = s.get_money();
    call.rates.recording_rate = s.get_money();
    call.rates.transfer_rate = s.get_money();
    call.rates.llm_discount = s.get_money();
    call.policy = read_policy(s.get_view());
    call.recording_enabled = s.get_bool();
    call.nonce = nonce_of(s.get_view());
    call.call_control_id = s.get_id<CallControlId>();
    call.call_leg_id = s.get_id<CallLegId>();
    call.call_session_id = s.get_id<CallSessionId>();
    call.metadata_json = s.get_text();
}

}  // namespace

std::string call_columns() {
    const std::string course =
        joined("calls.id", {course_columns.begin(), course_columns.end()}, "");
    return joined(course, columns_of(CallChange::anything), "");
}

std::string insert_course_sql() {
    return insert_sql("call_course", {course_columns.begin(), course_columns.end()});
}

std::string update_course_sql() {
    return joined("UPDATE call_course SET ", {course_columns.begin(), course_columns.end()},
                  " = ?") +
           " WHERE id = ? AND version = ?";
}

std::string insert_call_sql() {
    return insert_sql("calls", columns_of(CallChange::anything));
}

std::string update_call_sql(CallChange change) {
    return joined("UPDATE calls SET ", columns_of(change), " = ?") + " WHERE id = ?";
}

void put_course(Statement& s, const Call& call) {
    make_held_digits(call);
    made.in_call = in_call_json(call);
    s.put(call.version).put(next_timer(call)).put(call.timers.settle);
    s.put(call.timers.max_duration).put(call.timers.deadline).put(call.timers.check);
    s.put(call.deadline_passed).put(call.last_alive_at).put(call.answer_issued_at);
    s.put(call.answer_accepted_at).put(made.held_digits).put(call.timeline_length);
    s.put(call.webhook_sequence);
    if (made.in_call.empty()) {
        s.put_null();
    } else {
        s.put(made.in_call);
    }
}

void put_call(Statement& statement, const Call& call, CallChange change) {
    put_outcome(statement, call);
    if (change == CallChange::anything) {
        put_terms(statement, call);
    }
}

Call get_call(Statement& s) {
    Call call;
    call.id = s.get_id<CallId>();
    get_course(s, call);
    get_outcome(s, call);
    get_terms(s, call);
    return call;
}

}  // namespace gw::store
