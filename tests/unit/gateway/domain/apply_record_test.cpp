// What goes on record: the terms of the agent when the call begins, the parties, and facts that
// come late.
#include "tests/unit/gateway/domain/call_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gw {
namespace {

using namespace gw::cases;

InboundTerms terms_of_an_agent() {
    InboundTerms terms = new_call().terms;
    terms.language = "nl-NL";
    terms.recording_enabled = true;
    terms.rates = {.rate = {1},
                   .call_rate = {2},
                   .recording_rate = {3},
                   .transfer_rate = {4},
                   .llm_discount = {5}};
    terms.policy.max_duration = seconds{600};
    return terms;
}

void expect_terms(const Call& call) {
    EXPECT_EQ(call.agent_id, AgentId{7});
    EXPECT_EQ(call.agent_public_id, "agent_28c51f81");
    EXPECT_EQ(call.project_id, ProjectId{1});
    EXPECT_EQ(call.org_id, OrgId{42});
    EXPECT_EQ(call.language, "nl-NL");
    EXPECT_TRUE(call.recording_enabled);
    EXPECT_FALSE(call.has_recording);
    EXPECT_EQ(call.rates.rate, MicroMoney{1});
    EXPECT_EQ(call.rates.call_rate, MicroMoney{2});
    EXPECT_EQ(call.rates.recording_rate, MicroMoney{3});
    EXPECT_EQ(call.rates.transfer_rate, MicroMoney{4});
    EXPECT_EQ(call.rates.llm_discount, MicroMoney{5});
    EXPECT_EQ(call.policy.max_duration, seconds{600});
}

TEST(ApplyRecord, ACallHasTheTermsOfItsAgentWhoeverCalls) {
    NewCall rings = new_call();
    rings.terms = terms_of_an_agent();
    expect_terms(begin_call(rings, initiated(), t0).call);
    NewOutboundCall placed = new_outbound();
    placed.terms = terms_of_an_agent();
    const Call call = begin_outbound_call(placed, t0).call;
    expect_terms(call);
    EXPECT_EQ(call.from, "+31850012345");
    EXPECT_EQ(call.to, "+31612345678");
    EXPECT_EQ(call.created_at, t0);
}

TEST(ApplyRecord, NumbersAreE164AndOtherPartiesStayAsTheyCame) {
    CarrierEvent first = initiated();
    first.from = "sip:+31612345678@sip.example.com";
    first.to = "+31850012345@sip.telnyx.com";
    Call call = begin_call(new_call(), first, t0).call;
    EXPECT_EQ(call.from, "+31612345678");
    EXPECT_EQ(call.to, "+31850012345");
    first.from = "anonymous";
    first.to = "sip:support@example.com";
    call = begin_call(new_call(), first, t0).call;
    EXPECT_EQ(call.from, "anonymous");
    EXPECT_EQ(call.to, "sip:support@example.com");
}

TEST(ApplyRecord, ALateCostIsKeptAndMovesNothingElse) {
    const Call talks = after(ringing(), answered(), t0 + seconds{2});
    const Call over =
        after(talks, hangup(HangupCause::normal_clearing, HangupSource::caller), t0 + seconds{129});
    ASSERT_TRUE(over.is_final());
    const Call costed = after(over, cost(), t0 + seconds{200});
    EXPECT_EQ(costed.carrier_cost, MicroMoney{6800});
    EXPECT_EQ(costed.costs.total_cost, over.costs.total_cost);
    EXPECT_EQ(costed.ended_at, over.ended_at);
}

TEST(ApplyRecord, EventsHappenByTimeAndThenByRank) {
    CarrierEvent events[] = {hangup(HangupCause::normal_clearing, HangupSource::caller), cost(),
                             dtmf("1", seconds{10}), answered(), initiated()};
    for (CarrierEvent& e : events) {
        e.occurred_at = t0;
    }
    std::sort(std::begin(events), std::end(events), happens_before);
    EXPECT_EQ(events[0].type, CarrierEventType::initiated);
    EXPECT_EQ(events[1].type, CarrierEventType::answered);
    EXPECT_EQ(events[2].type, CarrierEventType::dtmf);
    EXPECT_EQ(events[3].type, CarrierEventType::hangup);
    EXPECT_EQ(events[4].type, CarrierEventType::cost);
    events[4].occurred_at = t0 - seconds{1};
    EXPECT_TRUE(happens_before(events[4], events[0])) << "time comes first";
}

}  // namespace
}  // namespace gw
