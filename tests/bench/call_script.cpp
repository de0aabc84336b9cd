// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/call_script.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

namespace gw::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Utc = std::chrono::sys_time<microseconds>;

// Eight digits of a leg's id name its call; the rest is made of chance, as in real ids.
constexpr std::size_t leg_number_digits = 8;
constexpr std::string_view leg_prefix = "v3:";

std::string random_hex(std::size_t digits) {
    static constexpr std::string_view alphabet = "0123456789abcdef";
    std::string text(digits, '0');
    randombytes_buf(text.data(), text.size());
    for (char& c : text) {
        c = alphabet[static_cast<unsigned char>(c) & 0xFU];
    }
    return text;
}

std::string uuid_of(std::string_view hex) {
    return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                       hex.substr(15, 3), hex.substr(18, 12));
}

std::string random_uuid() {
    return uuid_of(random_hex(31));
}

// Digits that look like chance, and are the same each time for one number in one process.
std::string hex_for(std::uint32_t number, std::size_t digits) {
    static const std::array<unsigned char, crypto_generichash_KEYBYTES> key = [] {
        std::array<unsigned char, crypto_generichash_KEYBYTES> made{};
        randombytes_buf(made.data(), made.size());
        return made;
    }();
    std::array<unsigned char, crypto_generichash_BYTES_MAX> hash{};
    const std::string text = std::to_string(number);
    const std::vector<unsigned char> message(text.begin(), text.end());
    crypto_generichash(hash.data(), hash.size(), message.data(), message.size(), key.data(),
                       key.size());
    std::string hex(2 * hash.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.substr(0, digits);
}

std::string rfc3339(Utc at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(whole), (at - seconds).count());
}

struct Leg {
    std::string control_id;
    std::string leg_id;
    std::string session_id;
    std::string from;
    Utc start;
};

// Keys in alphabetical order, as in every recording of Telnyx's webhooks.
std::string event_json(std::string_view type, Utc at, std::string_view payload) {
    return fmt::format(
        R"({{"data":{{"event_type":"{}","id":"{}","occurred_at":"{}","payload":{{{}}},"record_type":"event"}},)"
        R"("meta":{{"attempt":1,"delivered_to":"https://gateway.example.com/telnyx/webhooks"}}}})",
        type, random_uuid(), rfc3339(at), payload);
}

std::string ids_json(const Leg& leg) {
    return fmt::format(R"("call_control_id":"{}","call_leg_id":"{}","call_session_id":"{}")",
                       leg.control_id, leg.leg_id, leg.session_id);
}

std::string initiated(const Leg& leg, const CallShape& shape) {
    return event_json(
        "call.initiated", leg.start,
        fmt::format(
            R"({},"caller_id_name":"{}","calling_party_type":"pstn","client_state":null,)"
            R"("connection_codecs":"PCMA,PCMU,VP8,H264","connection_id":"{}","direction":"incoming",)"
            R"("from":"{}","from_sip_uri":"{}@192.0.2.72:5060","offered_codecs":"PCMU,G729",)"
            R"("start_time":"{}","state":"parked","to":"{}","to_sip_uri":"{}@192.0.2.10:5060")",
            ids_json(leg), leg.from, shape.connection_id, leg.from, leg.from, rfc3339(leg.start),
            shape.to, shape.to));
}

std::string answered(const Leg& leg, const CallShape& shape) {
    return event_json(
        "call.answered", leg.start + milliseconds(920),
        fmt::format(
            R"({},"calling_party_type":"pstn","client_state":null,"codec":"PCMU","connection_id":"{}",)"
            R"("from":"{}","sampling_rate":8000,"start_time":"{}","to":"{}")",
            ids_json(leg), shape.connection_id, leg.from, rfc3339(leg.start), shape.to));
}

