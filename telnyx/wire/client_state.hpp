#pragma once
// SPDX-License-Identifier: Apache-2.0
// What our commands leave in a leg's client_state: a version, the call, and what else the leg is
// to it. The carrier gives it back with every later event of the leg. Pure; any thread.
#include "gateway/domain/input.hpp"

#include <string>
#include <string_view>

namespace gw::telnyx {

// {"v":1,"call":"call_00000007"}, with "transfer":N or "gather":N when that is not 0. Not base64.
std::string client_state_of(const ClientTag& tag);
// Reads what client_state_of wrote, to the byte; nothing is set for anybody else's.
ClientTag parse_client_state(std::string_view decoded);

}  // namespace gw::telnyx
