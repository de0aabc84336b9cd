#pragma once
// SPDX-License-Identifier: Apache-2.0
// Inputs and effects in the words of the timeline. Pure. A carrier event's data is its body as
// received; the others are small objects that hold all that `apply` may depend on.
#include "gateway/domain/effect.hpp"
#include "gateway/domain/input.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::store {

// "call.answered", "command.answer", "carrier.status", "timer.settle", "api.end", "restart".
std::string kind_of(const Input& input);
// The data column. `scratch` holds the text when it had to be made.
std::string_view data_of(const Input& input, std::string& scratch);
// [{"command":"answer","command_id":"…"},{"webhook":"call.started","event_id":"whe_…","sequence":2},{"ask":"carrier"}]
std::string effects_json(const std::vector<Effect>& effects);

}  // namespace gw::store
