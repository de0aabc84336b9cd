#include "gateway/domain/money.hpp"

#include <limits>

namespace gw {

std::int64_t divide_half_up(std::int64_t numerator, std::int64_t denominator) {
    // floor((2n + d) / 2d) without the doubling, which could overflow.
    std::int64_t quotient = numerator / denominator;
    std::int64_t remainder = numerator % denominator;
    if (remainder < 0) {
        remainder += denominator;
        --quotient;
    }
    return remainder >= denominator - remainder ? quotient + 1 : quotient;
}

CentiMinutes minutes_of(std::int64_t seconds) {
    constexpr std::int64_t seconds_max = std::numeric_limits<std::int64_t>::max() / 100;
    return {divide_half_up((seconds > seconds_max ? seconds_max : seconds) * 100, 60)};
}

std::int64_t exact_cost(CentiMinutes minutes, MicroMoney rate_per_minute) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(minutes.hundredths, rate_per_minute.micros, &product)) {
        return std::numeric_limits<std::int64_t>::max();
    }
    return product;
}

MicroMoney round_money(std::int64_t hundred_millionths) {
    constexpr std::int64_t per_fourth_place = 10'000;  // 10^-8 in 10^-4
    constexpr std::int64_t micros_per_fourth_place = 100;
    return {divide_half_up(hundred_millionths, per_fourth_place) * micros_per_fourth_place};
}

}  // namespace gw
