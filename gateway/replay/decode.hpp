#pragma once
// SPDX-License-Identifier: Apache-2.0
// A row of the timeline back as what it was: the input, and marks of the effects that followed.
// The counterpart of gateway/store/timeline_json. Pure; any thread.
#include "gateway/domain/effect.hpp"
#include "gateway/domain/result.hpp"
#include "gateway/ports/call_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::replay {

// invalid, with the row's seq and what is wrong: a kind nobody writes, or data it cannot have.
Result<Input> input_of(const ports::TimelineRow& row);

// An effect as far as the timeline tells it.
struct EffectMark {
    std::string what;            // "command answer", "webhook call.started", "refused draining"
    std::string id;              // of the command or event; empty for a question
    std::uint32_t sequence = 0;  // of a webhook
    std::optional<DialOrder> dial = {};  // of a recorded dial command
};

std::vector<EffectMark> marks_of(const std::vector<Effect>& effects);
// invalid when it is no array of effects.
Result<std::vector<EffectMark>> recorded_marks(const ports::TimelineRow& row);

}  // namespace gw::replay
