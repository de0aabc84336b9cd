#include "gateway/domain/base64.hpp"

#include <array>
#include <cstdint>

namespace gw {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_a_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr std::array<std::uint8_t, 256> values = make_values();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    const auto put = [&out](std::uint32_t group, int digits) {
        for (int i = 0; i < 4; ++i) {
            out += i < digits ? alphabet[(group >> (18 - 6 * i)) & 63U] : '=';
        }
    };
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        put(byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2), 4);
    }
    if (bytes.size() - i == 1) {
        put(byte_at(bytes, i) << 16U, 2);
    } else if (bytes.size() - i == 2) {
        put(byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U, 3);
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::string out(text.size() * 3 / 4, '\0');
    char* to = out.data();
    std::uint32_t group = 0;
    unsigned bits = 0;
    std::uint8_t all = 0;  // a value has 6 bits: a higher one says that some character was no digit
    for (const char c : text) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        all |= value;
        group = group << 6U | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = static_cast<char>(group >> bits);
        }
    }
    if (all == not_a_digit) {
        return std::nullopt;
    }
    if ((group & ((1U << bits) - 1U)) != 0) {
        return std::nullopt;
    }
    return out;
}

}  // namespace gw
