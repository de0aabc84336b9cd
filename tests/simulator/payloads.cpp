// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/payloads.hpp"

#include <algorithm>

namespace gw::simulator {

std::string_view name_of(LegState state) {
    switch (state) {
        case LegState::ringing:
            return "ringing";
        case LegState::answered:
            return "answered";
        case LegState::ended:
            return "ended";
    }
    return "?";
}

namespace payloads {
namespace {

using nlohmann::json;

json ids(const Leg& leg) {
    return {{"call_control_id", leg.control_id},
            {"call_leg_id", leg.leg_id},
            {"call_session_id", leg.session_id},
            {"connection_id", leg.connection_id},
            {"client_state", leg.client_state ? json(*leg.client_state) : json(nullptr)}};
}

json with_numbers(const Leg& leg) {
    json payload = ids(leg);
    payload["from"] = leg.from;
    payload["to"] = leg.to;
    return payload;
}

// The header fields and marks of a call that came from a mobile operator, and the number's tags.
void add_origin(const Leg& leg, json& payload) {
    if (leg.caller.mobile && !leg.outgoing) {
        payload["custom_headers"] = {
            {{"name", "P-Early-Media"}, {"value", "supported"}},
            {{"name", "P-Visited-Network-ID"}, {"value", "sip.operator.example"}}};
        payload["flow_destination"] = "telnyx_number_cc_app";
    }
    if (!leg.caller.tags.empty()) {
        payload["tags"] = leg.caller.tags;
    }
}

std::int64_t seconds_between(UtcTime from, UtcTime to) {
    return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

// Packet counts that fit the length of the talk: one packet in 20 ms each way.
json quality_of(const Leg& leg, UtcTime at) {
    const auto packets = (at - leg.answered_at.value_or(at)) / milliseconds{20};
    return {{"inbound",
             {{"jitter_max_variance", "0.00"},
              {"jitter_packet_count", "0"},
              {"mos", "4.50"},
              {"packet_count", std::to_string(packets)},
              {"skip_packet_count", "0"}}},
            {"outbound", {{"packet_count", std::to_string(packets)}, {"skip_packet_count", "0"}}}};
}

}  // namespace

json initiated(const Leg& leg) {
    json payload = with_numbers(leg);
    payload["direction"] = leg.outgoing ? "outgoing" : "incoming";
    payload["state"] = leg.outgoing ? "bridging" : "parked";
    add_origin(leg, payload);
    if (leg.outgoing) {
        return payload;
    }
    payload["calling_party_type"] = "pstn";
    payload["caller_id_name"] =
        leg.caller.caller_id_name.empty() ? leg.from : leg.caller.caller_id_name;
    payload["connection_codecs"] = "PCMA,PCMU,VP8,H264";
    payload["offered_codecs"] =
        leg.caller.mobile
            ? "AMR-WB~OCTET-ALIGN=0; MODE-SET=0,16000H,AMR-WB~OCTET-ALIGN=1; MODE-SET=0,16000H,PCMU"
            : "PCMU,G729";
    payload["from_sip_uri"] = leg.from + "@192.0.2.72:5060";
    payload["to_sip_uri"] = leg.to + "@192.0.2.10:5060";
    payload["start_time"] = to_rfc3339_micros(leg.started_at);
    return payload;
}

json answered(const Leg& leg) {
    json payload = with_numbers(leg);
    payload["start_time"] = to_rfc3339_micros(leg.started_at);
    add_origin(leg, payload);
    if (!leg.outgoing) {
        payload["calling_party_type"] = "pstn";
        payload["codec"] = "PCMU";
        payload["sampling_rate"] = 8000;
    }
    return payload;
}

json bridged(const Leg& leg) {
    json payload = with_numbers(leg);
    payload["start_time"] = to_rfc3339_micros(leg.started_at);
    return payload;
}

json hangup(const Leg& leg, UtcTime at) {
    json payload = with_numbers(leg);
    payload["start_time"] = to_rfc3339_micros(leg.started_at);
    payload["end_time"] = to_rfc3339_micros(at);
    payload["hangup_cause"] = leg.hangup->cause;
    payload["hangup_source"] = leg.hangup->source;
    payload["sip_hangup_cause"] = leg.hangup->sip_cause;
    add_origin(leg, payload);
    const bool talked = leg.answered_at.has_value();
    if (talked) {
        payload["call_quality_stats"] = quality_of(leg, at);
        if (!leg.outgoing) {
            payload["calling_party_type"] = "pstn";
        }
    }
    // As recorded: absent when the caller ended an answered call, null otherwise; and a caller who
    // gave up leaves a hangup without client_state, unless one was set.
    if (leg.outgoing || !talked || leg.hangup->source != "caller") {
        payload["telnyx_error"] = nullptr;
    }
    if (!leg.outgoing && leg.hangup->cause == "originator_cancel" && !leg.client_state) {
        payload.erase("client_state");
    }
    return payload;
}

json dtmf(const Leg& leg, char digit) {
    json payload = with_numbers(leg);
    payload["digit"] = std::string(1, digit);
    return payload;
}

json gather_ended(const Leg& leg, const std::string& digits, const std::string& status) {
    json payload = with_numbers(leg);
    payload["digits"] = digits;
    payload["status"] = status;
    if (leg.gather && !leg.gather->gather_id.empty()) {
        payload["gather_id"] = leg.gather->gather_id;
    }
    return payload;
}

json play_started(const Leg& leg, const Play& play) {
    json payload = ids(leg);
    if (play.speech) {
        payload["calling_party_type"] = "pstn";
        payload["speak_id"] = play.id;
        return payload;
    }
    payload["overlay"] = play.overlay;
    if (!play.media_url.empty()) {
        payload["media_url"] = play.media_url;
    }
    if (!play.media_name.empty()) {
        payload["media_name"] = play.media_name;
    }
    return payload;
}

json play_ended(const Leg& leg, const Play& play, const std::string& status) {
    json payload = play_started(leg, play);
    payload["status"] = status;
    if (status == "file_not_found") {
        payload["status_detail"] =
            "Received curl error 22 HTTP error code 404 trying to fetch " + play.media_url;
    } else if (status == "failed") {
        payload["status_detail"] = "Received curl error 28 trying to fetch " + play.media_url;
    }
    return payload;
}

json recording_saved(const Leg& leg, const Recording& recording, const std::string& url) {
    const std::string started = to_rfc3339_micros(recording.started_at);
    const std::string ended = to_rfc3339_micros(recording.ended_at.value_or(recording.started_at));
    json payload = ids(leg);
    payload["calling_party_type"] = "pstn";
    payload["channels"] = recording.channels;
    payload["format"] = recording.format;
    payload["recording_id"] = recording.id;
    payload["start_time"] = started;
    payload["end_time"] = ended;
    payload["recording_started_at"] = started;
    payload["recording_ended_at"] = ended;
    payload["recording_urls"] = {{recording.format, url}};
    payload["public_recording_urls"] = json::object();
    if (leg.caller.mobile && !leg.outgoing) {
        payload["flow_destination"] = "telnyx_number_cc_app";
    }
    return payload;
}

json stream(const Leg& leg, const Stream& stream) {
    json payload = ids(leg);
    payload["stream_url"] = stream.url;
    return payload;
}

json machine(const Leg& leg, const std::string& result) {
    json payload = with_numbers(leg);
    payload["result"] = result;
    return payload;
}

json active_call(const Leg& leg, UtcTime now) {
    return {{"record_type", "call"},
            {"call_control_id", leg.control_id},
            {"call_leg_id", leg.leg_id},
            {"call_session_id", leg.session_id},
            {"client_state", leg.client_state.value_or("")},
            {"call_duration", seconds_between(leg.answered_at.value_or(now), now)}};
}

json call_status(const Leg& leg, UtcTime now) {
    json status = active_call(leg, leg.ended_at.value_or(now));
    status["is_alive"] = leg.state != LegState::ended;
    status["start_time"] = to_rfc3339_micros(leg.started_at);
    if (leg.ended_at) {
        status["end_time"] = to_rfc3339_micros(*leg.ended_at);
    }
    if (!leg.client_state) {
        status.erase("client_state");
    }
    return status;
}

json recording(const Leg& leg, const Recording& recording, const std::string& url) {
    const std::string ended = to_rfc3339_micros(recording.ended_at.value_or(recording.started_at));
    const auto length = recording.ended_at.value_or(recording.started_at) - recording.started_at;
    return {{"record_type", "recording"},
            {"id", recording.id},
            {"call_control_id", leg.control_id},
            {"call_leg_id", leg.leg_id},
            {"call_session_id", leg.session_id},
            {"connection_id", leg.connection_id},
            {"conference_id", nullptr},
            {"channels", recording.channels},
            {"source", "call"},
            {"status", "completed"},
            {"initiated_by", recording.initiated_by},
            {"from", leg.from},
            {"to", leg.to},
            {"created_at", ended},
            {"updated_at", ended},
            {"recording_started_at", to_rfc3339_micros(recording.started_at)},
            {"recording_ended_at", ended},
            {"duration_millis", std::chrono::duration_cast<milliseconds>(length).count()},
            {"download_urls", {{recording.format, url}}}};
}

}  // namespace payloads
}  // namespace gw::simulator
