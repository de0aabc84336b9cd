#pragma once
// SPDX-License-Identifier: Apache-2.0
// The configuration as typed, checked values. What each key means and which values it may have is
// said once, in the table of config/definition.cpp (printed as REFERENCE.md); the defaults below
// are what that table fills in. Plain values without behaviour; read-only after loading, so any
// thread may read them.
#include "config/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gw::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct TlsSettings {
    std::string certificate_file;  // PEM chain
    std::string key_file;          // PEM
};

struct HttpLimitSettings {
    std::size_t connections_max = 4'096;
    std::size_t connections_per_address_max = 0;  // 0: no limit
    std::size_t requests_per_connection_max = 10'000;
    std::size_t api_body_bytes_max = 256 * 1024;
    std::size_t webhook_body_bytes_max = 1024 * 1024;
    seconds header_timeout{5};
    seconds body_timeout{10};
    seconds idle_timeout{60};
};

struct HttpSettings {
    std::string listen = "127.0.0.1:8080";  // "host:port", "[v6]:port"
    std::string public_url;                 // without a trailing slash; empty if not set
    std::optional<TlsSettings> tls;
    std::vector<std::string>
        trusted_proxies;  // addresses or networks whose X-Forwarded-For is believed
    HttpLimitSettings limits;
};

struct AdminSettings {
    std::string listen = "127.0.0.1:9090";
};

struct StoreSettings {
    SecretString url{"sqlite:data/gateway.db"};  // may hold a password
};

struct RedisSettings {
    SecretString url;
};

struct TelnyxSettings {
    std::string api_base = "https://api.telnyx.com/v2";  // without a trailing slash
    SecretString api_key;
    std::vector<std::string> public_keys;  // one or two; base64 of 32 bytes, checked
    std::string connection_id;
    seconds webhook_tolerance{300};
    milliseconds settle{2'000};  // wait of a hangup that leaves open whether the call was answered
    seconds park{30};            // wait of an event for its unknown leg
    milliseconds command_timeout{2'000};  // one attempt
    milliseconds command_budget{10'000};  // all attempts of one command
};

struct CallsSettings {
    seconds ring_timeout{120};        // inbound call that nobody answers
    seconds max_duration_margin{30};  // after max_duration, until the carrier is asked
};

struct S3Settings {
    std::string endpoint;
    std::string region;
    std::string bucket;
    SecretString access_key_id;
    SecretString secret_access_key;
    bool path_style = false;
};

struct RecordingsSettings {
    std::optional<S3Settings> s3;
};

struct ReconcileSettings {
    seconds idle{60};
    seconds interval{15};
};

struct GatherSettings {
    seconds grace{30};
};

struct WebhooksSettings {
    std::vector<seconds> retry_schedule{seconds{5},      seconds{30},     seconds{120},
                                        seconds{600},    seconds{1'800},  seconds{7'200},
                                        seconds{21'600}, seconds{43'200}, seconds{86'400}};
    double jitter = 0.2;  // share of a wait that is added at most
    seconds timeout{15};
    seconds expire{259'200};
    std::size_t in_flight_max = 1'024;
    std::size_t in_flight_per_endpoint_max = 8;
    bool allow_private_networks = false;
};

struct LlmSettings {
    std::string base_url;  // without a trailing slash
    SecretString api_key;
    std::string model;
    seconds timeout{60};
};

enum class Tier : std::uint8_t { payg, starter, growth, enterprise };

struct OrgSettings {
    std::int64_t id = 0;
    std::string name;
    Tier tier = Tier::payg;
};

struct ProjectSettings {
    std::int64_t id = 0;
    std::string public_id;
    std::int64_t org_id = 0;
    std::string name;
};

enum class Voice : std::uint8_t { female, male };
enum class VoiceFormat : std::uint8_t { passthrough, pcmu, pcma, l16_8000, l16_16000, l16_24000 };
enum class OnVoicemail : std::uint8_t { proceed, hangup };  // "continue" is a C++ keyword
enum class FallbackAction : std::uint8_t { hangup, transfer, speak };

struct FallbackSettings {
    FallbackAction action = FallbackAction::hangup;
    std::string destination;  // E.164; for transfer
    std::string text;         // for speak
};

// Millionths of the currency unit a minute.
struct RatesSettings {
    std::int64_t rate_per_minute_micro = 0;
    std::int64_t call_rate_per_minute_micro = 0;
    std::int64_t recording_rate_per_minute_micro = 0;
    std::int64_t transfer_rate_per_minute_micro = 0;
    std::int64_t llm_discount_per_minute_micro = 0;
};

struct AgentSettings {
    std::int64_t id = 0;
    std::string public_id;
    std::int64_t project_id = 0;
    std::string name;
    std::vector<std::string> phone_numbers;  // E.164
    std::string language = "en-US";
    Voice voice = Voice::female;
    std::optional<std::string> server_url;
    std::optional<std::string> voice_url;
    VoiceFormat voice_format = VoiceFormat::passthrough;
    std::optional<std::string> webhook_url;
    std::optional<SecretString> webhook_secret;  // present if webhook_url or server_url is
    std::vector<std::string> webhook_events{"*"};
    bool answer_after_server_url = false;
    seconds max_duration{1'800};
    seconds silence_timeout{30};
    bool recording = false;
    OnVoicemail on_voicemail = OnVoicemail::proceed;
    FallbackSettings fallback;
    RatesSettings rates;
};

enum class WebhookLevel : std::uint8_t { org, project, agent };

struct WebhookEndpointSettings {
    WebhookLevel level = WebhookLevel::org;
    std::int64_t owner_id = 0;  // id of the org, project or agent, as level says
    std::string url;
    SecretString secret;
    std::vector<std::string> events{"*"};
};

enum class KeyScope : std::uint8_t { full, read };

struct ApiKeySettings {
    std::string key_sha256;                  // 64 lower-case hex digits
    std::optional<std::int64_t> project_id;  // exactly one of the two
    std::optional<std::int64_t> org_id;
    KeyScope scope = KeyScope::full;
    std::string name;
};

enum class LogThreshold : std::uint8_t { debug, info, warn, error };

struct LogSettings {
    LogThreshold level = LogThreshold::info;
    std::size_t lines_per_event_per_second = 50;
};

struct Settings {
    HttpSettings http;
    AdminSettings admin;
    StoreSettings store;
    std::optional<RedisSettings> redis;
    TelnyxSettings telnyx;
    CallsSettings calls;
    RecordingsSettings recordings;
    ReconcileSettings reconcile;
    GatherSettings gather;
    seconds drain_timeout{3'600};
    WebhooksSettings webhooks;
    std::optional<LlmSettings> llm;
    std::vector<OrgSettings> orgs;
    std::vector<ProjectSettings> projects;
    std::vector<AgentSettings> agents;
    std::vector<WebhookEndpointSettings> webhook_endpoints;
    std::vector<ApiKeySettings> api_keys;
    LogSettings log;
};

}  // namespace gw::config
