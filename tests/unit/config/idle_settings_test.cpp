// SPDX-License-Identifier: Apache-2.0
#include "config/idle_settings.hpp"

#include "tests/unit/config/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(IdleSettings, AConfigurationOfWhatIsCarriedOutHasNone) {
    EXPECT_THAT(idle_settings(*test::load(test::valid).settings), IsEmpty());
}

TEST(IdleSettings, NamesWhatIsGivenAndNotActedOn) {
    const std::string text =
        test::with(test::with_agent(
                       R"("server_url": "https://s", "voice_url": "wss://v", "recording": true,
               "answer_after_server_url": true)"),
                   R"("orgs")", R"("redis": {"url": "redis://h:6379/0"},
            "llm": {"base_url": "https://l", "api_key": "KEY", "model": "m"},
            "recordings": {"s3": {"endpoint": "https://s3", "region": "r", "bucket": "bucket",
                                  "access_key_id": "id", "secret_access_key": "secret"}},
            "orgs")");
    const LoadResult loaded = test::load(text);
    ASSERT_THAT(loaded.faults, IsEmpty());
    EXPECT_THAT(idle_settings(*loaded.settings),
                ElementsAre("$.redis", "$.recordings.s3", "$.llm", "$.agents[0].server_url",
                            "$.agents[0].answer_after_server_url", "$.agents[0].voice_url",
                            "$.agents[0].recording"));
}

}  // namespace
}  // namespace gw::config
