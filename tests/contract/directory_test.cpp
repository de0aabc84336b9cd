// SPDX-License-Identifier: Apache-2.0
// The promises of ports::DirectoryStore, over every implementation.
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

namespace gw::contract {
namespace {

using testing::ElementsAre;

class DirectoryContract : public StoreContract {
protected:
    ports::DirectoryStore& directory() { return subject_->directory(); }
    // What the only endpoint is owed after a restart: one delivery of an event of call 1.
    std::size_t owed_to(EndpointId endpoint) {
        return run_awaitable(outbox().due(endpoint, {at(1000), {}, 10})).value().size();
    }
    void owe(EndpointId endpoint) {
        auto first = birth(plain_call(calls().next_call_id(), 10));
        first.webhooks.push_back(outbound(calls(), "whe_1", 1, {endpoint.value()}));
        ASSERT_TRUE(commit(std::move(first)));
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, DirectoryContract, testing::ValuesIn(implementations),
                         [](const auto& info) { return std::string(info.param.name); });

ports::Agent agent(std::int64_t id, const std::string& public_id,
                   std::vector<std::string> numbers) {
    ports::Agent out;
    out.id = AgentId(id);
    out.public_id = public_id;
    out.project_id = ProjectId(2);
    out.name = "Front desk";
    out.phone_numbers = std::move(numbers);
    out.language = "nl";
    out.max_duration = std::chrono::seconds(900);
    out.recording = true;
    out.rates = {MicroMoney{1}, MicroMoney{2}, MicroMoney{3}, MicroMoney{4}, MicroMoney{5}};
    return out;
}

ports::DirectoryContent sample() {
    ports::DirectoryContent content;
    content.orgs = {{OrgId(5), "Acme", ports::Tier::growth}};
    content.projects = {{ProjectId(2), "proj_two", OrgId(5), "Two"},
                        {ProjectId(3), "proj_three", OrgId(5), "Three"}};
    content.agents = {agent(11, "agent_a", {"+31850000002", "+31850000001"}),
                      agent(12, "agent_b", {"+31850000003"})};
    ports::Endpoint endpoint;
    endpoint.agent_id = AgentId(11);
    endpoint.url = "https://example.com/hook";
    endpoint.secret = "whsec_c2VjcmV0";
    endpoint.events = {"call.ended", "call.started"};
    content.endpoints = {endpoint};
    ports::ApiKey key;
    key.hash.fill(0xab);
    key.project_id = ProjectId(2);
    key.scope = ports::Scope::read;
    content.keys = {key};
    return content;
}

TEST_P(DirectoryContract, WhatWasSeededIsLoaded) {
    directory().seed(sample());
    subject_->reopen();
    const auto content = directory().load();
    ASSERT_EQ(content.orgs.size(), 1U);
    EXPECT_EQ(content.orgs[0].name, "Acme");
    EXPECT_EQ(content.orgs[0].tier, ports::Tier::growth);
    ASSERT_EQ(content.projects.size(), 2U);
    EXPECT_EQ(content.projects[1].public_id, "proj_three");
    EXPECT_EQ(content.projects[1].org_id, OrgId(5));
    ASSERT_EQ(content.agents.size(), 2U);
    const ports::Agent& a = content.agents[0];
    EXPECT_EQ(a.public_id, "agent_a");
    EXPECT_EQ(a.project_id, ProjectId(2));
    EXPECT_EQ(a.name, "Front desk");
    EXPECT_THAT(a.phone_numbers, ElementsAre("+31850000002", "+31850000001"));
    EXPECT_EQ(a.language, "nl");
    EXPECT_EQ(a.max_duration, std::chrono::seconds(900));
    EXPECT_TRUE(a.recording);
    EXPECT_EQ(a.rates.llm_discount, MicroMoney{5});
    EXPECT_EQ(a.rates.rate, MicroMoney{1});
    ASSERT_EQ(content.endpoints.size(), 1U);
    EXPECT_EQ(content.endpoints[0].agent_id, AgentId(11));
    EXPECT_FALSE(content.endpoints[0].org_id.has_value());
    EXPECT_EQ(content.endpoints[0].secret, "whsec_c2VjcmV0");
    EXPECT_THAT(content.endpoints[0].events, ElementsAre("call.ended", "call.started"));
    EXPECT_GT(content.endpoints[0].id, EndpointId(0));
    ASSERT_EQ(content.keys.size(), 1U);
    EXPECT_EQ(content.keys[0].hash, sample().keys[0].hash);
    EXPECT_EQ(content.keys[0].project_id, ProjectId(2));
    EXPECT_EQ(content.keys[0].scope, ports::Scope::read);
    EXPECT_FALSE(content.keys[0].revoked);
}

TEST_P(DirectoryContract, SeedingTwiceChangesNothing) {
    directory().seed(sample());
    const auto before = directory().load();
    directory().seed(sample());
    const auto after = directory().load();
    EXPECT_EQ(after.agents.size(), 2U);
    EXPECT_EQ(after.keys.size(), 1U);
    ASSERT_EQ(after.endpoints.size(), 1U);
    EXPECT_EQ(after.endpoints[0].id, before.endpoints[0].id);
}

TEST_P(DirectoryContract, AChangedFileUpdatesItsRowsAndLeavesOthersAlone) {
    directory().seed(sample());
    const auto endpoint = directory().load().endpoints[0].id;
    auto changed = sample();
    changed.projects.pop_back();
    changed.orgs[0].tier = ports::Tier::enterprise;
    changed.agents[1].name = "Back office";
    changed.endpoints[0].secret = "whsec_bmV3";
    changed.endpoints.push_back(changed.endpoints[0]);
    changed.endpoints[1].agent_id.reset();
    changed.endpoints[1].org_id = OrgId(5);
    changed.keys[0].revoked = true;
    directory().seed(changed);
    const auto content = directory().load();
    EXPECT_EQ(content.projects.size(), 2U);
    EXPECT_EQ(content.orgs[0].tier, ports::Tier::enterprise);
    EXPECT_EQ(content.agents[1].name, "Back office");
    ASSERT_EQ(content.endpoints.size(), 2U);
    EXPECT_EQ(content.endpoints[0].id, endpoint);
    EXPECT_EQ(content.endpoints[0].secret, "whsec_bmV3");
    EXPECT_EQ(content.endpoints[1].org_id, OrgId(5));
    EXPECT_TRUE(content.keys[0].revoked);
}

TEST_P(DirectoryContract, AChangedUrlReplacesTheEndpoint) {
    directory().seed(sample());
    const auto before = directory().load().endpoints.at(0);
    auto changed = sample();
    changed.endpoints[0].url = "https://example.com/moved";
    directory().seed(changed);
    subject_->reopen();
    const auto after = directory().load().endpoints;
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].url, "https://example.com/moved");
    EXPECT_NE(after[0].id, before.id);
}

TEST_P(DirectoryContract, AnEndpointTheFileNoLongerNamesIsRemovedAndTheOthersStay) {
    auto two = sample();
    two.endpoints.push_back(two.endpoints[0]);
    two.endpoints[1].agent_id.reset();
    two.endpoints[1].org_id = OrgId(5);
    directory().seed(two);
    const auto before = directory().load().endpoints;
    ASSERT_EQ(before.size(), 2U);
    auto one = two;
    one.endpoints.erase(one.endpoints.begin());
    directory().seed(one);
    const auto after = directory().load().endpoints;
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].org_id, OrgId(5));
    EXPECT_EQ(after[0].id, before[1].id);
    directory().seed(two);  // named again, it is a new one
    EXPECT_EQ(directory().load().endpoints.size(), 2U);
    for (const auto& endpoint : directory().load().endpoints) {
        EXPECT_NE(endpoint.id, before[0].id);
    }
}

