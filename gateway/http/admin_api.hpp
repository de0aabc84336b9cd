#pragma once
// SPDX-License-Identifier: Apache-2.0
// The private listener: metrics, health, readiness, drain. What they report comes in as functions.
// No keys: whoever reaches the port may ask. Used from the application's thread.
#include "gateway/http/dispatcher.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gw::http {

struct AdminFunctions {
    std::function<std::string()> metrics_text;  // Prometheus text format 0.0.4
    // Why the process should get no traffic, each in a few words; none: it is ready.
    std::function<std::vector<std::string>()> not_ready_reasons;
    std::function<void()> drain;  // begins it; asked again it does nothing
};

std::vector<EndpointRow> admin_endpoints(AdminFunctions functions);

}  // namespace gw::http
