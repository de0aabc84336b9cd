// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/random.hpp"

#include <array>

namespace gw::simulator {
namespace {

constexpr std::string_view base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// FNV-1a, so that the streams are the same on every machine and library.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view stream)
    : state_(seed * 0x9E3779B97F4A7C15ULL ^ hash_of(stream)) {}

std::uint64_t Random::next() {  // splitmix64
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
    const std::uint64_t drawn = next();
    if (high <= low) {
        return low;
    }
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(drawn % span);
}

bool Random::chance(double probability) {
    return static_cast<double>(next() >> 11U) * 0x1.0p-53 < probability;
}

std::string Random::uuid() {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    std::array<std::uint64_t, 2> halves{next(), next()};
    halves[0] = (halves[0] & 0xFFFFFFFFFFFF0FFFULL) | 0x4000ULL;
    halves[1] = (halves[1] & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
    for (const std::uint64_t half : halves) {
        for (unsigned shift = 64; shift != 0; shift -= 4) {
            text += hex[(half >> (shift - 4)) & 0xFU];
        }
    }
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
        text.insert(dash, 1, '-');
    }
    return text;
}

std::string Random::call_control_id() {
    std::string id = "v3:";
    for (int i = 0; i < 54; ++i) {
        id += base64url[next() % base64url.size()];
    }
    return id;
}

std::string Random::token(std::size_t length) {
    std::string text;
    while (text.size() < length) {
        text += base64url[next() % 62];
    }
    return text;
}

}  // namespace gw::simulator
