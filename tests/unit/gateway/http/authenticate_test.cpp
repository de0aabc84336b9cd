// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/authenticate.hpp"

#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

namespace keys = testing::keys;

class Authenticate : public ::testing::Test {
protected:
    app::Directory directory{testing::test_directory()};
    Authenticator authenticator{directory};

    std::string outcome(const net::Headers& headers) const {
        auto known = authenticator.identify(headers);
        if (const auto* problem = std::get_if<Problem>(&known)) {
            return std::string(row_of(problem->code).word);
        }
        auto& principal = std::get<Principal>(known);
        if (const auto problem = authenticator.narrow(headers, principal)) {
            return std::string(row_of(problem->code).word);
        }
        EXPECT_EQ(principal.key_id.size(), 12U);
        EXPECT_TRUE(!principal.project_id ||
                    principal.projects.projects == std::vector{*principal.project_id});
        std::string text = "org " + std::to_string(principal.org_id.value()) + " projects";
        for (const auto id : principal.projects.projects) {
            text += " " + std::to_string(id.value());
        }
        return text + (principal.scope == ports::Scope::full ? " full" : " read");
    }
};

TEST_F(Authenticate, AProjectKeySeesItsProject) {
    EXPECT_EQ(outcome({{"Authorization", "Bearer " + keys::full}}), "org 42 projects 1 full");
    EXPECT_EQ(outcome({{"authorization", "bEARER " + keys::read}}), "org 42 projects 1 read");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::foreign}}), "org 43 projects 3 full");
}

TEST_F(Authenticate, AnOrgKeySeesAllItsProjectsOrTheOneNamed) {
    EXPECT_EQ(outcome({{"X-Api-Key", keys::org}}), "org 42 projects 1 2 full");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::org_read}, {"X-Project-Id", "proj_00000002"}}),
              "org 42 projects 2 read");
}

TEST_F(Authenticate, AProjectOutOfReachIsOneThatDoesNotExist) {
    for (const char* project : {"proj_00000003", "proj_99999999", "", "1", "proj_0000000"}) {
        EXPECT_EQ(outcome({{"X-Api-Key", keys::org}, {"X-Project-Id", project}}), "NOT_FOUND")
            << project;
    }
    EXPECT_EQ(outcome({{"X-Api-Key", keys::full}, {"X-Project-Id", "proj_00000002"}}), "NOT_FOUND");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::full}, {"X-Project-Id", "proj_00000001"}}),
              "org 42 projects 1 full");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::org},
                       {"X-Project-Id", "proj_00000001"},
                       {"X-Project-Id", "proj_00000002"}}),
              "VALIDATION_ERROR");
}

TEST_F(Authenticate, NoKeyIsMissing) {
    EXPECT_EQ(outcome({}), "MISSING_API_KEY");
    EXPECT_EQ(outcome({{"Authorization", ""}}), "MISSING_API_KEY");
    EXPECT_EQ(outcome({{"Authorization", "Bearer"}}), "MISSING_API_KEY");
    EXPECT_EQ(outcome({{"X-Api-Key", ""}}), "MISSING_API_KEY");
    EXPECT_EQ(outcome({{"X-Project-Id", "proj_00000001"}}), "MISSING_API_KEY");
}

TEST_F(Authenticate, UnknownRevokedAndMalformedAreInvalid) {
    const std::string upper = "sfy_live_" + std::string(48, 'A');
    for (const std::string& key :
         {keys::unknown, keys::revoked, upper, keys::full.substr(1), keys::full + "1",
          keys::full + " ", " " + keys::full, std::string("sfy_live_"),
          std::string("sfy_test_") + std::string(48, '1'), std::string(100'000, 'x'),
          "sfy_org_" + std::string(48, '1'), std::string("\0\0", 2)}) {
        EXPECT_EQ(outcome({{"X-Api-Key", key}}), "INVALID_API_KEY") << key.substr(0, 60);
        if (!key.starts_with(' ')) {
            EXPECT_EQ(outcome({{"Authorization", "Bearer " + key}}), "INVALID_API_KEY")
                << key.substr(0, 60);
        }
    }
    EXPECT_EQ(outcome({{"Authorization", "Basic dTpw"}}), "INVALID_API_KEY");
    EXPECT_EQ(outcome({{"Authorization", "Bearer" + keys::full}}), "INVALID_API_KEY");
}

TEST_F(Authenticate, TwoKeysMustAgree) {
    const std::string bearer = "Bearer " + keys::full;
    EXPECT_EQ(outcome({{"Authorization", bearer}, {"X-Api-Key", keys::full}}),
              "org 42 projects 1 full");
    EXPECT_EQ(outcome({{"Authorization", bearer}, {"X-Api-Key", keys::foreign}}),
              "INVALID_API_KEY");
    EXPECT_EQ(outcome({{"Authorization", bearer}, {"Authorization", bearer}}), "INVALID_API_KEY");
    EXPECT_EQ(outcome({{"Authorization", "Basic eA"}, {"X-Api-Key", keys::full}}),
              "INVALID_API_KEY");
}

TEST_F(Authenticate, ARefusalDoesNotRepeatTheKey) {
    const auto known = authenticator.identify({{"X-Api-Key", keys::unknown}});
    EXPECT_EQ(to_response(std::get<Problem>(known)).body.find("sfy_"), std::string::npos);
}

TEST_F(Authenticate, ReplacedKeysCountAtOnce) {
    auto keys_now = testing::test_directory().keys;
    keys_now[0].revoked = true;
    keys_now.erase(keys_now.begin() + 1);
    directory.replace_keys(std::move(keys_now));
    EXPECT_EQ(outcome({{"X-Api-Key", keys::full}}), "INVALID_API_KEY");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::read}}), "INVALID_API_KEY");
    EXPECT_EQ(outcome({{"X-Api-Key", keys::foreign}}), "org 43 projects 3 full");
}

TEST_F(Authenticate, AReplacedDirectoryCountsAtOnce) {
    auto content = testing::test_directory();
    content.keys[0].revoked = true;
    directory.replace(std::move(content));
    EXPECT_EQ(outcome({{"X-Api-Key", keys::full}}), "INVALID_API_KEY");
}

}  // namespace
}  // namespace gw::http
