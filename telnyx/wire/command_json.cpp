#include "telnyx/wire/command_json.hpp"

#include "gateway/domain/base64.hpp"
#include "gateway/domain/time.hpp"
#include "telnyx/wire/client_state.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gw::telnyx {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t description_bytes_max = 300;

// RFC 3986: everything but the unreserved characters, so that an id cannot leave its path segment.
std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + 8);
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        }
    }
    return out;
}

std::string_view action_of(CommandKind kind) {
    switch (kind) {
        case CommandKind::answer:
            return "answer";
        case CommandKind::reject:
            return "reject";
        case CommandKind::hangup:
            return "hangup";
        case CommandKind::hangup_target:
            return "hangup";
        case CommandKind::transfer:
            return "transfer";
        case CommandKind::gather:
            return "gather_using_speak";
        case CommandKind::dial:
            break;
    }
    return "?";
}

// Telnyx openapi TransferCallRequest, revision of 2026-07-16, read 2026-11.
void write_transfer(Json& body, CallId call, const TransferOrder& order) {
    body["to"] = order.to;
    if (!order.from.empty()) {
        body["from"] = order.from;
    }
    body["timeout_secs"] = order.ring.count();
    body["target_leg_client_state"] =
        to_base64(client_state_of({.call = call, .transfer = order.number}));
}

// GatherUsingSpeakRequest of the same document. That an empty terminating_digit means none is not
// documented: left out, it would be "#".
void write_gather(Json& body, const GatherOrder& order) {
    const GatherSpec& spec = order.spec;
    body["payload"] = spec.prompt;
    body["voice"] = spec.voice;
    body["language"] = spec.language;
    body["minimum_digits"] = 1;
    body["maximum_digits"] = spec.max_digits;
    body["maximum_tries"] = 1;
    body["timeout_millis"] = std::chrono::milliseconds(spec.timeout).count();
    body["terminating_digit"] = spec.terminator;
}

// CallRequest of the same document.
void write_dial(Json& body, const DialOrder& order, std::string_view connection_id) {
    body["to"] = order.to;
    body["from"] = order.from;
    body["connection_id"] = std::string(connection_id);
    body["timeout_secs"] = order.ring.count();
    if (!order.machine_detection.empty()) {
        body["answering_machine_detection"] = order.machine_detection;
    }
}

// A member's text; empty when it is absent or no string.
std::string text_member(const nlohmann::json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// "code" is a string in Telnyx's document; a number is taken for what it says.
std::string code_member(const nlohmann::json& object) {
    const auto at = object.find("code");
    if (at != object.end() && at->is_number_integer()) {
        return std::to_string(at->get<std::int64_t>());
    }
    return text_member(object, "code");
}

// Depth first: a document nested without end must not become a tree.
nlohmann::json parse_bounded(std::string_view body) {
    constexpr int depth_max = 32;
    const nlohmann::json::parser_callback_t shallow = [](int depth, nlohmann::json::parse_event_t,
                                                         nlohmann::json&) {
        return depth <= depth_max;
    };
    return nlohmann::json::parse(body, shallow, false);
}

}  // namespace

CommandRequest command_request(CallId call, const SendCommand& command,
                               std::string_view connection_id) {
    CommandRequest request;
    Json body;
    ClientTag tag{.call = call};
    if (command.kind == CommandKind::dial) {
        request.path = "/calls";
    } else {
        request.path = status_path(command.call_control_id) + "/actions/";
        request.path += action_of(command.kind);
    }
    if (command.kind == CommandKind::reject) {
        body["cause"] = command.reject_cause;
    }
    if (const auto* order = std::get_if<TransferOrder>(&command.order)) {
        write_transfer(body, call, *order);
    } else if (const auto* gather = std::get_if<GatherOrder>(&command.order)) {
        write_gather(body, *gather);
        tag.gather = gather->number;
    } else if (const auto* dial = std::get_if<DialOrder>(&command.order)) {
        write_dial(body, *dial, connection_id);
    }
    if (command.kind == CommandKind::hangup_target) {
        tag = {};  // the leg keeps the state that the transfer gave it
    }
    if (tag.call) {
        body["client_state"] = to_base64(client_state_of(tag));
    }
    body["command_id"] = command.command_id.value();
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return request;
}

std::string status_path(const CallControlId& leg) {
    return "/calls/" + percent_encode(leg.value());
}

std::vector<ApiError> parse_errors(std::string_view body) {
    std::vector<ApiError> errors;
    const nlohmann::json document = parse_bounded(body);
    if (!document.is_object()) {
        return errors;
    }
    const auto list = document.find("errors");
    if (list == document.end() || !list->is_array()) {
        return errors;
    }
    for (const nlohmann::json& item : *list) {
        if (!item.is_object()) {
            continue;
        }
        ApiError error{code_member(item), text_member(item, "title"), text_member(item, "detail")};
        if (!error.code.empty() || !error.title.empty()) {
            errors.push_back(std::move(error));
        }
    }
    return errors;
}

std::string describe(const std::vector<ApiError>& errors) {
    std::string out;
    for (const ApiError& error : errors) {
        std::string one = error.title;
        one += (one.empty() || error.detail.empty() ? "" : ": ") + error.detail;
        if (one.empty()) {
            one = error.code;
        }
        out += (out.empty() || one.empty() ? "" : "; ") + one;
    }
    if (out.size() > description_bytes_max) {
        std::size_t end = description_bytes_max - 3;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) {
            --end;  // not inside a UTF-8 sequence
        }
        out.resize(end);
        out += "...";
    }
    return out;
}

CarrierStatus parse_status(std::string_view body) {
    CarrierStatus status;
    const nlohmann::json document = parse_bounded(body);
    const auto data = document.is_object() ? document.find("data") : document.end();
    if (data == document.end() || !data->is_object()) {
        status.detail = "the answer is no call";
        return status;
    }
    const auto alive = data->find("is_alive");
    if (alive == data->end() || !alive->is_boolean()) {
        status.detail = "the answer lacks is_alive";
        return status;
    }
    status.end_time = parse_rfc3339(text_member(*data, "end_time"));
    status.view = alive->get<bool>() ? CarrierView::alive : CarrierView::gone;
    return status;
}

void read_dialled(std::string_view body, CommandResult& result) {
    const nlohmann::json document = parse_bounded(body);
    const auto data = document.is_object() ? document.find("data") : document.end();
    if (data == document.end() || !data->is_object()) {
        return;
    }
    result.leg = CallControlId(text_member(*data, "call_control_id"));
    result.call_leg_id = CallLegId(text_member(*data, "call_leg_id"));
    result.call_session_id = CallSessionId(text_member(*data, "call_session_id"));
}

}  // namespace gw::telnyx
