#pragma once
// SPDX-License-Identifier: Apache-2.0
// Look-ups in the directory's content, all in memory and without allocation on the hot path. One
// thread.
#include "gateway/ports/directory.hpp"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace gw::app {

class Directory {
public:
    explicit Directory(ports::DirectoryContent content);
    void replace(ports::DirectoryContent content);
    // Only the keys: pointers to everything else stay good.
    void replace_keys(std::vector<ports::ApiKey> keys);

    // The agent that answers this E.164 number.
    [[nodiscard]] const ports::Agent* agent_by_number(std::string_view number) const;
    [[nodiscard]] const ports::Agent* agent(AgentId id) const;
    [[nodiscard]] const ports::Agent* agent_by_public_id(std::string_view public_id) const;
    [[nodiscard]] const ports::Project* project(ProjectId id) const;
    [[nodiscard]] const ports::Project* project_by_public_id(std::string_view public_id) const;
    [[nodiscard]] const ports::Org* org(OrgId id) const;
    [[nodiscard]] std::vector<ProjectId> projects_of(OrgId id) const;
    // Null for a key that is unknown or revoked.
    [[nodiscard]] const ports::ApiKey* key(const ports::KeyHash& hash) const;
    [[nodiscard]] const ports::Endpoint* endpoint(EndpointId id) const;
    // The endpoints that want events of this kind for a call of this owner.
    [[nodiscard]] std::vector<const ports::Endpoint*> endpoints_for(
        std::optional<AgentId> agent, std::optional<ProjectId> project, std::optional<OrgId> org,
        std::string_view event) const;
    // The only project there is, if there is just one: calls to a number nobody answers are shown
    // there.
    [[nodiscard]] const ports::Project* only_project() const;

private:
    struct KeyHasher {
        std::size_t operator()(const ports::KeyHash& hash) const;
    };
    void index();
    void index_keys();

    ports::DirectoryContent content_;
    std::unordered_map<std::string_view, const ports::Agent*> by_number_;
    std::unordered_map<std::string_view, const ports::Agent*> by_agent_public_id_;
    std::unordered_map<AgentId, const ports::Agent*> agents_;
    std::unordered_map<ProjectId, const ports::Project*> projects_;
    std::unordered_map<OrgId, const ports::Org*> orgs_;
    std::unordered_map<EndpointId, const ports::Endpoint*> endpoints_;
    std::unordered_map<ports::KeyHash, const ports::ApiKey*, KeyHasher> keys_;
};

}  // namespace gw::app
