// SPDX-License-Identifier: Apache-2.0
#include "config/value.hpp"

#include "gateway/domain/e164.hpp"

#include <sodium.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>

namespace gw::config {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alnum(char c) {
    return is_digit(c) || is_letter(c);
}
bool is_printable(char c) {
    return c > ' ' && c < '\x7f';
}
bool is_identifier_char(char c) {
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}
bool is_id_char(char c) {
    return is_alnum(c) || c == '_' || c == '-';
}

std::optional<unsigned> number_of(std::string_view text, unsigned max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > max) {
        return std::nullopt;
    }
    return value;
}

template <std::size_t N>
bool is_address(int family, std::string_view text) {
    std::array<unsigned char, N> bytes{};
    return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1;
}
bool is_v4(std::string_view text) {
    return is_address<4>(AF_INET, text);
}
bool is_v6(std::string_view text) {
    return is_address<16>(AF_INET6, text);
}

bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return is_v6(host.substr(1, host.size() - 2));
    }
    constexpr std::size_t name_bytes_max = 253;  // RFC 1035 2.3.4
    return !host.empty() && host.size() <= name_bytes_max && host.front() != '.' &&
           host.front() != '-' && std::ranges::all_of(host, is_identifier_char);
}

// "host" or "host:port" or "[v6]:port".
bool is_authority(std::string_view text, bool port_required, unsigned port_min) {
    const auto close = text.rfind(']');
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || (close != std::string_view::npos && colon < close)) {
        return !port_required && is_host(text);
    }
    const auto port = number_of(text.substr(colon + 1), 65'535);
    return port && *port >= port_min && is_host(text.substr(0, colon));
}

struct UrlRules {
    std::vector<std::string_view> schemes;
    bool user_allowed = false;
    bool query_allowed = true;
};

bool is_url(std::string_view text, const UrlRules& rules) {
    constexpr std::size_t url_bytes_max = 2'048;
    const auto scheme_end = text.find("://");
    if (text.size() > url_bytes_max || scheme_end == std::string_view::npos ||
        !std::ranges::all_of(text, is_printable) ||
        text.find_first_of("#\"<>\\^`{|}") != std::string_view::npos) {
        return false;
    }
    if (std::ranges::find(rules.schemes, text.substr(0, scheme_end)) == rules.schemes.end()) {
        return false;
    }
    text.remove_prefix(scheme_end + 3);
    auto authority = text.substr(0, text.find_first_of("/?"));
    if (!rules.query_allowed && text.find('?') != std::string_view::npos) {
        return false;
    }
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (!rules.user_allowed) {
            return false;
        }
        authority.remove_prefix(at + 1);
    }
    return is_authority(authority, false, 1);
}

bool is_base_url(std::string& text) {
    while (text.ends_with('/')) {
        text.pop_back();
    }
    return is_url(text, {{"http", "https"}, false, false});
}

bool is_store_url(std::string_view text) {
    constexpr std::string_view sqlite = "sqlite:";
    if (text.starts_with(sqlite)) {
        const std::string_view path = text.substr(sqlite.size());
        return !path.empty() && path != ":memory:" && path.find('\0') == std::string_view::npos;
    }
    return is_url(text, {{"postgres", "postgresql"}, true, true});
}

bool is_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    const bool v4 = is_v4(address);
    if (!v4 && !is_v6(address)) {
        return false;
    }
    return slash == std::string_view::npos ||
           number_of(text.substr(slash + 1), v4 ? 32 : 128).has_value();
}

// BCP-47 well-formed, roughly: a primary language of 2 or 3 letters, then subtags of 1 to 8.
bool is_language(std::string_view text) {
    bool first = true;
    while (!text.empty() || first) {
        const auto dash = std::min(text.find('-'), text.size());
        const auto tag = text.substr(0, dash);
        const bool fits =
            first ? tag.size() >= 2 && tag.size() <= 3 && std::ranges::all_of(tag, is_letter)
                  : !tag.empty() && tag.size() <= 8 && std::ranges::all_of(tag, is_alnum);
        if (!fits || dash + 1 == text.size()) {
            return false;
        }
        text.remove_prefix(std::min(dash + 1, text.size()));
        first = false;
    }
    return true;
}

