#pragma once
// SPDX-License-Identifier: Apache-2.0
// The header block of a response as bytes. Pure; a response that would split the stream is refused.
#include "gateway/net/http_types.hpp"

#include <string>

namespace gw::net {

struct ResponseFraming {
    bool http10 = false;  // of the request
    bool close = false;   // this is the connection's last response; HTTP/1.0 knows a stream's end
                          // by nothing else
};

// Appends status line, fields and blank line to `out`. The framing fields (Content-Length,
// Connection, Transfer-Encoding) of the response itself are ignored: they are ours. False, with
// nothing appended, when a field or the status could not be sent as it is (control characters, bad
// name).
bool append_response_head(std::string& out, const HttpResponse& response, ResponseFraming framing);

// Whether the handler asked for the connection to end ("Connection: close").
bool asks_to_close(const HttpResponse& response);

// 1xx, 204 and 304 never carry a body.
bool may_have_body(unsigned status);

}  // namespace gw::net
