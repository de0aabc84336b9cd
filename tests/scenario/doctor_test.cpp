// SPDX-License-Identifier: Apache-2.0
// `telnyx-gateway doctor` against the simulator, while the gateway serves and when it does not.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::pair<Ending, std::string> run_doctor(World& world) {
    return run_to_end(
        {.arguments = {gateway_program(), "doctor", "--config", world.config_file().string()},
         .environment = {},
         .log = world.folder() / "doctor.log",
         .folder = world.folder()});
}

TEST(Doctor, FindsARunningInstallationWell) {
    World world;
    world.set_config(
        {{"http", {{"public_url", "http://127.0.0.1:" + std::to_string(world.http_port())}}}});
    const auto [ending, said] = run_doctor(world);
    EXPECT_EQ(ending.exit_code, 0) << said;
    for (const char* line :
         {"ok    configuration: ", "ok    store: can be written", "ok    public key: well-formed",
          "ok    API key: accepted", "ok    connection: 1234567890", "ok    webhook version: 2",
          "ok    webhook URL: http://127.0.0.1:", "warn  public URL: http://127.0.0.1:",
          "ok    stream URL: ws://127.0.0.1:"}) {
        EXPECT_THAT(said, HasSubstr(line));
    }
    EXPECT_TRUE(world.is_ready()) << "the gateway noticed nothing";
    for (const char* secret : {webhook_secret, "KEY"}) {
        EXPECT_THAT(said, Not(HasSubstr(secret)));
    }
}

TEST(Doctor, NamesWhatIsWrongWithItsCure) {
    WorldOptions options;
    options.start = false;
    World world(std::move(options));
    const std::string hook = "http://127.0.0.1:" + std::to_string(world.http_port());
    world.set_config({{"http", {{"public_url", hook}}}, {"telnyx", {{"connection_id", "99"}}}});
    const auto [ending, said] = run_doctor(world);
    EXPECT_EQ(ending.exit_code, 1) << said;
    EXPECT_THAT(said, HasSubstr("warn  store: there is no database yet"));
    EXPECT_THAT(said, HasSubstr("FAIL  connection: 99 is not of this account  -> set"));
    EXPECT_THAT(said, HasSubstr("FAIL  public URL: " + hook + ": connect_failed"));
    EXPECT_THAT(said, HasSubstr("FAIL  stream URL: ws" + hook.substr(4) +
                                "/telnyx/media/: connect_failed"));
    EXPECT_FALSE(std::filesystem::exists(world.folder() / "gateway.db"));

    world.set_config({{"telnyx", {{"connection_id", "1234567890"}, {"api_key", "KEY_of_nobody"}}}});
    const auto [refused, told] = run_doctor(world);
    EXPECT_EQ(refused.exit_code, 1) << told;
    EXPECT_THAT(told, HasSubstr("FAIL  API key: Telnyx refuses it, status 401"));
    EXPECT_THAT(told, Not(HasSubstr("KEY_of_nobody")));
}

TEST(Doctor, NamesAUrlThatPointsElsewhereAndAFaultyConfiguration) {
    World world;
    world.set_config(
        {{"http", {{"public_url", "http://127.0.0.1:" + std::to_string(world.http_port())}}}});
    world.control("PUT", "/webhook_url", {{"url", "http://127.0.0.1:9/elsewhere"}});
    const auto [ending, said] = run_doctor(world);
    EXPECT_EQ(ending.exit_code, 1) << said;
    EXPECT_THAT(said, HasSubstr("FAIL  webhook URL: it is http://127.0.0.1:9/elsewhere, not "));

    // Somebody else than the gateway is there: the simulator.
    const auto api = world.config().at("telnyx").at("api_base").get<std::string>();
    const std::string other = api.substr(0, api.rfind('/'));
    world.set_config({{"http", {{"public_url", other}}}});
    const auto [lost, answer] = run_doctor(world);
    EXPECT_EQ(lost.exit_code, 1) << answer;
    EXPECT_THAT(answer, HasSubstr("FAIL  public URL: " + other + " answers with status 401"));
    EXPECT_THAT(answer, HasSubstr("FAIL  stream URL: ws" + other.substr(4) +
                                  "/telnyx/media/ answers with status 401, not as a gateway"));

    world.set_config({{"webhooks", {{"jitter", 7}}}});
    const auto [faulty, told] = run_doctor(world);
    EXPECT_EQ(faulty.exit_code, 1) << told;
    EXPECT_THAT(told, HasSubstr("FAIL  configuration: "));
    EXPECT_THAT(told, HasSubstr("jitter"));
}

}  // namespace
}  // namespace gw::scenario
