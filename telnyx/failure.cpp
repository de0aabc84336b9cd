#include "telnyx/failure.hpp"

#include <algorithm>
#include <string_view>

namespace gw::telnyx {
namespace {

constexpr std::string_view call_ended = "90018";
constexpr std::string_view invalid_call_control_id = "90015";
constexpr std::string_view not_answered_yet = "90034";
constexpr std::uint32_t too_early_tries_max = 3;
constexpr std::chrono::milliseconds rate_limit_wait{1000};  // when the answer names none

bool has_code(const std::vector<ApiError>& errors, std::string_view code) {
    return std::ranges::any_of(errors,
                               [code](const ApiError& error) { return error.code == code; });
}

// Whole seconds of at most nine digits; a date or garbage is nothing.
std::optional<std::chrono::milliseconds> seconds_in(const net::Headers& headers,
                                                    std::string_view name) {
    const auto text = headers.find(name);
    if (!text || text->empty() || text->size() > 9) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (const char c : *text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return std::chrono::seconds{value};
}

Judgement unprocessable(const std::vector<ApiError>& errors) {
    if (has_code(errors, call_ended) || has_code(errors, invalid_call_control_id)) {
        return {.next = Next::gone};
    }
    if (has_code(errors, not_answered_yet)) {
        return {.next = Next::retry, .tries_max = too_early_tries_max};
    }
    return {.next = Next::refused};
}

}  // namespace

// Telnyx error list and openapi spec3.yml of 2026-07-16: status to meaning, read 2026-11.
Judgement judge(unsigned status, const std::vector<ApiError>& errors, const net::Headers& headers) {
    if (status >= 200 && status < 300) {
        return {.next = Next::accepted};
    }
    switch (status) {
        case 401:
        case 403:
            return {.next = Next::refused, .alarm = true};
        case 404:
            // Telnyx says 10005. A 404 that is not Telnyx's own comes from a wrong api_base, and
            // must not pass for the news that a call has ended.
            return errors.empty() ? Judgement{.next = Next::refused, .alarm = true}
                                  : Judgement{.next = Next::gone};
        case 408:
        case 409:
            return {.next = Next::retry};
        case 422:
            return unprocessable(errors);
        case 429: {
            auto wait = seconds_in(headers, "retry-after");
            if (!wait) {
                wait = seconds_in(headers, "x-ratelimit-reset");
            }
            return {.next = Next::retry, .wait = wait.value_or(rate_limit_wait)};
        }
        default:
            break;
    }
    if (status >= 500) {
        return {.next = Next::retry, .at_once = true};
    }
    // Other 4xx: our mistake. 1xx and 3xx: this is not the API.
    return {.next = Next::refused, .alarm = status < 400};
}

Judgement judge(Errc transport) {
    switch (transport) {
        case Errc::timeout:  // it may have been done: the command_id makes repeating safe
        case Errc::reset:
        case Errc::protocol:
        case Errc::too_large:
        case Errc::connect_failed:  // nothing was sent
        case Errc::dns_failed:
        case Errc::unavailable:
        case Errc::full:
            return {.next = Next::retry};
        case Errc::tls_failed:  // may heal by itself (a load balancer's bad node), and may not
            return {.next = Next::retry, .alarm = true};
        case Errc::invalid:
        case Errc::denied_address:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::duplicate:
        case Errc::over_limit:
        case Errc::internal:
            return {.next = Next::refused, .alarm = true};
        case Errc::canceled:
            return {.next = Next::give_up};
    }
    return {.next = Next::refused, .alarm = true};
}

}  // namespace gw::telnyx
