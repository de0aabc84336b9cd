// SPDX-License-Identifier: Apache-2.0
// The part of rows.hpp that keeps what was read from a parked event's body.
#include "gateway/domain/base64.hpp"
#include "gateway/domain/words.hpp"
#include "gateway/store/json_text.hpp"
#include "gateway/store/rows.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>

namespace gw::store {
namespace {

constexpr std::array<std::string_view, 8> type_words = {
    "initiated", "answered", "hangup", "dtmf", "cost", "gather-ended", "machine-detected", "other"};

std::string_view word_of_type(CarrierEventType type) {
    return type_words.at(static_cast<std::size_t>(type));
}

CarrierEventType type_of(std::string_view word) {
    for (std::size_t i = 0; i < type_words.size(); ++i) {
        if (type_words.at(i) == word) {
            return static_cast<CarrierEventType>(i);
        }
    }
    throw std::runtime_error("unknown word in the database: " + std::string(word));
}

}  // namespace

std::string parked_fields_json(const CarrierEvent& event) {
    std::string out;
    JsonObject object(out);
    object.add("type", word_of_type(event.type))
        .add("call_leg_id", event.call_leg_id.value())
        .add("call_session_id", event.call_session_id.value())
        .add("connection_id", event.connection_id)
        .add("client_state_base64", to_base64(event.client_state))
        .add("from", event.from)
        .add("to", event.to)
        .add("hangup_cause", cause_word(event))
        .add("hangup_source", word_of(event.hangup_source))
        .add("digit", event.digit)
        .add("digits", event.digits)
        .add("gather_valid", std::int64_t{event.gather_valid ? 1 : 0})
        .add("machine", std::int64_t{event.machine ? 1 : 0})
        .add("tag_call", std::int64_t{event.tag.call ? event.tag.call->value() : 0})
        .add("tag_transfer", std::int64_t{event.tag.transfer})
        .add("tag_gather", std::int64_t{event.tag.gather})
        .add("delivery_attempt", std::int64_t{event.delivery_attempt});
    if (event.direction) {
        object.add("direction", word_of(*event.direction));
    }
    if (event.start_time) {
        object.add("start_time", micros_of(*event.start_time));
    }
    if (event.end_time) {
        object.add("end_time", micros_of(*event.end_time));
    }
    if (event.carrier_cost) {
        object.add("carrier_cost", event.carrier_cost->micros);
    }
    object.end();
    return out;
}

void read_parked_fields(std::string_view text, CarrierEvent& event) {
    const auto json = nlohmann::json::parse(text);
    const auto string = [&json](const char* key) { return json.at(key).get<std::string>(); };
    const auto optional_time = [&json](const char* key) -> std::optional<UtcTime> {
        const auto found = json.find(key);
        return found == json.end() ? std::nullopt
                                   : std::optional(utc_from_micros(found->get<std::int64_t>()));
    };
    event.type = type_of(string("type"));
    event.call_leg_id = CallLegId(string("call_leg_id"));
    event.call_session_id = CallSessionId(string("call_session_id"));
    event.connection_id = string("connection_id");
    event.client_state = from_base64(string("client_state_base64")).value_or("");
    event.from = string("from");
    event.to = string("to");
    const auto cause = parse_word<HangupCause>(string("hangup_cause"));
    event.hangup_cause = cause.value_or(HangupCause::other);
    event.other_cause = cause ? std::string() : string("hangup_cause");
    event.hangup_source =
        parse_word<HangupSource>(string("hangup_source")).value_or(HangupSource::unknown);
    event.digit = string("digit");
    const auto number = [&json](const char* key) { return json.value(key, std::int64_t{0}); };
    event.digits = json.value("digits", std::string());
    event.gather_valid = number("gather_valid") != 0;
    event.machine = number("machine") != 0;
    if (number("tag_call") != 0) {
        event.tag.call = CallId(number("tag_call"));
    }
    event.tag.transfer = static_cast<std::uint32_t>(number("tag_transfer"));
    event.tag.gather = static_cast<std::uint32_t>(number("tag_gather"));
    event.delivery_attempt = json.at("delivery_attempt").get<std::uint32_t>();
    if (json.contains("direction")) {
        event.direction = parse_word<Direction>(string("direction"));
    }
    event.start_time = optional_time("start_time");
    event.end_time = optional_time("end_time");
    if (const auto cost = json.find("carrier_cost"); cost != json.end()) {
        event.carrier_cost = MicroMoney{cost->get<std::int64_t>()};
    }
}

}  // namespace gw::store
