// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/json_text.hpp"

#include <array>
#include <charconv>

namespace gw::http {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

// The length of the well-formed UTF-8 sequence at `i` (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text, std::size_t i) {
    const unsigned first = byte_at(text, i);
    std::size_t length = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    if (i + length > text.size()) {
        return 0;
    }
    for (std::size_t k = 1; k < length; ++k) {
        const unsigned next = byte_at(text, i + k);
        if (next < low || next > high) {
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default: {
            const auto value = static_cast<unsigned char>(c);
            out += "\\u00";
            out += hex_digits[value >> 4U];
            out += hex_digits[value & 0xFU];
        }
    }
}

bool is_plain(char c) {
    const auto value = static_cast<unsigned char>(c);
    return value >= 0x20 && value < 0x7F && c != '"' && c != '\\';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t i = 0;
    while (i < text.size()) {
        std::size_t run = i;
        while (run < text.size() && is_plain(text[run])) {
            ++run;
        }
        out.append(text.substr(i, run - i));
        if (run == text.size()) {
            break;
        }
        i = run;
        if (byte_at(text, i) < 0x80) {
            append_escaped(out, text[i]);
            ++i;
        } else if (const std::size_t length = utf8_length(text, i); length > 0) {
            out.append(text.substr(i, length));
            i += length;
        } else {
            out += replacement;
            ++i;
        }
    }
    out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    out.append(digits.begin(), end);
}

void append_bool(std::string& out, bool value) {
    out += value ? "true" : "false";
}

void append_time(std::string& out, const std::optional<UtcTime>& at) {
    if (!at) {
        out += "null";
        return;
    }
    out += '"';
    out += to_rfc3339(*at);
    out += '"';
}

void append_decimal(std::string& out, std::int64_t value, unsigned places) {
    std::array<char, 24> buffer{};
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    const auto end = std::to_chars(buffer.begin(), buffer.end(), magnitude).ptr;
    std::string digits(buffer.begin(), end);
    if (digits.size() <= places) {
        digits.insert(0, places + 1 - digits.size(), '0');
    }
    const std::size_t point = digits.size() - places;
    std::size_t last = digits.size();
    while (last > point + 1 && digits[last - 1] == '0') {
        --last;
    }
    if (negative) {
        out += '-';
    }
    out.append(digits, 0, point);
    out += '.';
    if (places == 0) {
        out += '0';
    } else {
        out.append(digits, point, last - point);
    }
}

void append_money(std::string& out, MicroMoney money) {
    append_decimal(out, money.micros, 6);
}

void append_minutes(std::string& out, CentiMinutes minutes) {
    append_decimal(out, minutes.hundredths, 2);
}

void append_json(std::string& out, std::string_view json, std::string_view if_empty) {
    out += json.empty() ? if_empty : json;
}

void append_call_id(std::string& out, CallId id) {
    out += '"';
    out += to_public(id);
    out += '"';
}

}  // namespace gw::http
