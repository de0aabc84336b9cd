#pragma once
// SPDX-License-Identifier: Apache-2.0
// The endpoints that do something with the carrier and have a body: place, transfer, gather. Used
// from the application's thread.
#include "gateway/http/calls_api.hpp"

namespace gw::http {

// The parts must outlive the rows.
std::vector<EndpointRow> control_endpoints(CallsApiParts parts);

}  // namespace gw::http
