#pragma once
// SPDX-License-Identifier: Apache-2.0
// Character classes of RFC 9110 as plain functions: no locale, no allocation. Header-only, pure.
#include <array>
#include <cstddef>
#include <string_view>

namespace gw::net {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool ascii_iequals(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    bool same =
        true;  // without a branch for each character: names that get here mostly are the same
    for (std::size_t i = 0; i < a.size(); ++i) {
        same &= ascii_lower(a[i]) == ascii_lower(b[i]);
    }
    return same;
}

constexpr bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_ascii_alnum(char c) {
    return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

namespace detail {
constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();
}  // namespace detail

// RFC 9110 section 5.6.2: a field name or a method.
constexpr bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!detail::token_table[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return !text.empty();
}

// RFC 9110 section 5.5: visible characters, space, tab, and bytes above 127; never a control
// character.
constexpr bool is_field_value(std::string_view text) {
    bool good = true;  // no early way out: the loop runs over many bytes at a time
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        good &= (byte >= 0x20 || byte == '\t') && byte != 0x7f;
    }
    return good;
}

constexpr std::string_view trim_ows(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace gw::net
