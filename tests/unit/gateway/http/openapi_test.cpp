// SPDX-License-Identifier: Apache-2.0
// The document and the route table name the same routes, and the binary carries the document as it
// lies in docs/.
#include "gateway/http/openapi.hpp"

#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <set>

namespace gw::http {
namespace {

using nlohmann::json;
using testing::Gateway;
using testing::header;

std::string upper(std::string text) {
    for (char& c : text) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

std::set<std::string> described_routes() {
    std::set<std::string> routes;
    const json document = json::parse(openapi_document());
    for (const auto& [path, item] : document.at("paths").items()) {
        for (const auto& [key, operation] : item.items()) {
            if (key != "parameters") {
                routes.insert(upper(key) + " " + path);
            }
        }
    }
    return routes;
}

TEST(OpenApi, DescribesEveryRouteOfTheTableAndNoOther) {
    Gateway gateway;
    gateway.get("/");
    std::set<std::string> routes;
    for (const auto& route : gateway.routes) {
        routes.insert(std::string(route.method) + " " + std::string(route.pattern));
    }
    EXPECT_EQ(described_routes(), routes);
}

TEST(OpenApi, ARouteWithoutKeyIsDescribedSo) {
    Gateway gateway;
    gateway.get("/");
    const json paths = json::parse(openapi_document()).at("paths");
    for (const auto& route : gateway.routes) {
        const auto item = paths.find(std::string(route.pattern));
        ASSERT_NE(item, paths.end()) << route.pattern;
        std::string method(route.method);
        for (char& c : method) {
            c = static_cast<char>(c - 'A' + 'a');
        }
        const json operation = item->value(method, json::object());
        const bool open = operation.value("security", json()) == json::array();
        EXPECT_EQ(open, route.access == Access::open) << route.method << route.pattern;
    }
}

TEST(OpenApi, EveryErrorCodeIsDescribed) {
    const json document = json::parse(openapi_document());
    const json codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    std::set<std::string> described(codes.begin(), codes.end());
    std::set<std::string> known;
    for (auto code = ProblemCode{}; code <= ProblemCode::unavailable;
         code = static_cast<ProblemCode>(static_cast<int>(code) + 1)) {
        known.insert(std::string(row_of(code).word));
    }
    EXPECT_EQ(described, known);
}

TEST(OpenApi, IsServedToAnybodyAsItLiesInTheTree) {
    std::ifstream file(GW_SOURCE_DIR "/docs/openapi.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(text.empty());
    Gateway gateway;
    const auto response = gateway.send("GET", "/v1/openapi.json");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, text);
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    EXPECT_EQ(header(response, "Cache-Control"), "public, max-age=300");
    const std::string tag = header(response, "ETag");
    const auto again = gateway.send("GET", "/v1/openapi.json", {{"If-None-Match", tag}});
    EXPECT_EQ(again.status, 304U);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), tag);
    const auto other = gateway.send("GET", "/v1/openapi.json", {{"If-None-Match", "\"x\""}});
    EXPECT_EQ(other.status, 200U);
}

}  // namespace
}  // namespace gw::http
