#pragma once
// SPDX-License-Identifier: Apache-2.0
// The Calls endpoints: requests into use cases, results into JSON. Used from the application's
// thread.
#include "gateway/app/calls_service.hpp"
#include "gateway/app/directory.hpp"
#include "gateway/app/timeline_feed.hpp"
#include "gateway/http/dispatcher.hpp"

#include <vector>

namespace gw::http {

struct CallsApiParts {
    app::CallsService& service;
    const app::Directory& directory;
    const ports::Clock& clock;
    app::TimelineFeed& feed;
};

// The parts must outlive the rows.
std::vector<EndpointRow> calls_endpoints(CallsApiParts parts);

}  // namespace gw::http
