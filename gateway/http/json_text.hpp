#pragma once
// SPDX-License-Identifier: Apache-2.0
// JSON written by appending to a string: no document tree, no floating point. Every function
// appends one whole value. Pure; any thread.
#include "gateway/domain/ids.hpp"
#include "gateway/domain/money.hpp"
#include "gateway/domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::http {

// Quoted and escaped. Bytes that are not UTF-8 become U+FFFD, so the output is JSON whatever comes
// in.
void append_string(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t value);
void append_bool(std::string& out, bool value);
// Times in whole seconds with Z; null when unknown.
void append_time(std::string& out, const std::optional<UtcTime>& at);
// `value` / 10^places as a decimal with at least one digit after the point: 530000, 6 → 0.53; 0 →
// 0.0.
void append_decimal(std::string& out, std::int64_t value, unsigned places);
void append_money(std::string& out, MicroMoney money);
void append_minutes(std::string& out, CentiMinutes minutes);
// JSON text that is kept as such; `if_empty` when there is none.
void append_json(std::string& out, std::string_view json, std::string_view if_empty);
// "call_00000001" in quotes.
void append_call_id(std::string& out, CallId id);

}  // namespace gw::http
