// SPDX-License-Identifier: Apache-2.0
// What the settings become where a mistake would only show under load.
#include "gateway/options.hpp"

#include "tests/unit/gateway/net/net_fixture.hpp"

#include <gtest/gtest.h>

namespace gw {
namespace {

using namespace std::chrono_literals;
using net::testing::Loop;

TEST(CustomerHttp, NoAttemptWaitsForTheConnectionOfAnotherEndpointOnItsHost) {
    config::WebhooksSettings settings;
    settings.allow_private_networks = true;
    settings.in_flight_max = 96;
    // The dispatcher gives each endpoint one request more than the limit of all.
    const std::size_t attempts = settings.in_flight_max + 24;
    net::testing::Meeting meeting(attempts);
    net::testing::TestServer server(meeting.handler());
    net::testing::TestClient client(customer_http(settings));
    std::vector<std::future<Result<net::ClientResponse>>> answers;
    for (std::size_t i = 0; i < attempts; ++i) {
        net::ClientRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
        request.timeout = 15s;
        answers.push_back(client.start(std::move(request)));
    }
    for (auto& answer : answers) {
        EXPECT_EQ(net::testing::code_of(Loop::get(std::move(answer))), "ok 200");
    }
}

TEST(CustomerHttp, ConnectionsAreIdleForLessThanReceiversKeepThem) {
    const net::HttpClientOptions options = customer_http({});
    EXPECT_LT(options.idle_timeout, 5s) << "Node.js, Apache and uvicorn close after 5 s";
    EXPECT_FALSE(options.keep_last_addresses) << "a customer's name is judged as it stands now";
    EXPECT_FALSE(options.allow_private_networks);
    EXPECT_FALSE(options.allow_plain_http);
}

TEST(TelnyxHttp, CommandsGoOnWhileDnsIsAway) {
    EXPECT_TRUE(telnyx_http().keep_last_addresses);
}

}  // namespace
}  // namespace gw
