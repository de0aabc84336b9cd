// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/log_line.hpp"

#include "gateway/domain/e164.hpp"
#include "gateway/obs/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gw::obs {
namespace {

constexpr std::size_t value_bytes_max = 2 * 1024;
constexpr std::size_t key_bytes_max = 64;
constexpr std::string_view cut_mark = "\xE2\x80\xA6";  // …

std::string_view word_of(ports::LogLevel level) {
    switch (level) {
        case ports::LogLevel::debug:
            return "debug";
        case ports::LogLevel::info:
            return "info";
        case ports::LogLevel::warn:
            return "warn";
        case ports::LogLevel::error:
            return "error";
    }
    return "error";
}

bool is_secret_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/' || c == '=';
}

struct SecretShape {
    std::string_view prefix;
    std::size_t
        rest_min;  // so many secret characters must follow: "KEY" alone begins ordinary words
};
// API keys and webhook secrets of the contract; Telnyx API keys begin with KEY (Telnyx
// documentation, read 2026-11).
constexpr std::array<SecretShape, 4> secret_shapes{
    {{"sfy_live_", 1}, {"sfy_org_", 1}, {"whsec_", 1}, {"KEY", 8}}};

// The shape of the secret that begins at `at`, if any.
const SecretShape* secret_at(std::string_view text, std::size_t at) {
    for (const auto& shape : secret_shapes) {
        if (!text.substr(at).starts_with(shape.prefix)) {
            continue;
        }
        const auto rest = text.substr(at + shape.prefix.size(), shape.rest_min);
        if (rest.size() == shape.rest_min && std::ranges::all_of(rest, is_secret_char)) {
            return &shape;
        }
    }
    return nullptr;
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
                    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
}

// A JSON string of valid UTF-8. Cut before redaction is made whole would show half a secret, so:
// redact, then cut.
void append_string(std::string& out, std::string_view text, std::size_t bytes_max) {
    // What lies far behind the cut cannot be seen; looking at it would let a huge value cost time.
    const auto redacted = redact(text.substr(0, 4 * bytes_max));
    std::string valid;
    append_valid_utf8(valid, redacted);
    const bool cut = valid.size() > bytes_max || text.size() > 4 * bytes_max;
    if (valid.size() > bytes_max) {
        std::size_t end = bytes_max;
        while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xC0U) == 0x80U) {
            --end;  // not in the middle of a character
        }
        valid.resize(end);
    }
    out += '"';
    append_escaped(out, valid);
    if (cut) {
        out += cut_mark;
    }
    out += '"';
}

void append_value(std::string& out, const ports::LogField& field) {
    using Kind = ports::LogField::Kind;
    switch (field.kind()) {
        case Kind::text:
            append_string(out, field.text(), value_bytes_max);
            return;
        case Kind::phone:
            append_string(out, mask_phone(field.text()), key_bytes_max);
            return;
        case Kind::integer:
            out += std::to_string(field.integer());
            return;
        case Kind::boolean:
            out += field.boolean() ? "true" : "false";
            return;
        case Kind::real:
            // JSON has no word for infinity and not-a-number.
            out += std::isfinite(field.real()) ? fmt::format("{}", field.real()) : "null";
            return;
    }
}

// "+" and the digits of an E.164 number, as Telnyx quotes them in its errors; 0: none here.
std::size_t phone_number_at(std::string_view text, std::size_t at) {
    constexpr std::size_t digits_min = 7;
    constexpr std::size_t digits_max = 15;
    if (text[at] != '+') {
        return 0;
    }
    std::size_t end = at + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
        ++end;
    }
    const std::size_t digits = end - at - 1;
    return digits >= digits_min && digits <= digits_max ? digits + 1 : 0;
}

}  // namespace

std::string redact(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (const auto* shape = secret_at(text, i)) {
            out += shape->prefix;
            out += "***";
            i += shape->prefix.size();
            while (i < text.size() && is_secret_char(text[i])) {
                ++i;
            }
            continue;
        }
        if (text.substr(i).starts_with("://")) {
            const auto authority = text.substr(i + 3, text.substr(i + 3).find_first_of("/?# \""));
            const auto at = authority.rfind('@');
            if (at != std::string_view::npos) {
                out += "://***";
                i += 3 + at;
                continue;
            }
        }
        if (const std::size_t length = phone_number_at(text, i); length > 0) {
            out += mask_phone(text.substr(i, length));
            i += length;
            continue;
        }
        out += text[i++];
    }
    return out;
}

std::string format_log_line(UtcTime at, ports::LogLevel level, std::string_view event,
                            std::span<const ports::LogField> fields) {
    constexpr std::size_t tail_bytes = 32;  // ,"fields_cut":12345}\n
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":)", to_rfc3339_micros(at),
                                   word_of(level));
    append_string(line, event, key_bytes_max);
    std::size_t cut = 0;
    std::string member;
    for (const auto& field : fields) {
        member = ",";
        append_string(member, field.key(), key_bytes_max);
        member += ':';
        append_value(member, field);
        if (line.size() + member.size() + tail_bytes <= log_line_bytes_max) {
            line += member;
        } else {
            ++cut;
        }
    }
    if (cut > 0) {
        line += fmt::format(R"(,"fields_cut":{})", cut);
    }
    line += "}\n";
    return line;
}

}  // namespace gw::obs
