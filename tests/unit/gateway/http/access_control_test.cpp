// SPDX-License-Identifier: Apache-2.0
// Limits, their header fields, Idempotency-Key and audit, over the whole public interface.
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gw::http {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Gateway;
using ::testing::HasSubstr;
using testing::header;
namespace keys = testing::keys;

constexpr const char* limit_headers[] = {"X-RateLimit-Limit", "X-RateLimit-Remaining",
                                         "X-RateLimit-Reset", "X-RateLimit-Tier",
                                         "X-Concurrent-Call-Limit"};

void set_tier(Gateway& gateway, ports::Tier tier) {
    auto content = testing::test_directory();
    content.orgs[1].tier = tier;
    gateway.directory.replace(std::move(content));
}

std::string seconds_of(UtcTime at) {
    return std::to_string(std::chrono::floor<seconds>(at).time_since_epoch().count());
}

struct TierCase {
    ports::Tier tier;
    const char* word;
    int requests;
    const char* calls;
};

TEST(RateLimit, EachTierHasItsFigures) {
    for (const auto& [tier, word, requests, calls] :
         {TierCase{ports::Tier::payg, "payg", 300, "10"},
          TierCase{ports::Tier::starter, "starter", 600, "50"},
          TierCase{ports::Tier::growth, "growth", 1200, "100"}}) {
        Gateway gateway;
        set_tier(gateway, tier);
        for (int i = 1; i <= requests; ++i) {
            const auto response = gateway.get("/v1/calls", keys::foreign);
            ASSERT_EQ(response.status, 200U) << word << i;
            ASSERT_EQ(header(response, "X-RateLimit-Remaining"), std::to_string(requests - i));
        }
        const auto refused = gateway.get("/v1/calls", keys::foreign);
        EXPECT_EQ(refused.status, 429U);
        EXPECT_THAT(refused.body, HasSubstr(R"("code":"RATE_LIMIT_EXCEEDED")"));
        EXPECT_THAT(refused.body, HasSubstr(R"("retryAfter":60})"));
        EXPECT_EQ(header(refused, "Retry-After"), "60");
        EXPECT_EQ(header(refused, "X-RateLimit-Limit"), std::to_string(requests));
        EXPECT_EQ(header(refused, "X-RateLimit-Remaining"), "0");
        EXPECT_EQ(header(refused, "X-RateLimit-Reset"),
                  seconds_of(testing::now_of_tests + seconds(60)));
        EXPECT_EQ(header(refused, "X-RateLimit-Tier"), word);
        EXPECT_EQ(header(refused, "X-Concurrent-Call-Limit"), calls);
        EXPECT_EQ(gateway.metrics.value("gateway_http_limited_total{limit=requests}"), 1);
    }
}

TEST(RateLimit, EnterpriseHasNoneAndSaysSo) {
    Gateway gateway;
    for (int i = 0; i < 1300; ++i) {
        ASSERT_EQ(gateway.get("/v1/calls").status, 200U);
    }
    const auto response = gateway.get("/v1/calls");
    for (const char* name : {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}) {
        EXPECT_EQ(response.headers.count(name), 0U) << name;
    }
    EXPECT_EQ(header(response, "X-RateLimit-Tier"), "enterprise");
    EXPECT_EQ(header(response, "X-Concurrent-Call-Limit"), "none");
}

TEST(RateLimit, AllKeysOfAnOrgShareOneMinuteAndOtherOrgsAreFree) {
    Gateway gateway;
    for (int i = 0; i < 150; ++i) {
        gateway.get("/v1/calls", keys::foreign);
        gateway.get("/v1/calls", keys::other_org);
    }
    EXPECT_EQ(gateway.get("/v1/calls", keys::foreign).status, 429U);
    EXPECT_EQ(gateway.get("/v1/calls", keys::other_org).status, 429U);
    EXPECT_EQ(gateway.get("/v1/calls").status, 200U);
    gateway.clock.passed += seconds(59);
    EXPECT_EQ(header(gateway.get("/v1/calls", keys::foreign), "Retry-After"), "1");
    gateway.clock.passed += seconds(1);
    EXPECT_EQ(header(gateway.get("/v1/calls", keys::foreign), "X-RateLimit-Remaining"), "299");
}

TEST(RateLimit, EveryAnswerAfterAuthenticationHasTheHeadersAndNoOther) {
    Gateway gateway;
    const auto has_all = [](const net::HttpResponse& response) {
        for (const char* name : limit_headers) {
            EXPECT_EQ(response.headers.count(name), 1U) << name << response.status;
        }
    };
    has_all(gateway.get("/v1/calls", keys::foreign));
    const auto with = [&](net::Headers extra) {
        extra.add("X-Api-Key", keys::foreign);
        return gateway.send("GET", "/v1/calls", std::move(extra));
    };
    has_all(gateway.get("/v1/calls/1", keys::foreign));             // 404
    has_all(gateway.get("/v1/calls?limit=0", keys::foreign));       // 400
    has_all(with({{"X-Project-Id", "proj_00000001"}}));             // 404
    has_all(with({{"X-Project-Id", "a"}, {"X-Project-Id", "b"}}));  // 400
    has_all(gateway.post("/v1/calls/1/end", keys::foreign));        // 404
    gateway.store.is_away = true;
    has_all(gateway.get("/v1/calls", keys::foreign));  // 503
    gateway.store.throws = true;
    has_all(gateway.get("/v1/calls/1", keys::foreign));  // 500
    const auto read_only = gateway.post("/v1/calls/1/end", keys::read);
    EXPECT_EQ(read_only.status, 403U);
    EXPECT_EQ(header(read_only, "X-RateLimit-Tier"), "enterprise");
    for (const auto& response :
         {gateway.get("/v1/calls", keys::unknown), gateway.send("GET", "/v1/calls"),
          gateway.get("/v1/nothing"), gateway.send("POST", "/telnyx/webhooks")}) {
        for (const char* name : limit_headers) {
            EXPECT_EQ(response.headers.count(name), 0U) << name << response.status;
        }
    }
}

TEST(FailedAuthentication, TheHundredAndFirstIsToldToStop) {
    Gateway gateway;
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(gateway.get("/v1/calls", keys::unknown).status, 401U);
        EXPECT_EQ(gateway.send("GET", "/v1/calls").status, 401U);
    }
    const auto refused = gateway.get("/v1/calls", keys::revoked);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_THAT(refused.body, HasSubstr(R"("code":"AUTH_RATE_LIMITED")"));
    EXPECT_THAT(refused.body, HasSubstr(R"("retryAfter":960})"));
    EXPECT_EQ(header(refused, "Retry-After"), "960");
    EXPECT_EQ(header(refused, "WWW-Authenticate"), "");
    EXPECT_EQ(gateway.send("GET", "/v1/calls").status, 429U);
    EXPECT_EQ(gateway.metrics.value("gateway_http_limited_total{limit=failed_authentications}"), 2);
    // Who shares the address and has a key is let through.
    EXPECT_EQ(gateway.get("/v1/calls").status, 200U);
    gateway.clock.passed += minutes(16);
    EXPECT_EQ(gateway.get("/v1/calls", keys::unknown).status, 401U);
}

