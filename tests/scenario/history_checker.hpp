#pragma once
// SPDX-License-Identifier: Apache-2.0
// Compares what the carrier sent and was told, what the customer's endpoint received, and what the
// gateway says of its calls, and names every broken promise (design page "faults"). To be asked
// when all is quiet: calls over or at rest, webhooks delivered. Pure: JSON in, sentences out.
#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace gw::scenario {

// One call as the API shows it.
struct CallView {
    nlohmann::json call;        // GET /v1/calls/{id}
    nlohmann::json events;      // the "events" of its timeline, all pages
    nlohmann::json deliveries;  // the "deliveries" of its webhook log
};

struct History {
    std::vector<nlohmann::json> carrier;  // the simulator's history, in order
    std::vector<nlohmann::json> legs;     // and its legs
    std::vector<CallView> calls;
    std::set<std::string> numbers;  // numbers with an agent; calls to others show in no API
    std::string secret;             // of the one endpoint that receives
};

struct CheckOptions {
    // After a crash an attempt may have been written and never sent: then the order holds for the
    // attempts in the log, not for what the receiver saw.
    bool receiver_saw_order = true;
    // Off where events were lost for good: then times are what could be known.
    bool times_are_the_carriers = true;
};

// Empty when every promise was kept.
std::vector<std::string> violations_of(const History& history, CheckOptions options = {});

}  // namespace gw::scenario
