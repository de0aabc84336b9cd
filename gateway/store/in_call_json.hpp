#pragma once
// SPDX-License-Identifier: Apache-2.0
// What happens within a call, and what commands order, as JSON columns. Pure.
#include "gateway/domain/call.hpp"
#include "gateway/domain/effect.hpp"

#include <string>
#include <string_view>

namespace gw::store {

// Transfer, gather, their timers, and the machine that answered; empty when there is nothing of it.
std::string in_call_json(const Call& call);
// Fills in what in_call_json wrote.
void read_in_call(std::string_view json, Call& call);

// What the command orders beyond kind and leg; empty for nothing.
std::string order_json(const SendCommand& command);
void read_order(std::string_view json, SendCommand& command);

}  // namespace gw::store