TEST(FailedAuthentication, BehindATrustedProxyTheClientCounts) {
    Gateway gateway;
    gateway.trusted_proxies = {"192.0.2.0/24"};
    const auto from = [&](const std::string& client) {
        return gateway.send("GET", "/v1/calls", {{"X-Forwarded-For", client}}).status;
    };
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(from("spoofed, 203.0.113.5"), 401U);
    }
    EXPECT_EQ(from("203.0.113.5"), 429U);
    EXPECT_EQ(from("203.0.113.6"), 401U);
}

net::HttpResponse end_once(Gateway& gateway, const std::string& key, std::string body = {},
                           const std::string& as = keys::full, std::string call = "5") {
    return gateway.send("POST", "/v1/calls/" + call + "/end",
                        {{"X-Api-Key", as}, {"Idempotency-Key", key}}, std::move(body));
}

TEST(IdempotencyKey, ARepetitionGetsTheFirstAnswerAndDoesNothing) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    const auto first = end_once(gateway, "a-1");
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(first.headers.count("Idempotency-Replayed"), 0U);
    const auto again = end_once(gateway, "a-1");
    EXPECT_EQ(again.status, 200U);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header(again, "Content-Type"), "application/json");
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
    EXPECT_NE(header(again, "X-Request-Id"), header(first, "X-Request-Id"));
    EXPECT_EQ(header(again, "X-RateLimit-Tier"), "enterprise");
    EXPECT_EQ(gateway.store.commands.size(), 1U);
}

TEST(IdempotencyKey, RefusalsOfTheEndpointAreKeptToo) {
    Gateway gateway;
    EXPECT_EQ(end_once(gateway, "a").status, 404U);
    const auto again = end_once(gateway, "a");
    EXPECT_EQ(again.status, 404U);
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
}

TEST(IdempotencyKey, IsTheOwnersThePathsAndTheBodys) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    EXPECT_EQ(end_once(gateway, "k").status, 200U);
    EXPECT_EQ(end_once(gateway, "k", {}, keys::foreign).status, 404U);
    EXPECT_EQ(header(end_once(gateway, "k", {}, keys::org), "Idempotency-Replayed"), "");
    EXPECT_EQ(header(end_once(gateway, "k", {}, keys::full, "6"), "Idempotency-Replayed"), "");
    const auto other = end_once(gateway, "k", "{}");
    EXPECT_EQ(other.status, 400U);
    EXPECT_THAT(other.body, HasSubstr(R"("code":"VALIDATION_ERROR")"));
    EXPECT_THAT(other.body, HasSubstr(R"("details":{"Idempotency-Key":"was used before)"));
    // A narrowed key of the org is the same owner as the project's.
    const auto narrowed = gateway.send(
        "POST", "/v1/calls/5/end",
        {{"X-Api-Key", keys::org}, {"X-Project-Id", "proj_00000001"}, {"Idempotency-Key", "k"}});
    EXPECT_EQ(header(narrowed, "Idempotency-Replayed"), "true");
}

