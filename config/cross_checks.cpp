// SPDX-License-Identifier: Apache-2.0
#include "config/cross_checks.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace gw::config {
namespace {

std::string at(std::string_view array, std::size_t index) {
    return "$." + std::string(array) + "[" + std::to_string(index) + "]";
}

// Values that may stand only once; remembers where each stood first.
template <class T>
class Unique {
public:
    Unique(Faults& faults, std::string_view what) : faults_(faults), what_(what) {}
    void add(const T& value, const std::string& path) {
        if (faults_.touches(path)) {
            are_all_known_ = false;
            return;
        }
        const auto [first, is_new] = seen_.emplace(value, path);
        if (!is_new) {
            faults_.add(path, what_ + " already used at " + first->second);
        }
    }
    [[nodiscard]] bool has(const T& value) const { return seen_.contains(value); }
    // Not when the array, or a value given to add(), could not be read.
    [[nodiscard]] bool are_all_known() const { return are_all_known_; }
    void add_unreadable() { are_all_known_ = false; }

private:
    Faults& faults_;
    std::string what_;
    std::map<T, std::string> seen_;
    bool are_all_known_ = true;
};

class CrossCheck {
public:
    CrossCheck(const Settings& settings, const Node& root, Faults& faults)
        : s_(settings), root_(root), faults_(faults) {}

    void run() {
        check_process();
        check_tenants();
        for (std::size_t i = 0; i < s_.agents.size(); ++i) {
            check_agent(s_.agents[i], at("agents", i));
        }
        check_endpoints();
        check_keys();
    }

private:
    using Ids = Unique<std::int64_t>;

    void check_process() {
        if (!s_.store.url.reveal().starts_with("sqlite:") && !faults_.touches("$.store.url")) {
            faults_.add("$.store.url",
                        "this version has the embedded store only; must be sqlite:PATH");
        }
        if (s_.admin.listen == s_.http.listen && !s_.http.listen.ends_with(":0") &&
            !faults_.touches("$.http.listen")) {
            faults_.add("$.admin.listen", "must not be the address of http.listen");
        }
        if (s_.telnyx.public_keys.size() == 2 &&
            s_.telnyx.public_keys[0] == s_.telnyx.public_keys[1]) {
            faults_.add("$.telnyx.public_key[1]", "is the same key as the first");
        }
        if (s_.telnyx.command_timeout > s_.telnyx.command_budget) {
            faults_.add("$.telnyx.command_timeout_ms", "must not be more than command_budget_ms");
        }
        if (s_.webhooks.in_flight_per_endpoint_max > s_.webhooks.in_flight_max) {
            faults_.add("$.webhooks.in_flight_per_endpoint_max",
                        "must not be more than in_flight_max");
        }
    }

    void check_tenants() {
        Unique<std::string> project_names(faults_, "public id");
        Unique<std::string> agent_names(faults_, "public id");
        Unique<std::string> numbers(faults_, "phone number");
        must_be_read("orgs", orgs_);
        must_be_read("projects", projects_);
        must_be_read("agents", agents_);
        for (std::size_t i = 0; i < s_.orgs.size(); ++i) {
            orgs_.add(s_.orgs[i].id, at("orgs", i) + ".id");
        }
        for (std::size_t i = 0; i < s_.projects.size(); ++i) {
            const auto path = at("projects", i);
            projects_.add(s_.projects[i].id, path + ".id");
            project_names.add(s_.projects[i].public_id, path + ".public_id");
            must_exist(orgs_, "orgs", s_.projects[i].org_id, path + ".org_id");
        }
        for (std::size_t i = 0; i < s_.agents.size(); ++i) {
            const auto& agent = s_.agents[i];
            const auto path = at("agents", i);
            agents_.add(agent.id, path + ".id");
            agent_names.add(agent.public_id, path + ".public_id");
            must_exist(projects_, "projects", agent.project_id, path + ".project_id");
            if (faults_.touches(path + ".phone_numbers")) {
                continue;
            }
            for (std::size_t k = 0; k < agent.phone_numbers.size(); ++k) {
                numbers.add(agent.phone_numbers[k],
                            path + ".phone_numbers[" + std::to_string(k) + "]");
            }
        }
    }

    void must_be_read(std::string_view array, Ids& ids) const {
        const Node* node = root_.find(array);
        if (node != nullptr && node->type != Node::Type::array) {
            ids.add_unreadable();
        }
    }

    void must_exist(const Ids& ids, std::string_view array, std::int64_t id,
                    const std::string& path) {
        // While an id cannot be read it is unclear which ones there are; the next run will tell.
        if (!ids.has(id) && ids.are_all_known() && !faults_.touches(path)) {
            faults_.add(path, "there is no id " + std::to_string(id) + " in " + std::string(array));
        }
    }

