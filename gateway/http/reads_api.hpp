#pragma once
// SPDX-License-Identifier: Apache-2.0
// The reads with a form of their own: the summary, the timeline as JSON or as a live stream, and
// the description of the whole interface. Used from the application's thread.
#include "gateway/http/calls_api.hpp"

namespace gw::http {

// The parts must outlive the rows.
std::vector<EndpointRow> reads_endpoints(CallsApiParts parts);

}  // namespace gw::http
