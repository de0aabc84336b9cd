#pragma once
// SPDX-License-Identifier: Apache-2.0
// Money and minutes as integers. One rounding rule, half up, at one named place; overflow saturates
// and is impossible for any call a phone can make.
#include <compare>
#include <cstdint>
#include <string>

namespace gw {

// Millionths of the currency unit.
struct MicroMoney {
    std::int64_t micros = 0;
    friend auto operator<=>(const MicroMoney&, const MicroMoney&) = default;
};

// Hundredths of a minute.
struct CentiMinutes {
    std::int64_t hundredths = 0;
    friend auto operator<=>(const CentiMinutes&, const CentiMinutes&) = default;
};

// numerator / denominator, half up (towards plus infinity on a tie); denominator > 0.
std::int64_t divide_half_up(std::int64_t numerator, std::int64_t denominator);

// duration / 60 to two places, half up: 127 s → 2.12. `seconds` ≥ 0.
CentiMinutes minutes_of(std::int64_t seconds);

// minutes × rate, exact, in hundred-millionths (10^-8) of the currency unit; saturates.
std::int64_t exact_cost(CentiMinutes minutes, MicroMoney rate_per_minute);

// The one rounding of money: 10^-8 units to four places, half up: 0.46640000 → 0.4664.
MicroMoney round_money(std::int64_t hundred_millionths);

// Exactly, as a JSON number without trailing zeros: "0.53", "-1.5", "0".
std::string to_decimal(MicroMoney money);
std::string to_decimal(CentiMinutes minutes);

}  // namespace gw