    void check_agent(const AgentSettings& agent, const std::string& path) {
        if (agent.webhook_url && !agent.webhook_secret &&
            !faults_.touches(path + ".webhook_secret")) {
            faults_.add(path + ".webhook_secret", "missing; webhook_url needs it");
        }
        if (agent.answer_after_server_url && !agent.server_url &&
            !faults_.touches(path + ".server_url")) {
            faults_.add(path + ".server_url", "missing; answer_after_server_url needs it");
        }
        if (agent.voice_url && s_.http.public_url.empty() &&
            !faults_.touches("$.http.public_url")) {
            faults_.add("$.http.public_url", "missing; the voice_url of " + path + " needs it");
        }
        must_be_secure(agent.webhook_url.value_or(""), path + ".webhook_url");
        must_be_secure(agent.server_url.value_or(""), path + ".server_url");
        must_be_secure(agent.voice_url.value_or(""), path + ".voice_url");
        const auto& fallback = agent.fallback;
        if (fallback.action == FallbackAction::transfer && fallback.destination.empty() &&
            !faults_.touches(path + ".fallback")) {
            faults_.add(path + ".fallback.destination", "missing; the action transfer needs it");
        }
        if (fallback.action == FallbackAction::speak && fallback.text.empty() &&
            !faults_.touches(path + ".fallback")) {
            faults_.add(path + ".fallback.text", "missing; the action speak needs it");
        }
    }

    void must_be_secure(std::string_view url, const std::string& path) {
        const bool insecure = url.starts_with("http://") || url.starts_with("ws://");
        if (insecure && !s_.webhooks.allow_private_networks &&
            !faults_.touches("$.webhooks.allow_private_networks")) {
            faults_.add(path, std::string("must be ") +
                                  (url.starts_with("ws") ? "wss://" : "https://") +
                                  " unless webhooks.allow_private_networks is true");
        }
    }

    void check_endpoints() {
        const Node* array = root_.find("webhook_endpoints");
        for (std::size_t i = 0; i < s_.webhook_endpoints.size(); ++i) {
            const auto& endpoint = s_.webhook_endpoints[i];
            const auto path = at("webhook_endpoints", i);
            must_be_secure(endpoint.url, path + ".url");
            if (faults_.touches(path + ".level")) {
                continue;
            }
            check_owner(endpoint, array->items[i], path);
        }
    }

    void check_owner(const WebhookEndpointSettings& endpoint, const Node& item,
                     const std::string& path) {
        struct Owner {
            std::string_view key;
            std::string_view array;
            const Ids& ids;
        };
        // In the order of WebhookLevel.
        const std::array<Owner, 3> owners{{{"org_id", "orgs", orgs_},
                                           {"project_id", "projects", projects_},
                                           {"agent_id", "agents", agents_}}};
        bool is_clear = true;
        for (std::size_t k = 0; k < owners.size(); ++k) {
            if (k != static_cast<std::size_t>(endpoint.level) &&
                item.find(owners[k].key) != nullptr) {
                faults_.add(path + "." + std::string(owners[k].key), "does not go with this level");
                is_clear = false;
            }
        }
        const auto& owner = owners[static_cast<std::size_t>(endpoint.level)];
        const auto key = path + "." + std::string(owner.key);
        if (item.find(owner.key) == nullptr) {
            faults_.add(key, "missing; this level needs it");
        } else if (is_clear) {
            must_exist(owner.ids, owner.array, endpoint.owner_id, key);
        }
    }

    void check_keys() {
        Unique<std::string> hashes(faults_, "key");
        for (std::size_t i = 0; i < s_.api_keys.size(); ++i) {
            const auto& key = s_.api_keys[i];
            const auto path = at("api_keys", i);
            hashes.add(key.key_sha256, path + ".key_sha256");
            if (key.project_id) {
                must_exist(projects_, "projects", *key.project_id, path + ".project_id");
            }
            if (key.org_id) {
                must_exist(orgs_, "orgs", *key.org_id, path + ".org_id");
            }
            if (key.project_id.has_value() == key.org_id.has_value() && !faults_.touches(path)) {
                faults_.add(path, "must have either project_id or org_id");
            }
        }
    }

    const Settings& s_;
    const Node& root_;
    Faults& faults_;
    Ids orgs_{faults_, "id"};
    Ids projects_{faults_, "id"};
    Ids agents_{faults_, "id"};
};

}  // namespace

void cross_check(const Settings& settings, const Node& root, Faults& faults) {
    CrossCheck(settings, root, faults).run();
}

}  // namespace gw::config