bool is_public_id(std::string_view text, std::string_view prefix) {
    constexpr std::size_t rest_max = 64;
    return text.starts_with(prefix) && text.size() > prefix.size() &&
           text.size() <= prefix.size() + rest_max && std::ranges::all_of(text, is_id_char);
}

bool is_sha256(std::string& text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    });
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// The number of bytes decoded, strictly: right padding, no white space, no stray bits. -1 if it is
// not base64.
template <std::size_t N>
int decode_base64(std::string_view text, std::array<unsigned char, N>& out) {
    std::size_t length = 0;
    const int rc = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr,
                                     &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
    return rc == 0 ? static_cast<int>(length) : -1;
}

bool is_public_key(std::string_view text) {
    std::array<unsigned char, crypto_core_ed25519_BYTES> key{};
    // The library's test: on the curve, canonical, in the main subgroup, so not of small order
    // either.
    return decode_base64(text, key) == static_cast<int>(key.size()) &&
           crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

bool is_webhook_secret(std::string_view text) {
    constexpr std::string_view prefix = "whsec_";
    std::array<unsigned char, 64> key{};
    if (!text.starts_with(prefix)) {
        return false;
    }
    const int length = decode_base64(text.substr(prefix.size()), key);
    sodium_memzero(key.data(), key.size());
    return length >= 24;
}

// Control characters of C0 and DEL; UTF-8 well-formed (RFC 3629), because a value read from the
// environment was not checked by the JSON parser.
bool is_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x20 || lead == 0x7f) {
            return false;
        }
        const std::size_t more = lead < 0x80                   ? 0
                                 : lead >= 0xC2 && lead < 0xE0 ? 1
                                 : lead >= 0xE0 && lead < 0xF0 ? 2
                                 : lead >= 0xF0 && lead < 0xF5 ? 3
                                                               : 9;
        if (more > text.size() - i - 1) {
            return false;
        }
        for (std::size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            const bool first = k == 1;
            const unsigned low = first && lead == 0xE0 ? 0xA0 : first && lead == 0xF0 ? 0x90 : 0x80;
            const unsigned high = first && lead == 0xED   ? 0x9F
                                  : first && lead == 0xF4 ? 0x8F
                                                          : 0xBF;
            if (next < low || next > high) {
                return false;
            }
        }
        i += more + 1;
    }
    return true;
}

}  // namespace

std::string_view meaning_of(Kind kind) {
    switch (kind) {
        case Kind::object:
            return "an object";
        case Kind::feature:
            return "an object";
        case Kind::objects:
            return "an array of objects";
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "a whole number";
        case Kind::seconds:
            return "a whole number of seconds";
        case Kind::milliseconds:
            return "a whole number of milliseconds";
        case Kind::fraction:
            return "a number";
        case Kind::money:
            return "an amount with at most 6 decimal places";
        case Kind::choice:
            return "a word";
        case Kind::text:
            return "a text without control characters";
        case Kind::token:
            return "printable ASCII without spaces";
        case Kind::identifier:
            return "letters, digits, '.', '_' and '-'";
        case Kind::listen:
            return "an address such as 127.0.0.1:8080 or [::1]:8080";
        case Kind::network:
            return "an IP address or network such as 10.0.0.0/8";
        case Kind::http_url:
            return "an http:// or https:// URL without user and fragment";
        case Kind::base_url:
            return "an http:// or https:// URL without user, query and fragment";
        case Kind::ws_url:
            return "a ws:// or wss:// URL without user and fragment";
        case Kind::store_url:
            return "sqlite:PATH or postgres://user:password@host:port/database";
        case Kind::redis_url:
            return "redis://host:port/database";
        case Kind::phone:
            return "an E.164 number such as +31850012345";
        case Kind::language:
            return "a BCP-47 language tag such as en-US";
        case Kind::project_id:
            return "proj_ and letters, digits, '_' or '-'";
        case Kind::agent_id:
            return "agent_ and letters, digits, '_' or '-'";
        case Kind::sha256:
            return "64 hexadecimal digits";
        case Kind::public_key:
            return "the base64 of a valid Ed25519 public key (32 bytes)";
        case Kind::webhook_secret:
            return "whsec_ and the base64 of 24 to 64 bytes";
    }
    return "";
}

