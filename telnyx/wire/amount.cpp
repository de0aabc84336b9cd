#include "telnyx/wire/amount.hpp"

#include <cstddef>
#include <cstdint>

namespace gw::telnyx {

std::optional<MicroMoney> parse_amount(std::string_view text) {
    constexpr std::int64_t units_max = 1'000'000'000;
    std::int64_t units = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        units = units * 10 + (text[i] - '0');
        if (units > units_max) {
            return std::nullopt;
        }
    }
    if (i == 0) {
        return std::nullopt;
    }
    std::int64_t micros = units * 1'000'000;
    if (i < text.size()) {
        if (text[i] != '.' || i + 1 == text.size()) {
            return std::nullopt;
        }
        std::int64_t place = 100'000;
        for (++i; i < text.size(); ++i) {
            if (text[i] < '0' || text[i] > '9') {
                return std::nullopt;
            }
            micros += (text[i] - '0') * place;
            place /= 10;
        }
    }
    return MicroMoney{micros};
}

}  // namespace gw::telnyx
