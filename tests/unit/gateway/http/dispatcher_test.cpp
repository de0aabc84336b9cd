// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dispatcher.hpp"

#include "tests/fakes/run_awaitable.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

using testing::Gateway;
using testing::header;
namespace keys = testing::keys;

TEST(Dispatcher, EchoesAValidRequestId) {
    Gateway gateway;
    for (const std::string& id :
         {std::string("a"), std::string("Az09._-"), std::string(128, 'x')}) {
        EXPECT_EQ(header(gateway.send("GET", "/nothing", {{"X-Request-Id", id}}), "X-Request-Id"),
                  id);
    }
}

TEST(Dispatcher, MakesARequestIdWhenTheOneSentIsNotValid) {
    Gateway gateway;
    std::string before;
    for (const std::string& id :
         {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\nb"),
          std::string("\xC3\xA9"), std::string("{}")}) {
        const std::string given =
            header(gateway.send("GET", "/nothing", {{"X-Request-Id", id}}), "X-Request-Id");
        EXPECT_EQ(given.size(), 32U);
        EXPECT_EQ(given.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_NE(given, before);
        before = given;
    }
    EXPECT_EQ(header(gateway.send("GET", "/x", {{"X-Request-Id", "a"}, {"X-Request-Id", "a"}}),
                     "X-Request-Id")
                  .size(),
              32U);
}

TEST(Dispatcher, UnknownPathsAreTheSame404WithAndWithoutAKey) {
    Gateway gateway;
    const auto plain = gateway.send("GET", "/v1/secrets");
    EXPECT_EQ(plain.status, 404U);
    EXPECT_EQ(plain.body, R"({"error":"Not found","code":"NOT_FOUND","message":"Not found"})");
    EXPECT_EQ(gateway.get("/v1/secrets").body, plain.body);
    EXPECT_EQ(header(plain, "Cache-Control"), "no-store");
}

TEST(Dispatcher, AWronglyEncodedPathIs400) {
    Gateway gateway;
    const auto response = gateway.get("/v1/calls/%zz");
    EXPECT_EQ(response.status, 400U);
    EXPECT_NE(response.body.find(R"("details":{"path":)"), std::string::npos);
}

TEST(Dispatcher, TheCarriersWebhookPassesAsItIs) {
    Gateway gateway;
    const auto response =
        gateway.send("POST", "/telnyx/webhooks", {{"telnyx-timestamp", "1"}}, "raw \xFF");
    EXPECT_EQ(response.status, 200U);
    ASSERT_EQ(gateway.carrier_webhooks.size(), 1U);
    EXPECT_EQ(gateway.carrier_webhooks[0].body, "raw \xFF");
    EXPECT_EQ(gateway.carrier_webhooks[0].headers.find("Telnyx-Timestamp"), "1");
    EXPECT_EQ(header(response, "X-Request-Id").size(), 32U);
    EXPECT_EQ(header(gateway.send("GET", "/telnyx/webhooks"), "Allow"), "POST");
    EXPECT_EQ(gateway.send("POST", "/telnyx/webhooks/").status, 404U);
    EXPECT_EQ(gateway.carrier_webhooks.size(), 1U);
}

TEST(Dispatcher, AnExceptionIsA500WithoutItsText) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.get("/");
    gateway.store.throws = true;
    const auto response = gateway.get("/v1/calls/1");
    EXPECT_EQ(response.status, 500U);
    EXPECT_EQ(response.body,
              R"({"error":"Internal error","code":"INTERNAL_ERROR","message":"Internal error"})");
    ASSERT_EQ(gateway.log.lines.size(), 1U);
    EXPECT_NE(gateway.log.lines[0].find(
                  "route=GET /v1/calls/{callId} status=500 cause=exception: planted"),
              std::string::npos)
        << gateway.log.lines[0];
}

TEST(Dispatcher, CountsByRouteAndStatusClass) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.get("/v1/calls/1");
    gateway.get("/v1/calls/call_00000001");
    gateway.get("/v1/calls/2");
    gateway.get("/rubbish/1");
    gateway.get("/rubbish/2");
    const auto count = [&](const std::string& labels) {
        return gateway.metrics.value("gateway_http_requests_total{" + labels + "}");
    };
    EXPECT_EQ(count("route=GET /v1/calls/{callId},status=2xx"), 2);
    EXPECT_EQ(count("route=GET /v1/calls/{callId},status=4xx"), 1);
    EXPECT_EQ(count("route=none,status=4xx"), 2);
    EXPECT_EQ(gateway.metrics.value("gateway_http_request_seconds{route=GET /v1/calls/{callId}}"),
              3);
    const std::size_t series = gateway.metrics.size();
    gateway.get("/more/rubbish");
    EXPECT_EQ(gateway.metrics.size(), series);
}

