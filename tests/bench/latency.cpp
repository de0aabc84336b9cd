// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gw::bench {

// The value's highest bit chooses the power, the six bits after it the bucket within.
std::size_t Latency::bucket_of(std::uint64_t value) {
    if (value < (1U << sub_bits)) {
        return value;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - sub_bits;
    const std::size_t bucket =
        (static_cast<std::size_t>(shift + 1) << sub_bits) + ((value >> shift) - (1U << sub_bits));
    return std::min(bucket, (static_cast<std::size_t>(powers + 1) << sub_bits) - 1);
}

std::uint64_t Latency::upper_edge(std::size_t bucket) {
    if (bucket < (1U << sub_bits)) {
        return bucket;
    }
    const std::size_t shift = (bucket >> sub_bits) - 1;
    const std::uint64_t within = bucket & ((1U << sub_bits) - 1);
    return ((within + (1U << sub_bits) + 1) << shift) - 1;
}

void Latency::add(std::chrono::nanoseconds value) {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
    ++buckets_[bucket_of(ns)];
    ++count_;
    max_ = std::max(max_, ns);
}

double Latency::quantile_ms(double q) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= rank && seen != 0) {
            return static_cast<double>(std::min(upper_edge(bucket), max_)) / 1e6;
        }
    }
    return 0;
}

double Latency::max_ms() const {
    return static_cast<double>(max_) / 1e6;
}

}  // namespace gw::bench
