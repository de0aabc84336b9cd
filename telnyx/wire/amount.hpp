#pragma once
// SPDX-License-Identifier: Apache-2.0
// Amounts of money as Telnyx writes them. Pure; any thread.
#include "gateway/domain/money.hpp"

#include <optional>
#include <string_view>

namespace gw::telnyx {

// "0.0068" → 6800; nothing for a sign, an exponent or an amount beyond all sense. Digits past the
// sixth place are cut: they are the carrier's charge to us, shown to nobody, and not worth a
// rounding rule.
std::optional<MicroMoney> parse_amount(std::string_view text);

}  // namespace gw::telnyx
