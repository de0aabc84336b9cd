#pragma once
// SPDX-License-Identifier: Apache-2.0
// What proves to a customer that a webhook is ours: the Staffify signature and that of Standard
// Webhooks, both HMAC-SHA256. It hides OpenSSL. Pure; any thread.
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::webhooks {

// "sha256=<hex>" over "<timestamp>.<body>"; the key is the whole secret string, "whsec_" included.
std::string staffify_signature(std::string_view secret, std::string_view timestamp,
                               std::string_view body);

// "v1,<base64>" over "<id>.<timestamp>.<body>"; the key is what the secret's base64 decodes to.
// `invalid` when the secret is not "whsec_" + base64, or the id holds a '.', which would blur where
// it ends.
Result<std::string> standard_signature(std::string_view secret, std::string_view id,
                                       std::string_view timestamp, std::string_view body);

// Every header that proves the origin of `body`, in the order they are sent.
using HeaderList = std::vector<std::pair<std::string, std::string>>;
Result<HeaderList> signature_headers(std::string_view secret, std::string_view id,
                                     UtcTime signed_at, std::string_view body);

}  // namespace gw::webhooks
