// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/cursor.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace gw::http {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t payload_bytes = 17;  // version, created_at, id
constexpr std::size_t checksum_bytes = 7;  // 24 bytes in all: base64 without padding
constexpr std::size_t text_length = 32;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
using Bytes = std::array<std::uint8_t, payload_bytes + checksum_bytes>;

// FNV-1a with a finishing mix (Steele et al. 2014, SplitMix64), so that every input bit moves half
// of it.
std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::uint8_t byte : bytes) {
        hash = (hash ^ byte) * 0x100000001B3U;
    }
    hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
    hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
    return hash ^ (hash >> 31U);
}

void put(std::span<std::uint8_t> out, std::uint64_t value) {
    for (std::size_t i = out.size(); i > 0; --i) {
        out[i - 1] = static_cast<std::uint8_t>(value & 0xFFU);
        value >>= 8U;
    }
}

std::uint64_t take(std::span<const std::uint8_t> in) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : in) {
        value = (value << 8U) | byte;
    }
    return value;
}

Bytes bytes_of(const ports::CallCursor& cursor) {
    Bytes bytes{version};
    const std::span all(bytes);
    put(all.subspan(1, 8), static_cast<std::uint64_t>(micros_of(cursor.created_at)));
    put(all.subspan(9, 8), static_cast<std::uint64_t>(cursor.id.value()));
    put(all.subspan(payload_bytes), checksum(all.first(payload_bytes)));
    return bytes;
}

}  // namespace

std::string to_text(const ports::CallCursor& cursor) {
    const Bytes bytes = bytes_of(cursor);
    std::string text;
    text.reserve(text_length);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = take(std::span(bytes).subspan(i, 3));
        for (const unsigned shift : {18U, 12U, 6U, 0U}) {
            text += alphabet[(group >> shift) & 0x3FU];
        }
    }
    return text;
}

std::optional<ports::CallCursor> parse_cursor(std::string_view text) {
    if (text.size() != text_length) {
        return std::nullopt;
    }
    Bytes bytes{};
    for (std::size_t i = 0; i < text_length; i += 4) {
        std::uint64_t group = 0;
        for (const char c : text.substr(i, 4)) {
            const auto digit = alphabet.find(c);
            if (digit == std::string_view::npos) {
                return std::nullopt;
            }
            group = (group << 6U) | digit;
        }
        put(std::span(bytes).subspan(i / 4 * 3, 3), group);
    }
    const std::span<const std::uint8_t> all(bytes);
    const auto micros = static_cast<std::int64_t>(take(all.subspan(1, 8)));
    const auto id = static_cast<std::int64_t>(take(all.subspan(9, 8)));
    const ports::CallCursor cursor{.created_at = utc_from_micros(micros), .id = CallId(id)};
    // Made again and compared: version and checksum are checked with the rest.
    if (id <= 0 || bytes_of(cursor) != bytes) {
        return std::nullopt;
    }
    return cursor;
}

}  // namespace gw::http
