#pragma once
// SPDX-License-Identifier: Apache-2.0
// Latencies in buckets that grow with the value (64 to each power of two, so within 1.6 %), like an
// HDR histogram: nothing is lost at the far end and nothing is averaged away.
#include <array>
#include <chrono>
#include <cstdint>

namespace gw::bench {

class Latency {
public:
    void add(std::chrono::nanoseconds value);
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // In milliseconds, the upper edge of the bucket; 0 when nothing was added.
    [[nodiscard]] double quantile_ms(double q) const;
    [[nodiscard]] double max_ms() const;

private:
    static constexpr unsigned sub_bits = 6;
    static constexpr unsigned powers = 40;
    static std::size_t bucket_of(std::uint64_t value);
    static std::uint64_t upper_edge(std::size_t bucket);

    std::array<std::uint64_t, (powers + 1) << sub_bits> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace gw::bench