std::string dtmf(const Leg& leg, const CallShape& shape, unsigned n) {
    return event_json("call.dtmf.received", leg.start + milliseconds(2'000 + 300 * n),
                      fmt::format(R"({},"client_state":null,"connection_id":"{}","digit":"{}",)"
                                  R"("from":"{}","to":"{}")",
                                  ids_json(leg), shape.connection_id, n % 10, leg.from, shape.to));
}

std::string hangup(const Leg& leg, const CallShape& shape) {
    const Utc end = leg.start + milliseconds(9'740);
    return event_json(
        "call.hangup", end,
        fmt::format(
            R"({},"call_quality_stats":{{"inbound":{{"jitter_max_variance":"0.00",)"
            R"("jitter_packet_count":"0","mos":"4.50","packet_count":"441","skip_packet_count":"2"}},)"
            R"("outbound":{{"packet_count":"437","skip_packet_count":"0"}}}},)"
            R"("calling_party_type":"pstn","client_state":null,"connection_id":"{}","end_time":"{}",)"
            R"("from":"{}","hangup_cause":"normal_clearing","hangup_source":"caller",)"
            R"("sip_hangup_cause":"200","start_time":"{}","to":"{}")",
            ids_json(leg), shape.connection_id, rfc3339(end), leg.from, rfc3339(leg.start),
            shape.to));
}

// The target of a transfer: a leg of the caller's session, with the state that the command gave it.
std::string target_event(std::string_view type, Utc at, const Leg& target, const BusyTarget& of,
                         std::string_view rest) {
    return event_json(type, at,
                      fmt::format(R"({},"client_state":"{}","connection_id":"{}","from":"{}",)"
                                  R"("to":"{}",{})",
                                  ids_json(target), of.client_state, of.shape.connection_id,
                                  of.shape.to, of.to, rest));
}

SignedEvent signed_event(const EventSigner& signer, std::string timestamp, std::string body) {
    const auto signature = signer.sign(timestamp + "|" + body);
    return {.timestamp = std::move(timestamp),
            .body = std::move(body),
            .signature_base64 = base64_of(signature.data(), signature.size())};
}

Utc now() {
    return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

std::string timestamp_now() {
    return std::to_string(std::chrono::system_clock::to_time_t(now()));
}

Leg leg_of(std::uint32_t number) {
    constexpr std::size_t chance_digits = 46;
    const std::string hex = hex_for(number, chance_digits + 2 * 31);
    return {
        .control_id = fmt::format("{}{}{:08x}", leg_prefix, hex.substr(0, chance_digits), number),
        .leg_id = uuid_of(std::string_view(hex).substr(chance_digits)),
        .session_id = uuid_of(std::string_view(hex).substr(chance_digits + 31)),
        .from = fmt::format("+316{:08}", number % 100'000'000),
        .start = now() - std::chrono::seconds(10)};
}

}  // namespace

std::vector<SignedEvent> sign_call(const EventSigner& signer, const CallShape& shape,
                                   std::uint32_t number) {
    const std::string timestamp = timestamp_now();
    const Leg leg = leg_of(number);
    std::vector<std::string> bodies{initiated(leg, shape), answered(leg, shape)};
    for (unsigned n = 0; n < shape.dtmf; ++n) {
        bodies.push_back(dtmf(leg, shape, n));
    }
    if (shape.hangup) {
        bodies.push_back(hangup(leg, shape));
    }
    std::vector<SignedEvent> events;
    for (std::string& body : bodies) {
        events.push_back(signed_event(signer, timestamp, std::move(body)));
    }
    return events;
}

std::vector<SignedEvent> sign_busy_target(const EventSigner& signer, const BusyTarget& of,
                                          std::uint32_t number) {
    const std::string timestamp = timestamp_now();
    Leg target = leg_of(number);
    // No command for it may be taken for one of the caller's leg.
    target.control_id = fmt::format("{}{}-target-", leg_prefix, random_hex(46));
    target.leg_id = random_uuid();
    target.start = now();
    const Utc end = now();
    return {signed_event(signer, timestamp,
                         target_event("call.initiated", target.start, target, of,
                                      R"("direction":"outgoing","state":"bridging")")),
            signed_event(
                signer, timestamp,
                target_event("call.hangup", end, target, of,
                             fmt::format(R"("end_time":"{}","hangup_cause":"user_busy",)"
                                         R"("hangup_source":"callee","sip_hangup_cause":"486",)"
                                         R"("start_time":"{}","telnyx_error":null)",
                                         rfc3339(end), rfc3339(target.start))))};
}

SignedEvent sign_gather_ended(const EventSigner& signer, const CallShape& shape,
                              std::string_view client_state, std::uint32_t number) {
    const Leg leg = leg_of(number);
    return signed_event(
        signer, timestamp_now(),
        event_json(
            "call.gather.ended", now(),
            fmt::format(R"({},"client_state":"{}","connection_id":"{}",)"
                        R"("digits":"12345678","from":"{}","status":"valid","to":"{}")",
                        ids_json(leg), client_state, shape.connection_id, leg.from, shape.to)));
}

std::string request_of(const SignedEvent& event, std::string_view path) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: gateway.example.com\r\nUser-Agent: telnyx-webhooks\r\n"
        "Content-Type: application/json\r\ntelnyx-signature-ed25519: {}\r\ntelnyx-timestamp: {}\r\n"
        "Content-Length: {}\r\n\r\n{}",
        path, event.signature_base64, event.timestamp, event.body.size(), event.body);
}

std::int64_t number_of_leg(std::string_view call_control_id) {
    if (call_control_id.size() < leg_number_digits) {
        return -1;
    }
    const std::string_view digits =
        call_control_id.substr(call_control_id.size() - leg_number_digits);
    std::uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::int64_t{number} : -1;
}

}  // namespace gw::bench
