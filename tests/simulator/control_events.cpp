// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control_api.hpp"
#include "tests/simulator/field_check.hpp"
#include "tests/simulator/json_members.hpp"
#include "tests/simulator/telnyx_api.hpp"

#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

constexpr std::int64_t copies_max = 1000;
constexpr std::int64_t offset_s_max = 31'536'000;  // a year either way

HandMade::Signature signature_from(const std::string& word) {
    using enum HandMade::Signature;
    const std::pair<std::string_view, HandMade::Signature> words[] = {
        {"valid", valid}, {"wrong", wrong}, {"missing", missing}, {"malformed", malformed}};
    for (const auto& [name, signature] : words) {
        if (name == word) {
            return signature;
        }
    }
    fail("signature", one_of("valid|wrong|missing|malformed"));
}

// Empty, or an http or https URL.
std::string url_member(const json& body, const char* name) {
    std::string url = text_member(body, name);
    if (!url.empty() && !is_webhook_url(url)) {
        fail(name, "'" + url.substr(0, 200) + "' is no http or https URL");
    }
    return url;
}

}  // namespace

net::HttpResponse ControlApi::send_event(const json& body) {
    expect_members(
        body,
        "event_type|payload|id|occurred_at|body|signature|timestamp_offset_s|url|redeliver|copies",
        "events");
    Random random{parts_.seed, "hand-made " + std::to_string(++hand_made_)};
    HandMade event{.signature = signature_from(text_member(body, "signature", "valid")),
                   .timestamp_offset = std::chrono::seconds{whole_number(
                       body, "timestamp_offset_s", 0, -offset_s_max, offset_s_max)},
                   .url = url_member(body, "url")};
    read(body, "redeliver", event.redeliver);
    event.event_id = text_member(body, "id", random.uuid());
    event.event_type = text_member(body, "event_type");
    const std::string url = event.url.empty() ? parts_.outbox.urls().primary : event.url;
    if (body.contains("body")) {
        event.body = text_member(body, "body");
    } else if (event.event_type.empty()) {
        return problem(400, "events: needs event_type and payload, or body");
    } else {
        const json data = {{"event_type", event.event_type},
                           {"id", event.event_id},
                           {"occurred_at", text_member(body, "occurred_at",
                                                       to_rfc3339_micros(parts_.schedule.now()))},
                           {"payload", object_member(body, "payload")},
                           {"record_type", "event"}};
        event.body = json{{"data", data}, {"meta", {{"attempt", 1}, {"delivered_to", url}}}}.dump();
    }
    const std::int64_t copies = whole_number(body, "copies", 1, 1, copies_max);
    if (url.empty()) {
        return problem(409, "there is no webhook URL to send it to");
    }
    for (std::int64_t i = 0; i < copies; ++i) {
        parts_.outbox.post(event);
    }
    return json_response(202, {{"event_id", event.event_id}});
}

// A gateway on a free port is known only after it has started, and it needs this simulator's port.
net::HttpResponse ControlApi::set_webhook_url(const json& body) {
    expect_members(body, "url|failover_url", "webhook_url");
    if (!body.contains("url")) {
        fail("url", "is missing; \"\" sends webhooks nowhere");
    }
    const Outbox::Urls urls{.primary = url_member(body, "url"),
                            .failover = url_member(body, "failover_url")};
    parts_.outbox.urls() = urls;
    return json_response(200, {{"url", urls.primary}, {"failover_url", urls.failover}});
}

}  // namespace gw::simulator
