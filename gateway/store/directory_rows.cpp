// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/directory_rows.hpp"

#include "gateway/store/json_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <set>
#include <stdexcept>

namespace gw::store {
namespace {

using ports::Scope;
using ports::Tier;

constexpr std::array<std::string_view, 4> tier_words = {"payg", "starter", "growth", "enterprise"};
constexpr std::array<std::string_view, 2> scope_words = {"read", "full"};

template <class E, std::size_t N>
std::string_view word_in(const std::array<std::string_view, N>& words, E value) {
    return words.at(static_cast<std::size_t>(value));
}

template <class E, std::size_t N>
E value_in(const std::array<std::string_view, N>& words, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i) {
        if (words.at(i) == word) {
            return static_cast<E>(i);
        }
    }
    throw std::runtime_error("unknown word in the database: " + std::string(word));
}

// What tells whether the file says something else than last time (FNV-1a; nobody attacks his own
// file).
class Fingerprint {
public:
    Fingerprint& add(std::string_view text) {
        for (const char c : text) {
            mix(static_cast<std::uint8_t>(c));
        }
        mix(0);
        return *this;
    }
    Fingerprint& add(std::int64_t value) { return add(std::string_view(std::to_string(value))); }
    [[nodiscard]] std::string text() const {
        std::array<char, 17> out{};
        std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(state_));
        return out.data();
    }

private:
    void mix(std::uint8_t byte) { state_ = (state_ ^ byte) * 1099511628211ULL; }
    std::uint64_t state_ = 14695981039346656037ULL;
};

std::string json_array(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const auto& text : texts) {
        if (out.size() > 1) {
            out += ',';
        }
        append_json_string(out, text);
    }
    return out + "]";
}

// Whether the row must be written: it is not there, or the file said something else before.
bool is_news(Statement& select_seeded, const std::string& fingerprint) {
    const StatementGuard guard(select_seeded);
    if (!select_seeded.next()) {
        return true;
    }
    return select_seeded.get_optional_text() != fingerprint;
}

void seed_orgs(Connection& db, const std::vector<ports::Org>& orgs) {
    Statement seeded(db, "SELECT seeded FROM orgs WHERE id = ?");
    Statement upsert(db,
                     "INSERT INTO orgs (id, name, tier, seeded) VALUES (?, ?, ?, ?) ON CONFLICT "
                     "(id) DO UPDATE SET name = excluded.name, tier = excluded.tier, "
                     "seeded = excluded.seeded");
    for (const auto& org : orgs) {
        const auto tier = word_in(tier_words, org.tier);
        const std::string mark = Fingerprint().add(org.name).add(tier).text();
        if (is_news(seeded.put(org.id), mark)) {
            upsert.put(org.id).put(org.name).put(tier).put(mark).run();
        }
    }
}

void seed_projects(Connection& db, const std::vector<ports::Project>& projects) {
    Statement seeded(db, "SELECT seeded FROM projects WHERE id = ?");
    Statement free_name(db, "UPDATE projects SET public_id = '#' || id WHERE id = ?");
    Statement upsert(db,
                     "INSERT INTO projects (id, public_id, org_id, name, seeded) VALUES "
                     "(?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET public_id = "
                     "excluded.public_id, org_id = excluded.org_id, name = excluded.name, "
                     "seeded = excluded.seeded");
    const auto mark_of = [](const ports::Project& p) {
        return Fingerprint().add(p.public_id).add(p.org_id.value()).add(p.name).text();
    };
    // Public ids may change places between two rows, so all that change give theirs up first.
    std::vector<const ports::Project*> news;
    for (const auto& project : projects) {
        if (is_news(seeded.put(project.id), mark_of(project))) {
            free_name.put(project.id).run();
            news.push_back(&project);
        }
    }
    for (const ports::Project* project : news) {
        const std::string mark = mark_of(*project);
        upsert.put(project->id).put(project->public_id).put(project->org_id);
        upsert.put(project->name).put(mark).run();
    }
}

