#pragma once
// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document of docs/openapi.json, which the binary carries. Pure; any thread.
#include "gateway/net/http_types.hpp"

#include <string_view>

namespace gw::http {

// The whole document (made by cmake/embed_text.cmake).
std::string_view openapi_document();
// The document, or 304 when the client has this one (If-None-Match).
net::HttpResponse openapi_response(const net::Headers& request);

}  // namespace gw::http
