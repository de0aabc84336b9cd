#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who may do what, and which agent answers which number: configuration as the store keeps it, held
// in memory for the hot path. Values are replaced whole when they change; used from the
// application's thread.
#include "gateway/domain/call.hpp"
#include "gateway/domain/ids.hpp"
#include "gateway/domain/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::ports {

enum class Tier : std::uint8_t { payg, starter, growth, enterprise };
enum class Scope : std::uint8_t { read, full };

struct Org {
    OrgId id;
    std::string name;
    Tier tier = Tier::payg;
};

struct Project {
    ProjectId id;
    std::string public_id;
    OrgId org_id;
    std::string name;
};

struct Agent {
    AgentId id;
    std::string public_id;
    ProjectId project_id;
    std::string name;
    std::vector<std::string> phone_numbers;
    std::string language;
    std::chrono::seconds max_duration{1800};
    bool recording = false;
    Rates rates = {};
    std::chrono::seconds silence_timeout{30};
    bool hang_up_on_voicemail = false;
};

// A customer's webhook endpoint, at one of three levels. `secret` is the whole "whsec_…" string.
struct Endpoint {
    EndpointId id;
    std::optional<OrgId> org_id;  // exactly one of the three
    std::optional<ProjectId> project_id;
    std::optional<AgentId> agent_id;
    std::string url;
    std::string secret;
    std::vector<std::string> events;  // "*" = all
    bool agents_own = false;          // the agent's webhook_url: one per agent, its URL may change
};

using KeyHash = std::array<std::uint8_t, 32>;  // SHA-256 of the key

inline std::string hex_of(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const std::uint8_t byte : bytes) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xFU];
    }
    return hex;
}

// What people call a key by: the first 12 hexadecimal digits of its hash.
inline std::string key_id_of(const KeyHash& hash) {
    return hex_of(std::span(hash).first(6));
}

struct ApiKey {
    KeyHash hash{};
    std::optional<ProjectId> project_id;  // exactly one of the two
    std::optional<OrgId> org_id;
    Scope scope = Scope::full;
    bool revoked = false;
};

struct DirectoryContent {
    std::vector<Org> orgs;
    std::vector<Project> projects;
    std::vector<Agent> agents;
    std::vector<Endpoint> endpoints;
    std::vector<ApiKey> keys;
};

// Where the content is kept. `seed` inserts or updates by id what the configuration file says
// (endpoints: by level, owner and URL, an agent's own by its agent; keys: by hash; an API change to
// a row is overwritten only by a changed file; a revoked key stays revoked). An endpoint that came
// from the file and that the file no longer names is removed: nothing new is owed to it, what is
// owed ends unsent, and its log stays. Everything else is left alone. Called at start, before the
// port opens; blocking is fine.
class DirectoryStore {
public:
    virtual ~DirectoryStore() = default;
    // Throws std::runtime_error when the store cannot.
    virtual void seed(const DirectoryContent& content) = 0;
    virtual DirectoryContent load() = 0;
};

// All keys there are, and the number of that state.
struct KeyList {
    std::int64_t version = 0;
    std::vector<ApiKey> keys;
};

// Keys are made and revoked by another process (`telnyx-gateway keys`) while this one runs.
class KeyFeed {
public:
    virtual ~KeyFeed() = default;
    // Nothing when `known` is still the number of the state.
    virtual boost::asio::awaitable<Result<std::optional<KeyList>>> keys_unless(
        std::int64_t known) = 0;
};

}  // namespace gw::ports
