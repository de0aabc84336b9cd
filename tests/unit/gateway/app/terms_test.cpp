// On which terms a call is taken: what its agent says, and whether there is room.
#include "gateway/app/inbound_terms.hpp"
#include "tests/sim/sim_process.hpp"

#include <gtest/gtest.h>

namespace gw::app {
namespace {

using std::chrono::seconds;

ports::DirectoryContent content_with(const std::function<void(ports::Agent&)>& change) {
    ports::DirectoryContent content = sim::sim_directory();
    change(content.agents.front());
    return content;
}

InboundTerms terms_of(const ports::DirectoryContent& content, std::string_view to,
                      std::size_t live = 0, bool draining = false) {
    const Directory directory(content);
    return terms_for_inbound(
        directory, CallDefaults{},
        {.to = to, .draining = draining, .live_calls_of = [live](OrgId) { return live; }});
}

TEST(Terms, OfACallAreItsAgents) {
    const auto content = content_with([](ports::Agent& agent) {
        agent.recording = true;
        agent.language = "nl-NL";
        agent.max_duration = seconds{600};
        agent.silence_timeout = seconds{12};
        agent.hang_up_on_voicemail = true;
        agent.rates = {.rate = {1},
                       .call_rate = {2},
                       .recording_rate = {3},
                       .transfer_rate = {4},
                       .llm_discount = {5}};
    });
    const InboundTerms terms = terms_of(content, "+31850012345");
    EXPECT_FALSE(terms.refusal);
    EXPECT_EQ(terms.agent_id, AgentId{7});
    EXPECT_EQ(terms.agent_public_id, "agent_28c51f81");
    EXPECT_EQ(terms.project_id, ProjectId{1});
    EXPECT_EQ(terms.org_id, OrgId{42});
    EXPECT_TRUE(terms.recording_enabled);
    EXPECT_EQ(terms.language, "nl-NL");
    EXPECT_EQ(terms.policy.max_duration, seconds{600});
    EXPECT_EQ(terms.policy.silence_timeout, seconds{12});
    EXPECT_TRUE(terms.policy.hang_up_on_voicemail);
    EXPECT_EQ(terms.rates.rate, MicroMoney{1});
    EXPECT_EQ(terms.rates.llm_discount, MicroMoney{5});
}

TEST(Directory, EndpointsOfAgentProjectAndOrgThatWantTheEvent) {
    ports::DirectoryContent content = sim::sim_directory();
    content.endpoints.clear();
    const auto add = [&](std::int64_t id, std::vector<std::string> events) -> ports::Endpoint& {
        ports::Endpoint& endpoint = content.endpoints.emplace_back();
        endpoint.id = EndpointId{id};
        endpoint.events = std::move(events);
        return endpoint;
    };
    add(1, {"*"}).agent_id = AgentId{7};
    add(2, {"call.ended"}).project_id = ProjectId{1};
    add(3, {"*"}).org_id = OrgId{42};
    add(4, {"*"}).org_id = OrgId{43};
    add(5, {"call.failed"}).org_id = OrgId{42};
    const Directory directory(content);
    std::vector<std::int64_t> ids;
    for (const ports::Endpoint* endpoint :
         directory.endpoints_for(AgentId{7}, ProjectId{1}, OrgId{42}, "call.ended")) {
        ids.push_back(endpoint->id.value());
    }
    EXPECT_EQ(ids, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(Terms, TheAgentIsFoundByTheNumberHoweverItIsWritten) {
    const auto content = content_with([](ports::Agent&) {});
    for (const char* to : {"+31850012345", "sip:+31850012345@sip.telnyx.com",
                           "+31850012345@sip.telnyx.com", "sip:+31850012345@a;transport=tls"}) {
        EXPECT_EQ(terms_of(content, to).agent_id, AgentId{7}) << to;
    }
    for (const char* to : {"", "+31850012346", "sip:alice@example.com", "31850012345"}) {
        const InboundTerms terms = terms_of(content, to);
        EXPECT_FALSE(terms.agent_id) << to;
        EXPECT_EQ(terms.refusal, Refusal::no_agent) << to;
    }
}

TEST(Terms, EachTierHasItsRoomAndADrainHasNone) {
    const std::pair<ports::Tier, std::optional<std::size_t>> rows[] = {
        {ports::Tier::payg, 10},
        {ports::Tier::starter, 50},
        {ports::Tier::growth, 100},
        {ports::Tier::enterprise, std::nullopt}};
    for (const auto& [tier, room] : rows) {
        EXPECT_EQ(concurrency_max(tier), room);
        auto content = content_with([](ports::Agent&) {});
        content.orgs.front().tier = tier;
        const auto refusal = [&](std::size_t live) {
            return terms_of(content, "+31850012345", live).refusal;
        };
        EXPECT_EQ(refusal(room.value_or(100'000) - 1), std::nullopt);
        EXPECT_EQ(refusal(room.value_or(100'000)),
                  room ? std::optional(Refusal::over_capacity) : std::nullopt);
        EXPECT_EQ(terms_of(content, "+31850012345", 0, true).refusal, Refusal::draining);
    }
}

}  // namespace
}  // namespace gw::app
