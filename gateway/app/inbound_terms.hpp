#pragma once
// SPDX-License-Identifier: Apache-2.0
// On which terms an incoming call is taken: the agent of its number, that agent's limits and rates,
// and whether there is room for it.
#include "gateway/app/directory.hpp"
#include "gateway/domain/apply.hpp"

#include <functional>

namespace gw::app {

// Delays and limits that hold for every call; from configuration.
struct CallDefaults {
    std::chrono::seconds ring_timeout{120};
    std::chrono::seconds deadline_slack{30};
    std::chrono::milliseconds settle{2000};
    std::chrono::milliseconds reconcile_idle{60'000};
    std::chrono::milliseconds reconcile_interval{15'000};
    std::chrono::seconds gather_grace{30};
};

// Concurrent calls by tier (CONTRACT "Identity and access"); none: no limit.
std::optional<std::size_t> concurrency_max(ports::Tier tier);

struct InboundFacts {
    std::string_view to;    // as the carrier wrote it
    bool draining = false;  // the gateway takes no new calls
    std::function<std::size_t(OrgId)> live_calls_of;
};

InboundTerms terms_for_inbound(const Directory& directory, const CallDefaults& defaults,
                               const InboundFacts& facts);

// The terms of an agent's call that is under way already: never refused.
InboundTerms terms_of_agent(const Directory& directory, const CallDefaults& defaults,
                            const ports::Agent& agent);

}  // namespace gw::app
