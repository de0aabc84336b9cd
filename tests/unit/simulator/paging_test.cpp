// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/telnyx_api.hpp"
#include "tests/unit/simulator/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

using ::testing::ElementsAre;

const std::string path = "/v2/connections/2811212257810187001/active_calls";

struct Calls : Rig {
    explicit Calls(int count) : faults(1), api(schedule, world, faults, history, "") {
        for (int i = 0; i < count; ++i) {
            all.push_back(ring());
        }
    }
    json get(const std::string& target, unsigned status = 200) {
        net::HttpRequest request;
        request.method = "GET";
        request.target = target;
        request.headers.add("Authorization", "Bearer any");
        const Reply reply = api.handle(request);
        EXPECT_EQ(reply.response.status, status) << target;
        return json::parse(reply.response.body);
    }
    static std::vector<std::string> ids(const json& body) {
        std::vector<std::string> list;
        for (const json& call : body["data"]) {
            list.push_back(call["call_control_id"].get<std::string>());
        }
        return list;
    }

    std::vector<std::string> all;
    Faults faults;
    History history;
    TelnyxApi api;
};

TEST(Paging, FollowsTheLinksForwardsAndBack) {
    Calls calls{5};
    const json first = calls.get(path + "?page[limit]=2");
    EXPECT_THAT(Calls::ids(first), ElementsAre(calls.all[0], calls.all[1]));
    EXPECT_EQ(first["meta"]["total_items"], 5);
    EXPECT_TRUE(first["meta"]["previous"].is_null());
    const json second = calls.get(first["meta"]["next"].get<std::string>());
    EXPECT_THAT(Calls::ids(second), ElementsAre(calls.all[2], calls.all[3]));
    const json third = calls.get(second["meta"]["next"].get<std::string>());
    EXPECT_THAT(Calls::ids(third), ElementsAre(calls.all[4]));
    EXPECT_TRUE(third["meta"]["next"].is_null());
    EXPECT_TRUE(third["meta"]["cursors"]["after"].is_null());
    const json back = calls.get(third["meta"]["previous"].get<std::string>());
    EXPECT_EQ(Calls::ids(back), Calls::ids(second));
    EXPECT_EQ(Calls::ids(calls.get(path + "?page[limit]=2&page[before]=" +
                                   back["meta"]["cursors"]["before"].get<std::string>())),
              Calls::ids(first));
}

TEST(Paging, SkipsNothingWhenTheLegOfTheCursorHasEnded) {
    Calls calls{4};
    const json first = calls.get(path + "?page[limit]=2");
    calls.send("hangup", calls.all[1]);
    const json second = calls.get(first["meta"]["next"].get<std::string>());
    EXPECT_THAT(Calls::ids(second), ElementsAre(calls.all[2], calls.all[3]));
    calls.send("hangup", calls.all[2]);
    calls.send("hangup", calls.all[3]);
    EXPECT_THAT(Calls::ids(calls.get(first["meta"]["next"].get<std::string>())), ElementsAre());
}

TEST(Paging, CountsPagesAsTheSdksDo) {
    Calls calls{5};
    const json second = calls.get(path + "?page[number]=2&page[size]=2");
    EXPECT_THAT(Calls::ids(second), ElementsAre(calls.all[2], calls.all[3]));
    EXPECT_EQ(second["meta"]["page_number"], 2);
    EXPECT_EQ(second["meta"]["total_pages"], 3);
    EXPECT_EQ(calls.get(path)["meta"]["page_number"], 1);
    EXPECT_EQ(calls.get(path)["meta"]["total_pages"], 1);
    EXPECT_THAT(Calls::ids(calls.get(path + "?page[number]=4&page[size]=2")), ElementsAre());
    EXPECT_THAT(Calls::ids(calls.get(path + "?page[number]=2147483647")), ElementsAre());
}

TEST(Paging, RefusesWhatIsNoCursorAndNoLimit) {
    Calls calls{1};
    const std::pair<const char*, const char*> cases[] = {
        {"page[after]=v3:x", "10015"},
        {"page[after]=v1:", "10015"},
        {"page[before]=v1:-1", "10015"},
        {"page[limit]=0", "10033"},
        {"page[limit]=251", "10033"},
        {"page[size]=251", "10033"},
        {"page[limit]=ten", "10015"},
        {"page[limit]=", "10015"},
        {"page[number]=0", "10033"},
        {"page[after]=v1:1&page[before]=v1:2", "10015"},
        {"page[after]=v1:1&page[number]=2", "10015"}};
    for (const auto& [query, code] : cases) {
        const json body = calls.get(path + "?" + query, 422);
        EXPECT_EQ(body["errors"][0]["code"], code) << query;
        const auto named = body["errors"][0]["source"]["parameter"].get<std::string>();
        EXPECT_TRUE(std::string{query}.starts_with(named)) << named;
    }
    EXPECT_EQ(Calls::ids(calls.get(path + "?page[limit]=250&page[after]=null")).size(), 1U);
}

}  // namespace
}  // namespace gw::simulator
