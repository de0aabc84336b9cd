// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/api_error.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

struct Entry {
    std::string_view code;
    unsigned status;
    std::string_view title;
    std::string_view detail;
    bool documented_link = false;
};

// Codes and titles: developers.telnyx.com "API error codes" and the examples of the call control
// OpenAPI document, read 2026-11. Statuses of codes no example shows are 422.
constexpr Entry catalogue[] = {
    {"10003", 422, "Invalid URL", "The URL provided was invalid, malformed, or too long."},
    {"10004", 422, "Missing required parameter", "A required parameter was missing."},
    {"10005", 404, "Resource not found", "The requested resource or URL could not be found.", true},
    {"10006", 422, "Invalid ID", "The resource ID provided was invalid."},
    {"10007", 500, "Internal server error", "Internal server error"},
    {"10009", 401, "Authentication failed",
     "The required authentication headers were either invalid or not included in the request.",
     true},
    {"10011", 429, "Too many requests", "You have exceeded the maximum number of allowed requests.",
     true},
    {"10015", 422, "Bad Request", "The request failed because it was not well-formed."},
    {"10016", 422, "Phone number must be in +E164 format", "The parameter must be in E164 format."},
    {"10032", 422, "Invalid enumerated value", "The value is not one of the allowed values."},
    {"10033", 422, "Value outside of range", "The value is outside of the allowed range."},
    {"90002", 422, "Invalid value for timeout_millis",
     "The timeout is outside of the allowed range."},
    {"90003", 422, "Invalid value for inter_digit_timeout_millis",
     "The value must be from 1 to 120000."},
    {"90006", 422, "Invalid value for maximum_tries", "The value must be from 1 to 128."},
    {"90009", 422, "Invalid value for loop", "The value must be from 1 to 100, or infinity."},
    {"90010", 422, "Invalid payload length",
     "The payload's length is outside of the allowed range."},
    {"90015", 422, "Invalid Call Control ID", "The call_control_id provided was not valid."},
    {"90016", 422, "Invalid value for stop", "The value must be one of: current, all."},
    {"90017", 422, "Invalid value for client_state", "The client_state must be a base64 string."},
    {"90018", 422, "Call has already ended",
     "This call is no longer active and can't receive commands."},
    {"90020", 422, "Call recording triggered before audio started",
     "Call recording cannot be started until audio has commenced on the call."},
    {"90021", 422, "Invalid value for duration_millis", "The value must be from 100 to 500."},
    {"90029", 422, "Invalid value for time_limit_secs", "The value must be from 30 to 14400."},
    {"90034", 422, "Call not answered yet",
     "This call can't receive this command because it has not been answered yet."},
    {"90045", 422, "Media Streaming is used",
     "This command can't be issued when media streaming is used."},
    {"90048", 422, "Media Streaming is not used", "This call has no media streaming to stop."},
    {"90057", 422, "Invalid webhook_urls", "The event is not one that has a webhook."},
    {"90102", 422, "Invalid command for this call",
     "This command can't be issued on an outbound call."},
    {"90103", 429, "Dials per second limit exceeded", "The limit of dials per second was exceeded.",
     true},
};

}  // namespace

ApiError make_error(std::string_view code, std::string pointer, std::string detail) {
    for (const Entry& entry : catalogue) {
        if (entry.code == code) {
            return {.status = entry.status,
                    .code = std::string{code},
                    .title = std::string{entry.title},
                    .detail = detail.empty() ? std::string{entry.detail} : std::move(detail),
                    .pointer = std::move(pointer),
                    .parameter = {}};
        }
    }
    throw std::logic_error("no such error code: " + std::string{code});
}

nlohmann::json body_of(const std::vector<ApiError>& errors) {
    nlohmann::json list = nlohmann::json::array();
    for (const ApiError& error : errors) {
        nlohmann::json item = {
            {"code", error.code}, {"detail", error.detail}, {"title", error.title}};
        if (!error.pointer.empty()) {
            item["source"] = {{"pointer", error.pointer}};
        } else if (!error.parameter.empty()) {
            item["source"] = {{"parameter", error.parameter}};
        }
        for (const Entry& entry : catalogue) {
            if (entry.code == error.code && entry.status == error.status && entry.documented_link) {
                item["meta"] = {
                    {"url", "https://developers.telnyx.com/docs/overview/errors/" + error.code}};
            }
        }
        list.push_back(std::move(item));
    }
    return {{"errors", std::move(list)}};
}

}  // namespace gw::simulator