TEST(Dispatcher, GatesHearOfFailuresAndOfKnownPrincipals) {
    Gateway gateway;
    std::vector<std::string> failed;
    RequestGates gates;
    gates.client_address = [](const net::HttpRequest& request) {
        return "for " + request.remote_address;
    };
    gates.authentication_failed = [&](std::string_view address) -> std::optional<Problem> {
        failed.emplace_back(address);
        return failed.size() > 1 ? std::optional(Problem(ProblemCode::auth_rate_limited))
                                 : std::nullopt;
    };
    gates.authenticated = [](const Principal& principal) {
        Admission admission{.headers = {{"X-Told", "yes"}}, .refusal = std::nullopt};
        if (principal.tier == ports::Tier::payg) {
            admission.refusal = Problem(ProblemCode::rate_limit_exceeded);
            admission.refusal->retry_after = std::chrono::seconds(7);
        }
        return admission;
    };
    gateway.gates = std::move(gates);
    EXPECT_EQ(header(gateway.get("/v1/calls"), "X-Told"), "yes");
    const auto refused = gateway.get("/v1/calls", keys::foreign);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(header(refused, "Retry-After"), "7");
    EXPECT_EQ(header(refused, "X-Told"), "yes");
    EXPECT_TRUE(failed.empty());
    const auto unknown = gateway.get("/v1/calls", keys::unknown);
    EXPECT_EQ(unknown.status, 401U);
    EXPECT_EQ(header(unknown, "X-Told"), "");
    EXPECT_EQ(gateway.send("GET", "/v1/calls").status, 429U);
    EXPECT_EQ(failed, (std::vector<std::string>{"for 192.0.2.1", "for 192.0.2.1"}));
}

TEST(Dispatcher, AKeyThatNobodyHasIsLookedForOnceMore) {
    Gateway gateway;
    int asked = 0;
    RequestGates gates;
    gates.unknown_key = [&]() -> boost::asio::awaitable<void> {
        if (++asked == 2) {
            auto content = testing::test_directory();
            ports::ApiKey made = content.keys.front();
            made.hash = Sha256()(keys::unknown);
            content.keys.push_back(std::move(made));
            gateway.directory.replace(std::move(content));
        }
        co_return;
    };
    gateway.gates = std::move(gates);
    EXPECT_EQ(gateway.get("/v1/calls").status, 200U);
    EXPECT_EQ(gateway.send("GET", "/v1/calls").status, 401U) << "no key at all";
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(gateway.get("/v1/calls", keys::unknown).status, 401U);
    EXPECT_EQ(gateway.get("/v1/calls", keys::unknown).status, 200U) << "made meanwhile";
    EXPECT_EQ(gateway.get("/v1/calls", keys::unknown).status, 200U);
    EXPECT_EQ(asked, 2);
}

TEST(Dispatcher, ARouteThatAsksForAKeyNeedsSomebodyToCheckIt) {
    Gateway gateway;
    std::vector<EndpointRow> rows;
    rows.push_back({{"GET", "/a", Access::read}, {}});
    EXPECT_THROW(
        Dispatcher(std::move(rows), nullptr, {}, {},
                   DispatcherPorts{gateway.clock, gateway.random, gateway.metrics, gateway.log}),
        std::logic_error);
}

class Admin : public ::testing::Test {
protected:
    net::HttpResponse send(std::string method, std::string target) {
        net::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        return fakes::run_awaitable(handler(std::move(request)));
    }
    std::vector<std::string> reasons;
    int drains = 0;
    testing::StillClock clock;
    testing::CountingRandom random;
    testing::RecordingLog log;
    fakes::CountingMetrics metrics;
    net::HttpHandler handler =
        make_admin_handler(AdminFunctions{[] { return std::string("# HELP x y\nx 1\n"); },
                                          [this] { return reasons; }, [this] { ++drains; }},
                           DispatcherPorts{clock, random, metrics, log});
};

TEST_F(Admin, ServesMetricsAsPrometheusText) {
    const auto response = send("GET", "/metrics");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "# HELP x y\nx 1\n");
    EXPECT_EQ(header(response, "Content-Type"), "text/plain; version=0.0.4");
}

TEST_F(Admin, IsAliveEvenWhenNotReady) {
    reasons = {"draining"};
    EXPECT_EQ(send("GET", "/healthz").body, R"({"status":"ok"})");
}

TEST_F(Admin, ReadyOrTheReasonsWhyNot) {
    EXPECT_EQ(send("GET", "/readyz").status, 200U);
    reasons = {"store: \"locked\"", "draining"};
    const auto response = send("GET", "/readyz");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body,
              R"({"status":"not ready","reasons":["store: \"locked\"","draining"]})");
    EXPECT_TRUE(log.lines.empty());
}

TEST_F(Admin, DrainIsAsked) {
    EXPECT_EQ(send("GET", "/drain").status, 405U);
    EXPECT_EQ(drains, 0);
    EXPECT_EQ(send("POST", "/drain").status, 202U);
    EXPECT_EQ(drains, 1);
}

TEST_F(Admin, HasNoPublicRoutes) {
    EXPECT_EQ(send("GET", "/v1/calls").status, 404U);
    EXPECT_EQ(send("POST", "/telnyx/webhooks").status, 404U);
}

}  // namespace
}  // namespace gw::http
