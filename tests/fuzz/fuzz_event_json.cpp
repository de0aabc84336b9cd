// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a webhook: never a crash, and the one-pass reader agrees with a document
// tree about what is JSON and what stands at each place.
#include "telnyx/wire/event_json.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void require(bool truth, const char* what) {
    if (!truth) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

bool agrees(const nlohmann::json& object, const char* member, const std::string& value) {
    const auto at = object.find(member);
    return at == object.end() || !at->is_string() || at->get<std::string>() == value;
}

void compare(const nlohmann::json& tree, const gw::CarrierEvent& event) {
    const nlohmann::json& data = tree.at("data");
    require(agrees(data, "id", event.id.value()), "data.id");
    require(agrees(data, "event_type", event.type_word), "data.event_type");
    const auto payload = data.find("payload");
    if (payload == data.end() || !payload->is_object()) {
        require(event.call_control_id.value().empty(), "a leg without a payload");
        return;
    }
    require(agrees(*payload, "call_control_id", event.call_control_id.value()), "call_control_id");
    require(agrees(*payload, "call_session_id", event.call_session_id.value()), "call_session_id");
    require(agrees(*payload, "connection_id", event.connection_id), "connection_id");
    require(agrees(*payload, "from", event.from), "from");
    require(agrees(*payload, "to", event.to), "to");
    require(agrees(*payload, "digit", event.digit), "digit");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string body(reinterpret_cast<const char*>(bytes), size);
    const gw::telnyx::ParsedEvent event = gw::telnyx::parse_event(body, gw::UtcTime{});
    if (event) {
        require(event->raw == body, "raw is the body");
        require(!event->id.value().empty() && !event->type_word.empty(), "id and type");
        const nlohmann::json tree = nlohmann::json::parse(body, nullptr, false);
        require(tree.is_object(), "an event is a JSON object");
        compare(tree, *event);
    } else if (event.error() == gw::telnyx::EventFault::not_json) {
        // nlohmann's reader stops at a NUL, whatever follows.
        require(body.find('\0') != std::string::npos || !nlohmann::json::accept(body),
                "not_json is not JSON");
    }
    return 0;
}
