#include "gateway/domain/money.hpp"

#include <limits>

namespace gw {
namespace {

// value / 10^places.
std::string decimal(std::int64_t value, std::size_t places) {
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    std::string text = std::to_string(magnitude);
    if (text.size() <= places) {
        text.insert(0, places + 1 - text.size(), '0');
    }
    text.insert(text.size() - places, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return negative ? "-" + text : text;
}

}  // namespace

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

std::string to_decimal(MicroMoney money) {
    return decimal(money.micros, 6);
}

std::string to_decimal(CentiMinutes minutes) {
    return decimal(minutes.hundredths, 2);
}

}  // namespace gw
