#pragma once
// SPDX-License-Identifier: Apache-2.0
// May this inbound call be taken? Decided from what is known at its call.initiated.
#include "gateway/domain/call.hpp"

#include <cstdint>
#include <optional>

namespace gw {

struct AdmissionFacts {
    bool has_agent = false;
    bool draining = false;
    std::size_t live_calls_of_org = 0;  // rows that are not final; never a separate counter
    std::optional<std::size_t> concurrency_max;  // none: no limit
};

// Nothing when the call is welcome; else why not, the most useful reason first.
std::optional<Refusal> admit(const AdmissionFacts& facts);

}  // namespace gw