bool accept_text(Kind kind, std::string& text) {
    switch (kind) {
        case Kind::text:
            return is_text(text);
        case Kind::token:
            return std::ranges::all_of(text, is_printable);
        case Kind::identifier:
            return std::ranges::all_of(text, is_identifier_char);
        case Kind::listen:
            return is_authority(text, true, 0);
        case Kind::network:
            return is_network(text);
        case Kind::http_url:
            return is_url(text, {{"http", "https"}});
        case Kind::base_url:
            return is_base_url(text);
        case Kind::ws_url:
            return is_url(text, {{"ws", "wss"}});
        case Kind::store_url:
            return is_store_url(text);
        case Kind::redis_url:
            return is_url(text, {{"redis"}, true, false});
        case Kind::phone:
            return is_e164(text);
        case Kind::language:
            return is_language(text);
        case Kind::project_id:
            return is_public_id(text, "proj_");
        case Kind::agent_id:
            return is_public_id(text, "agent_");
        case Kind::sha256:
            return is_sha256(text);
        case Kind::public_key:
            return is_public_key(text);
        case Kind::webhook_secret:
            return is_webhook_secret(text);
        case Kind::object:
        case Kind::feature:
        case Kind::objects:
        case Kind::boolean:
        case Kind::integer:
        case Kind::seconds:
        case Kind::milliseconds:
        case Kind::fraction:
        case Kind::money:
        case Kind::choice:
            return false;
    }
    return false;
}

bool is_showable(Kind kind) {
    return kind == Kind::listen || kind == Kind::network || kind == Kind::phone ||
           kind == Kind::language || kind == Kind::project_id || kind == Kind::agent_id ||
           kind == Kind::choice;
}

std::optional<std::int64_t> micros_of_decimal(std::string_view number) {
    constexpr std::string_view any_exponent = "eE";
    const auto e = number.find_first_of(any_exponent);
    int exponent = 0;
    if (e != std::string_view::npos) {
        auto text = number.substr(e + 1);
        if (text.starts_with('+')) {
            text.remove_prefix(1);
        }
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
        if (error != std::errc{} || exponent < -100 || exponent > 100) {
            return std::nullopt;
        }
    }
    std::string digits;
    int places = 0;  // value = digits / 10^places
    bool after_point = false;
    const bool negative = number.starts_with('-');
    for (const char c : number.substr(negative ? 1 : 0,
                                      e == std::string_view::npos ? e : e - (negative ? 1 : 0))) {
        if (c == '.') {
            after_point = true;
        } else if (digits.size() < 64) {
            digits += c;
            places += after_point ? 1 : 0;
        } else {
            return std::nullopt;
        }
    }
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) {
        return 0;
    }
    places -= exponent;
    while (places > 6 && digits.ends_with('0')) {
        digits.pop_back();
        --places;
    }
    constexpr std::size_t digits_max = 15;
    if (negative || places > 6 ||
        digits.size() + static_cast<std::size_t>(6 - places) > digits_max) {
        return std::nullopt;
    }
    digits.append(static_cast<std::size_t>(6 - places), '0');
    std::int64_t micros = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), micros);
    return micros;
}

}  // namespace gw::config
