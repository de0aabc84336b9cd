#include "gateway/options.hpp"

#include "gateway/version.hpp"

#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw {

namespace {

// Shorter than the shortest keep-alive that is common at receivers, 5 s (Node.js
// server.keepAliveTimeout, Apache KeepAliveTimeout, uvicorn; read 2026-11): a webhook that crosses
// the receiver's close is a failed attempt, for it cannot be told whether it was read.
constexpr std::chrono::milliseconds customers_idle_timeout{4'000};

}  // namespace

std::string sqlite_path(const config::Settings& settings) {
    constexpr std::string_view scheme = "sqlite:";
    const std::string_view url = settings.store.url.reveal();
    if (!url.starts_with(scheme)) {
        throw std::runtime_error("store.url: this build has the embedded store only (sqlite:PATH)");
    }
    return std::string(url.substr(scheme.size()));
}

ports::LogLevel level_of(config::LogThreshold threshold) {
    switch (threshold) {
        case config::LogThreshold::debug:
            return ports::LogLevel::debug;
        case config::LogThreshold::info:
            return ports::LogLevel::info;
        case config::LogThreshold::warn:
            return ports::LogLevel::warn;
        case config::LogThreshold::error:
            return ports::LogLevel::error;
    }
    return ports::LogLevel::info;
}

telnyx::SignatureVerifier verifier_of(const config::TelnyxSettings& settings) {
    std::vector<telnyx::PublicKey> keys;
    for (const std::string& text : settings.public_keys) {
        keys.push_back(telnyx::PublicKey::parse(text).value());
    }
    return {std::move(keys), settings.webhook_tolerance};
}

net::HttpClientOptions telnyx_http() {
    net::HttpClientOptions options;
    options.allow_private_networks = true;  // the operator's own setting, often a test server
    options.connections_per_host_max = 64;
    options.keep_last_addresses = true;  // commands go on while DNS is away
    options.user_agent = std::string("telnyx-gateway/") + version;
    return options;
}

net::HttpClientOptions customer_http(const config::WebhooksSettings& settings) {
    net::HttpClientOptions options;
    options.allow_private_networks = settings.allow_private_networks;
    options.allow_plain_http = settings.allow_private_networks;
    // Endpoints of many customers may live on one host, and an attempt must not spend its time
    // waiting for another's. The dispatcher bounds the requests: in_flight_max, and one more for
    // each endpoint that has none under way.
    options.connections_per_host_max = std::numeric_limits<std::size_t>::max();
    options.idle_timeout = customers_idle_timeout;
    options.user_agent = std::string("telnyx-gateway/") + version;
    return options;
}

app::RegistryOptions registry_options(const config::Settings& settings) {
    app::RegistryOptions options;
    options.connection_id = settings.telnyx.connection_id;
    options.defaults = {.ring_timeout = settings.calls.ring_timeout,
                        .deadline_slack = settings.calls.max_duration_margin,
                        .settle = settings.telnyx.settle,
                        .reconcile_idle = settings.reconcile.idle,
                        .reconcile_interval = settings.reconcile.interval,
                        .gather_grace = settings.gather.grace};
    options.park_for = settings.telnyx.park;
    return options;
}

app::DispatcherOptions dispatcher_options(const config::WebhooksSettings& settings) {
    app::DispatcherOptions options;
    options.retry_schedule = settings.retry_schedule;
    options.jitter = settings.jitter;
    options.expire_after = settings.expire;
    options.in_flight_per_endpoint_max = settings.in_flight_per_endpoint_max;
    options.in_flight_max = settings.in_flight_max;
    return options;
}

telnyx::CommandClientOptions command_options(const config::TelnyxSettings& settings) {
    telnyx::CommandClientOptions options;
    options.api_base = settings.api_base;
    options.api_key = std::string(settings.api_key.reveal());
    options.attempt_timeout = settings.command_timeout;
    options.budget = settings.command_budget;
    options.connection_id = settings.connection_id;
    return options;
}

net::HttpLimits limits_of(const config::HttpLimitSettings& settings) {
    net::HttpLimits limits;
    limits.connections_max = settings.connections_max;
    limits.connections_per_address_max = settings.connections_per_address_max;
    limits.requests_per_connection_max = settings.requests_per_connection_max;
    limits.header_timeout = settings.header_timeout;
    limits.body_timeout = settings.body_timeout;
    limits.idle_timeout = settings.idle_timeout;
    return limits;
}

}  // namespace gw