std::string mark_of_agent(const ports::Agent& agent) {
    Fingerprint mark;
    mark.add(agent.public_id).add(agent.project_id.value()).add(agent.name).add(agent.language);
    mark.add(agent.max_duration.count()).add(std::int64_t{agent.recording});
    mark.add(agent.rates.rate.micros).add(agent.rates.call_rate.micros);
    mark.add(agent.rates.recording_rate.micros).add(agent.rates.transfer_rate.micros);
    mark.add(agent.rates.llm_discount.micros);
    mark.add(std::int64_t{agent.silence_timeout.count()})
        .add(std::int64_t{agent.hang_up_on_voicemail});
    for (const auto& number : agent.phone_numbers) {
        mark.add(number);
    }
    return mark.text();
}

void seed_agents(Connection& db, const std::vector<ports::Agent>& agents) {
    Statement seeded(db, "SELECT seeded FROM agents WHERE id = ?");
    Statement free_name(db, "UPDATE agents SET public_id = '#' || id WHERE id = ?");
    Statement free_numbers(db, "DELETE FROM phone_numbers WHERE agent_id = ?");
    Statement upsert(
        db,
        "INSERT INTO agents (id, public_id, project_id, name, language, max_duration_seconds, "
        "recording, rate, call_rate, recording_rate, transfer_rate, llm_discount_rate, "
        "silence_timeout_seconds, hang_up_on_voicemail, seeded) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "public_id = excluded.public_id, project_id = excluded.project_id, name = excluded.name, "
        "language = excluded.language, max_duration_seconds = excluded.max_duration_seconds, "
        "recording = excluded.recording, rate = excluded.rate, call_rate = excluded.call_rate, "
        "recording_rate = excluded.recording_rate, transfer_rate = excluded.transfer_rate, "
        "llm_discount_rate = excluded.llm_discount_rate, "
        "silence_timeout_seconds = excluded.silence_timeout_seconds, "
        "hang_up_on_voicemail = excluded.hang_up_on_voicemail, seeded = excluded.seeded");
    Statement number(db,
                     "INSERT INTO phone_numbers (number, agent_id, position) VALUES (?, ?, ?) "
                     "ON CONFLICT (number) DO UPDATE SET agent_id = excluded.agent_id, "
                     "position = excluded.position");
    std::vector<const ports::Agent*> news;
    for (const auto& agent : agents) {
        if (is_news(seeded.put(agent.id), mark_of_agent(agent))) {
            free_name.put(agent.id).run();
            free_numbers.put(agent.id).run();
            news.push_back(&agent);
        }
    }
    for (const ports::Agent* agent : news) {
        const std::string mark = mark_of_agent(*agent);
        upsert.put(agent->id).put(agent->public_id).put(agent->project_id).put(agent->name);
        upsert.put(agent->language).put(std::int64_t{agent->max_duration.count()});
        upsert.put(agent->recording).put(agent->rates.rate).put(agent->rates.call_rate);
        upsert.put(agent->rates.recording_rate).put(agent->rates.transfer_rate);
        upsert.put(agent->rates.llm_discount).put(std::int64_t{agent->silence_timeout.count()});
        upsert.put(agent->hang_up_on_voicemail).put(mark).run();
        std::int64_t position = 0;
        for (const auto& text : agent->phone_numbers) {
            number.put(text).put(agent->id).put(position++).run();
        }
    }
}

// The row of an endpoint, if it has one: by its owner and URL, an agent's own also under another
// URL.
std::optional<EndpointId> find_endpoint(Connection& db, const ports::Endpoint& endpoint) {
    Statement own(db, "SELECT id FROM endpoints WHERE agent_id = ? AND agents_own = 1 LIMIT 1");
    Statement same(db,
                   "SELECT id FROM endpoints WHERE org_id IS ? AND project_id IS ? "
                   "AND agent_id IS ? AND url = ? ORDER BY id LIMIT 1");
    if (endpoint.agents_own && own.put(endpoint.agent_id).next()) {
        return own.get_id<EndpointId>();
    }
    same.put(endpoint.org_id).put(endpoint.project_id).put(endpoint.agent_id).put(endpoint.url);
    return same.next() ? std::optional(same.get_id<EndpointId>()) : std::nullopt;
}

