#pragma once
// SPDX-License-Identifier: Apache-2.0
// Randomness good enough for ids, tokens and keys. A port, so that a simulation can be repeated
// from its seed. May be called from any thread.
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace gw::ports {

class Random {
public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;

    // Fills all of `out`; does not fail.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    std::uint64_t next_u64() {
        std::array<std::uint8_t, 8> bytes{};
        fill(bytes);
        return std::bit_cast<std::uint64_t>(bytes);
    }

    // Evenly spread over [0, 1).
    double next_unit() { return static_cast<double>(next_u64() >> 11U) * 0x1.0p-53; }
};

}  // namespace gw::ports
