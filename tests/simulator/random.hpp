#pragma once
// SPDX-License-Identifier: Apache-2.0
// Chance that can be repeated. Every stream of decisions is made from the seed and a name ("leg 3",
// "command answer 7"), so what one call draws does not depend on what other calls drew before it.
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::simulator {

class Random {
public:
    Random(std::uint64_t seed, std::string_view stream);
    std::uint64_t next();
    // Evenly from `low` to `high`, both included; `low` when high < low.
    std::int64_t between(std::int64_t low, std::int64_t high);
    // True with this probability: 0 is never, 1 is always. Always draws once.
    bool chance(double probability);
    std::string uuid();             // RFC 4122 form, version 4 bits
    std::string call_control_id();  // "v3:" and 54 characters of base64url, as Telnyx makes them
    std::string token(std::size_t length);  // letters and digits

private:
    std::uint64_t state_;
};

}  // namespace gw::simulator
