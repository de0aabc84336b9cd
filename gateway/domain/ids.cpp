#include "gateway/domain/ids.hpp"

#include <array>
#include <charconv>

namespace gw {
namespace {

constexpr std::string_view call_prefix = "call_";
constexpr std::size_t call_digits_min = 8;

// SplitMix64's finalizer (Steele, Lea, Flood 2014): every input bit moves about half the output
// bits.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

// FNV-1a, 64 bit: the purpose is a short constant of ours, so a plain hash will do.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return hash;
}

}  // namespace

std::string to_public(CallId id) {
    const std::string number = std::to_string(id.value());
    std::string out{call_prefix};
    if (number.size() < call_digits_min) {
        out.append(call_digits_min - number.size(), '0');
    }
    return out + number;
}

std::optional<CallId> parse_call_id(std::string_view text) {
    if (text.starts_with(call_prefix)) {
        text.remove_prefix(call_prefix.size());
        if (text.size() < call_digits_min ||
            (text.size() > call_digits_min && text.front() == '0')) {
            return std::nullopt;
        }
    } else if (!text.empty() && text.front() == '0') {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value <= 0) {
        return std::nullopt;
    }
    return CallId{value};
}

std::string derive_uuid(const Nonce& nonce, std::string_view purpose, std::uint64_t number) {
    const std::uint64_t salt = mix(hash_of(purpose) ^ mix(number));
    std::uint64_t high = mix(nonce.high ^ salt);
    std::uint64_t low = mix(nonce.low ^ mix(salt ^ high));
    high = mix(high ^ mix(low));
    high = (high & ~0xF000ULL) | 0x8000ULL;                       // version 8: custom
    low = (low & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;  // variant 10
    constexpr std::array<char, 17> hex{"0123456789abcdef"};
    std::string out(36, '-');
    char* to = out.data();
    for (int i = 0; i < 32; ++i) {
        const std::uint64_t word = i < 16 ? high : low;
        *to++ = hex[(word >> (60 - 4 * (i % 16))) & 0xF];
        to += i == 7 || i == 11 || i == 15 || i == 19 ? 1 : 0;
    }
    return out;
}

}  // namespace gw
