#pragma once
// SPDX-License-Identifier: Apache-2.0
// From settings to the options of each part; for compose. Pure.
#include "config/settings.hpp"
#include "gateway/app/call_registry.hpp"
#include "gateway/app/webhook_dispatcher.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/ports/log.hpp"
#include "telnyx/command_client.hpp"
#include "telnyx/webhook_signature.hpp"

#include <string>

namespace gw {

// Throws std::runtime_error for a store that this build does not have.
std::string sqlite_path(const config::Settings& settings);
ports::LogLevel level_of(config::LogThreshold threshold);
telnyx::SignatureVerifier verifier_of(const config::TelnyxSettings& settings);
net::HttpClientOptions telnyx_http();
net::HttpClientOptions customer_http(const config::WebhooksSettings& settings);
app::RegistryOptions registry_options(const config::Settings& settings);
app::DispatcherOptions dispatcher_options(const config::WebhooksSettings& settings);
telnyx::CommandClientOptions command_options(const config::TelnyxSettings& settings);
net::HttpLimits limits_of(const config::HttpLimitSettings& settings);

}  // namespace gw
