#include "gateway/app/directory.hpp"

#include <algorithm>
#include <cstring>

namespace gw::app {
namespace {

template <class Map, class Key>
auto find_or_null(const Map& map, const Key& key) -> typename Map::mapped_type {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : it->second;
}

bool wants(const ports::Endpoint& endpoint, std::string_view event) {
    return std::any_of(endpoint.events.begin(), endpoint.events.end(),
                       [&](const std::string& e) { return e == "*" || e == event; });
}

}  // namespace

std::size_t Directory::KeyHasher::operator()(const ports::KeyHash& hash) const {
    std::size_t value = 0;  // a SHA-256 is evenly spread already
    std::memcpy(&value, hash.data(), sizeof value);
    return value;
}

Directory::Directory(ports::DirectoryContent content) : content_(std::move(content)) {
    index();
}

void Directory::replace(ports::DirectoryContent content) {
    content_ = std::move(content);
    index();
}

void Directory::index() {
    by_number_.clear();
    by_agent_public_id_.clear();
    agents_.clear();
    projects_.clear();
    orgs_.clear();
    endpoints_.clear();
    for (const auto& org : content_.orgs) {
        orgs_[org.id] = &org;
    }
    for (const auto& project : content_.projects) {
        projects_[project.id] = &project;
    }
    for (const auto& agent : content_.agents) {
        agents_[agent.id] = &agent;
        by_agent_public_id_[agent.public_id] = &agent;
        for (const auto& number : agent.phone_numbers) {
            by_number_[number] = &agent;
        }
    }
    for (const auto& endpoint : content_.endpoints) {
        endpoints_[endpoint.id] = &endpoint;
    }
    index_keys();
}

void Directory::index_keys() {
    keys_.clear();
    for (const auto& key : content_.keys) {
        if (!key.revoked) {
            keys_[key.hash] = &key;
        }
    }
}

void Directory::replace_keys(std::vector<ports::ApiKey> keys) {
    content_.keys = std::move(keys);
    index_keys();
}

const ports::Agent* Directory::agent_by_number(std::string_view number) const {
    return find_or_null(by_number_, number);
}
const ports::Agent* Directory::agent(AgentId id) const {
    return find_or_null(agents_, id);
}
const ports::Agent* Directory::agent_by_public_id(std::string_view public_id) const {
    return find_or_null(by_agent_public_id_, public_id);
}
const ports::Project* Directory::project(ProjectId id) const {
    return find_or_null(projects_, id);
}
const ports::Project* Directory::project_by_public_id(std::string_view public_id) const {
    const auto it = std::find_if(content_.projects.begin(), content_.projects.end(),
                                 [&](const ports::Project& p) { return p.public_id == public_id; });
    return it == content_.projects.end() ? nullptr : &*it;
}
const ports::Org* Directory::org(OrgId id) const {
    return find_or_null(orgs_, id);
}
std::vector<ProjectId> Directory::projects_of(OrgId id) const {
    std::vector<ProjectId> ids;
    for (const auto& project : content_.projects) {
        if (project.org_id == id) {
            ids.push_back(project.id);
        }
    }
    return ids;
}
const ports::ApiKey* Directory::key(const ports::KeyHash& hash) const {
    return find_or_null(keys_, hash);
}
const ports::Endpoint* Directory::endpoint(EndpointId id) const {
    return find_or_null(endpoints_, id);
}

std::vector<const ports::Endpoint*> Directory::endpoints_for(std::optional<AgentId> agent,
                                                             std::optional<ProjectId> project,
                                                             std::optional<OrgId> org,
                                                             std::string_view event) const {
    std::vector<const ports::Endpoint*> found;
    for (const auto& endpoint : content_.endpoints) {
        const bool ours = (endpoint.agent_id && endpoint.agent_id == agent) ||
                          (endpoint.project_id && endpoint.project_id == project) ||
                          (endpoint.org_id && endpoint.org_id == org);
        if (ours && wants(endpoint, event)) {
            found.push_back(&endpoint);
        }
    }
    return found;
}

const ports::Project* Directory::only_project() const {
    return content_.projects.size() == 1 ? &content_.projects.front() : nullptr;
}

}  // namespace gw::app