TEST_P(DirectoryContract, WhatIsOwedToAnAgentsOwnEndpointGoesToItsNewUrlAfterARestart) {
    auto content = sample();
    content.endpoints[0].agents_own = true;
    directory().seed(content);
    const auto before = directory().load().endpoints.at(0).id;
    owe(before);
    subject_->reopen();
    content.endpoints[0].url = "https://example.com/moved";
    content.endpoints[0].secret = "whsec_bmV3";
    directory().seed(content);
    const auto after = directory().load().endpoints;
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].id, before);
    EXPECT_EQ(after[0].url, "https://example.com/moved");
    EXPECT_EQ(after[0].secret, "whsec_bmV3");
    EXPECT_TRUE(after[0].agents_own);
    EXPECT_EQ(owed_to(before), 1U);
}

TEST_P(DirectoryContract, AnAgentsUrlThatIsTakenOutIsRemoved) {
    auto content = sample();
    content.endpoints[0].agents_own = true;
    directory().seed(content);
    content.endpoints.clear();
    directory().seed(content);
    EXPECT_TRUE(directory().load().endpoints.empty());
    EXPECT_EQ(directory().load().agents.size(), 2U);
}

TEST_P(DirectoryContract, AnEndpointThatWasAnAgentsBeforeThatWasNotedKeepsItsNumber) {
    auto content = sample();
    directory().seed(content);
    const auto before = directory().load().endpoints.at(0).id;
    content.endpoints[0].agents_own = true;
    directory().seed(content);
    content.endpoints[0].url = "https://example.com/moved";
    directory().seed(content);
    ASSERT_EQ(directory().load().endpoints.size(), 1U);
    EXPECT_EQ(directory().load().endpoints[0].id, before);
}

TEST_P(DirectoryContract, NamesAndNumbersMayChangePlaces) {
    directory().seed(sample());
    auto changed = sample();
    std::swap(changed.agents[0].public_id, changed.agents[1].public_id);
    std::swap(changed.agents[0].phone_numbers, changed.agents[1].phone_numbers);
    std::swap(changed.projects[0].public_id, changed.projects[1].public_id);
    directory().seed(changed);
    const auto content = directory().load();
    EXPECT_EQ(content.agents[0].public_id, "agent_b");
    EXPECT_THAT(content.agents[0].phone_numbers, ElementsAre("+31850000003"));
    EXPECT_THAT(content.agents[1].phone_numbers, ElementsAre("+31850000002", "+31850000001"));
    EXPECT_EQ(content.projects[0].public_id, "proj_three");
}

}  // namespace
}  // namespace gw::contract