// Its row's number, whether or not it had to be written.
EndpointId seed_endpoint(Connection& db, const ports::Endpoint& endpoint) {
    const std::string events = json_array(endpoint.events);
    Fingerprint fingerprint;
    fingerprint.add(endpoint.secret).add(events);
    if (endpoint.agents_own) {
        fingerprint.add(endpoint.url);
    }
    const std::string mark = fingerprint.text();
    const auto known = find_endpoint(db, endpoint);
    if (!known) {
        Statement insert(db,
                         "INSERT INTO endpoints (org_id, project_id, agent_id, url, secret, "
                         "events, agents_own, seeded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        insert.put(endpoint.org_id).put(endpoint.project_id).put(endpoint.agent_id);
        insert.put(endpoint.url).put(endpoint.secret).put(events);
        insert.put(endpoint.agents_own).put(mark).run();
        return EndpointId(db.last_row_id());
    }
    Statement seeded(db, "SELECT seeded FROM endpoints WHERE id = ?");
    if (is_news(seeded.put(*known), mark)) {
        Statement update(db,
                         "UPDATE endpoints SET url = ?, secret = ?, events = ?, "
                         "agents_own = max(agents_own, ?), seeded = ? WHERE id = ?");
        update.put(endpoint.url).put(endpoint.secret).put(events);
        update.put(endpoint.agents_own).put(mark).put(*known).run();
    }
    return *known;
}

void seed_endpoints(Connection& db, const std::vector<ports::Endpoint>& endpoints) {
    std::set<EndpointId> named;
    for (const auto& endpoint : endpoints) {
        named.insert(seed_endpoint(db, endpoint));
    }
    std::vector<EndpointId> gone;
    Statement of_the_file(db, "SELECT id FROM endpoints WHERE seeded IS NOT NULL");
    while (of_the_file.next()) {
        if (const auto id = of_the_file.get_id<EndpointId>(); !named.contains(id)) {
            gone.push_back(id);
        }
    }
    // Their numbers are not given again, so what is owed to them still is known to be theirs.
    Statement remove(db, "DELETE FROM endpoints WHERE id = ?");
    for (const EndpointId id : gone) {
        remove.put(id).run();
    }
}

void seed_keys(Connection& db, const std::vector<ports::ApiKey>& keys) {
    Statement seeded(db, "SELECT seeded FROM api_keys WHERE hash = ?");
    Statement upsert(db,
                     "INSERT INTO api_keys (hash, project_id, org_id, scope, revoked, seeded) "
                     "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET project_id = "
                     "excluded.project_id, org_id = excluded.org_id, scope = excluded.scope, "
                     "revoked = max(revoked, excluded.revoked), seeded = excluded.seeded");
    for (const auto& key : keys) {
        Fingerprint mark;
        mark.add(key.project_id ? key.project_id->value() : 0);
        mark.add(key.org_id ? key.org_id->value() : 0);
        mark.add(word_in(scope_words, key.scope)).add(std::int64_t{key.revoked});
        const std::string text = mark.text();
        if (is_news(seeded.put_blob(key.hash), text)) {
            upsert.put_blob(key.hash).put(key.project_id).put(key.org_id);
            upsert.put(word_in(scope_words, key.scope)).put(key.revoked).put(text).run();
        }
    }
}

std::vector<ports::Agent> load_agents(Connection& db) {
    std::vector<ports::Agent> agents;
    Statement numbers(db, "SELECT number FROM phone_numbers WHERE agent_id = ? ORDER BY position");
    Statement s(db,
                "SELECT id, public_id, project_id, name, language, max_duration_seconds, "
                "recording, rate, call_rate, recording_rate, transfer_rate, llm_discount_rate, "
                "silence_timeout_seconds, hang_up_on_voicemail FROM agents ORDER BY id");
    while (s.next()) {
        ports::Agent agent;
        agent.id = s.get_id<AgentId>();
        agent.public_id = s.get_text();
        agent.project_id = s.get_id<ProjectId>();
        agent.name = s.get_text();
        agent.language = s.get_text();
        agent.max_duration = std::chrono::seconds(s.get_int());
        agent.recording = s.get_bool();
        agent.rates.rate = s.get_money();
        agent.rates.call_rate = s.get_money();
        agent.rates.recording_rate = s.get_money();
        agent.rates.transfer_rate = s.get_money();
        agent.rates.llm_discount = s.get_money();
        agent.silence_timeout = std::chrono::seconds(s.get_int());
        agent.hang_up_on_voicemail = s.get_bool();
        numbers.put(agent.id);
        while (numbers.next()) {
            agent.phone_numbers.push_back(numbers.get_text());
        }
        agents.push_back(std::move(agent));
    }
    return agents;
}

std::vector<ports::Endpoint> load_endpoints(Connection& db) {
    std::vector<ports::Endpoint> endpoints;
    Statement s(
        db,
        "SELECT id, org_id, project_id, agent_id, url, secret, events, agents_own FROM endpoints "
        "ORDER BY id");
    while (s.next()) {
        ports::Endpoint endpoint;
        endpoint.id = s.get_id<EndpointId>();
        endpoint.org_id = s.get_optional_id<OrgId>();
        endpoint.project_id = s.get_optional_id<ProjectId>();
        endpoint.agent_id = s.get_optional_id<AgentId>();
        endpoint.url = s.get_text();
        endpoint.secret = s.get_text();
        endpoint.events = nlohmann::json::parse(s.get_view()).get<std::vector<std::string>>();
        endpoint.agents_own = s.get_bool();
        endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
}

}  // namespace

std::string_view word_of(Scope scope) {
    return word_in(scope_words, scope);
}

ports::ApiKey read_key(Statement& s) {
    ports::ApiKey key;
    const std::string_view hash = s.get_view();
    if (hash.size() != key.hash.size()) {
        throw std::runtime_error("a key's hash in the database is not 32 bytes");
    }
    for (std::size_t i = 0; i < hash.size(); ++i) {
        key.hash.at(i) = static_cast<std::uint8_t>(hash[i]);
    }
    key.project_id = s.get_optional_id<ProjectId>();
    key.org_id = s.get_optional_id<OrgId>();
    key.scope = value_in<Scope>(scope_words, s.get_view());
    key.revoked = s.get_bool();
    return key;
}

std::vector<ports::ApiKey> load_keys(Connection& db) {
    std::vector<ports::ApiKey> keys;
    Statement s(db, "SELECT hash, project_id, org_id, scope, revoked FROM api_keys ORDER BY hash");
    while (s.next()) {
        keys.push_back(read_key(s));
    }
    return keys;
}

void seed_directory(Connection& db, const ports::DirectoryContent& content) {
    seed_orgs(db, content.orgs);
    seed_projects(db, content.projects);
    seed_agents(db, content.agents);
    seed_endpoints(db, content.endpoints);
    seed_keys(db, content.keys);
}

ports::DirectoryContent load_directory(Connection& db) {
    ports::DirectoryContent content;
    Statement orgs(db, "SELECT id, name, tier FROM orgs ORDER BY id");
    while (orgs.next()) {
        ports::Org org;
        org.id = orgs.get_id<OrgId>();
        org.name = orgs.get_text();
        org.tier = value_in<Tier>(tier_words, orgs.get_view());
        content.orgs.push_back(std::move(org));
    }
    Statement projects(db, "SELECT id, public_id, org_id, name FROM projects ORDER BY id");
    while (projects.next()) {
        ports::Project project;
        project.id = projects.get_id<ProjectId>();
        project.public_id = projects.get_text();
        project.org_id = projects.get_id<OrgId>();
        project.name = projects.get_text();
        content.projects.push_back(std::move(project));
    }
    content.agents = load_agents(db);
    content.endpoints = load_endpoints(db);
    content.keys = load_keys(db);
    return content;
}

}  // namespace gw::store
