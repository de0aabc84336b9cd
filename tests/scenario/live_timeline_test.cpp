// SPDX-License-Identifier: Apache-2.0
// GET /v1/calls/:callId/events with Accept: text/event-stream, byte by byte from the real gateway:
// rows while the call goes on, and a proper end when the gateway stops.
#include "tests/scenario/eventually.hpp"
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// The rows of a streamed answer: the "data" lines, in order, with chunk framing between them.
std::vector<json> rows_of(const std::string& answer) {
    std::vector<json> rows;
    std::istringstream lines(answer);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("data: ")) {
            rows.push_back(json::parse(line.substr(6), nullptr, false));
        }
    }
    return rows;
}

RawSend stream_request(const World& world, std::uint16_t port) {
    RawSend send;
    send.port = port;
    send.bytes =
        "GET /v1/calls/1/events HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: " + world.api_key() +
        "\r\nAccept: text/event-stream\r\n\r\n";
    send.within = patience;
    return send;
}

TEST(LiveTimeline, ShowsTheCallAsItGoesOnAndEndsProperlyWhenTheGatewayStops) {
    World world;
    world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] {
        const json call = world.only_call();
        return !call.is_null() && call["status"] == "in-progress";
    }));
    auto stream =
        std::async(std::launch::async, exchange_raw, stream_request(world, world.http_port()));
    ASSERT_TRUE(eventually([&] {
        return world.metric(
                   "gateway_http_requests_total{route=\"GET /v1/calls/{callId}/events\","
                   "status=\"2xx\"}") >= 1;
    }));
    EXPECT_EQ(world.api("/v1/calls/1/end", "POST").status, 200U);
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "completed"; }));
    const json stored = world.events("call_00000001");
    world.gateway().send(SIGTERM);
    const std::string answer = stream.get();
    ASSERT_TRUE(world.gateway().wait().has_value());

    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/event-stream\r\n"));
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(answer, HasSubstr("event: api.end\n"));
    EXPECT_TRUE(answer.ends_with("\r\n0\r\n\r\n")) << answer;
    const auto rows = rows_of(answer);
    ASSERT_GE(rows.size(), stored.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i]["seq"], i + 1);
        if (i < stored.size()) {
            EXPECT_EQ(rows[i], stored[i]);
        }
    }
}

}  // namespace
}  // namespace gw::scenario