TEST(IdempotencyKey, WrongOnesAreRefusedBeforeAnythingIsDone) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    for (const std::string& key :
         {std::string(), std::string(256, 'k'), std::string("a b"), std::string("a\tb"),
          std::string("k\xC3\xA9"), std::string("\x7f")}) {
        const auto response = end_once(gateway, key);
        EXPECT_EQ(response.status, 400U) << key;
        EXPECT_THAT(response.body, HasSubstr(R"("details":{"Idempotency-Key":)"));
    }
    EXPECT_EQ(
        gateway
            .send("POST", "/v1/calls/5/end",
                  {{"X-Api-Key", keys::full}, {"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}})
            .status,
        400U);
    EXPECT_TRUE(gateway.store.commands.empty());
    EXPECT_EQ(end_once(gateway, std::string(255, '~')).status, 200U);
}

TEST(IdempotencyKey, IsNotAskedOfReads) {
    Gateway gateway;
    EXPECT_EQ(
        gateway.send("GET", "/v1/calls", {{"X-Api-Key", keys::full}, {"Idempotency-Key", "a b"}})
            .status,
        200U);
    EXPECT_EQ(gateway.idempotency.size(), 0U);
}

TEST(IdempotencyKey, WithoutItsStoreNothingIsDone) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    gateway.idempotency.is_away = true;
    const auto refused = end_once(gateway, "a");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(header(refused, "Retry-After"), "5");
    EXPECT_TRUE(gateway.store.commands.empty());
    gateway.idempotency.is_away = false;
    EXPECT_EQ(header(end_once(gateway, "a"), "Idempotency-Replayed"), "");
    EXPECT_EQ(gateway.store.commands.size(), 1U);
}

TEST(IdempotencyKey, ACallIsPlacedOnce) {
    Gateway gateway;
    const auto place = [&](const std::string& to) {
        return gateway.send("POST", "/v1/calls",
                            {{"X-Api-Key", keys::full},
                             {"Content-Type", "application/json"},
                             {"Idempotency-Key", "call-1"}},
                            R"({"agent_id":"agent_28c51f81","to":")" + to + "\"}");
    };
    const auto first = place("+31612345678");
    ASSERT_EQ(first.status, 201U) << first.body;
    const auto again = place("+31612345678");
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(place("+31612345679").status, 400U);
    EXPECT_EQ(gateway.store.calls.size(), 1U);
    ASSERT_EQ(gateway.audit.entries.size(), 3U);
    EXPECT_EQ(gateway.audit.entries[0].call_id, CallId(1));
}

TEST(Audit, EachWriteOfAKnownKeyHasOneEntry) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    gateway.send("POST", "/v1/calls/5/end?x=1",
                 {{"X-Api-Key", keys::org}, {"X-Request-Id", "req-1"}});
    gateway.post("/v1/calls/5/end", keys::read);
    gateway.post("/v1/calls/rubbish/end", keys::full);
    gateway.get("/v1/calls/5");
    gateway.post("/v1/calls/5/end", keys::unknown);
    ASSERT_EQ(gateway.audit.entries.size(), 3U);
    const auto& first = gateway.audit.entries[0];
    EXPECT_EQ(first.at, testing::now_of_tests);
    EXPECT_EQ(first.request_id, "req-1");
    EXPECT_EQ(first.key_id, ports::key_id_of(gateway.directory.key(Sha256()(keys::org))->hash));
    EXPECT_EQ(first.org_id, OrgId(42));
    EXPECT_FALSE(first.project_id);
    EXPECT_EQ(first.address, "192.0.2.1");
    EXPECT_EQ(first.method, "POST");
    EXPECT_EQ(first.path, "/v1/calls/5/end");
    EXPECT_EQ(first.call_id, CallId(5));
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(gateway.audit.entries[1].status, 403U);
    EXPECT_EQ(gateway.audit.entries[1].project_id, ProjectId(1));
    EXPECT_EQ(gateway.audit.entries[2].status, 404U);
    EXPECT_FALSE(gateway.audit.entries[2].call_id);
    EXPECT_THAT(gateway.log.lines,
                ::testing::Contains(HasSubstr("api_write request_id=req-1 key_id=")));
}

}  // namespace
}  // namespace gw::http
