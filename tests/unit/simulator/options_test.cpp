// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/options.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

Parsed parse(std::vector<const char*> flags) {
    flags.insert(flags.begin(), "telnyx-simulator");
    return parse_options(static_cast<int>(flags.size()), flags.data());
}

TEST(Options, TakesFaultsFromFlags) {
    const Parsed parsed = parse({"--duplicate", "0.2", "--delay-ms", "5,50", "--webhook-backoff-ms",
                                 "10,20", "--faults", R"({"commands":{"stall":0.1}})", "--seed",
                                 "9", "--webhook-attempts", "3"});
    ASSERT_TRUE(parsed.options) << parsed.text;
    EXPECT_EQ(parsed.options->faults.duplicate, 0.2);
    EXPECT_EQ(parsed.options->faults.delay_max, milliseconds{50});
    EXPECT_EQ(parsed.options->faults.backoff_ms, (std::vector<std::int64_t>{10, 20}));
    EXPECT_EQ(parsed.options->faults.stall, 0.1);
    EXPECT_EQ(parsed.options->faults.attempts, 3);
    EXPECT_EQ(parsed.options->seed, 9U);
}

TEST(Options, NamesEveryBadFlag) {
    const std::vector<std::vector<const char*>> cases = {{"--duplicate", "1.5"},
                                                         {"--no-such-flag"},
                                                         {"--seed-hex", "12"},
                                                         {"--webhook-url", "ftp:x"},
                                                         {"--webhook-failover-url", "ftp:x"},
                                                         {"--public-url", "gateway.test"},
                                                         {"--delay-ms", "50,5"},
                                                         {"--faults", "{"},
                                                         {"--faults", R"({"webhook":{}})"},
                                                         {"--script", "/nowhere"},
                                                         {"--rate", "0"},
                                                         {"--webhook-attempts", "0"},
                                                         {"--delay-ms", "5"},
                                                         {"--webhook-backoff-ms", "-1"}};
    for (const auto& flags : cases) {
        const Parsed parsed = parse(flags);
        EXPECT_FALSE(parsed.options) << flags[0];
        EXPECT_EQ(parsed.exit_code, 2) << flags[0];
        EXPECT_NE(parsed.text.find(std::string{flags[0]} == "--faults" ? "" : flags[0]),
                  std::string::npos)
            << parsed.text;
        EXPECT_GT(parsed.text.size(), 10U);
    }
}

TEST(Options, RefusesNumbersOutOfTheirRangeAndSaysTheRange) {
    const std::pair<const char*, std::vector<const char*>> cases[] = {
        {"--calls", {"-1", "10000001", "18446744073709551616", "1.5", "", "ten"}},
        {"--seed", {"-1", "18446744073709551616", "0x", "1e3"}},
        {"--dials-max", {"-1", "1000001"}},
        {"--rate", {"-1", "0", "1e300", "inf", "nan"}},
        {"--webhook-backoff-ms", {"3600001", "-1"}},
        {"--stall-ms", {"-1", "3600001"}},
        {"--loss", {"-0.1", "1.1", "nan"}}};
    for (const auto& [flag, values] : cases) {
        for (const char* value : values) {
            const Parsed parsed = parse({flag, value});
            EXPECT_FALSE(parsed.options) << flag << " " << value;
            EXPECT_EQ(parsed.exit_code, 2);
            EXPECT_NE(parsed.text.find(flag), std::string::npos) << parsed.text;
            EXPECT_LT(parsed.text.size(), 200U) << parsed.text;
        }
    }
    EXPECT_EQ(parse({"--seed", "18446744073709551615"}).options->seed, ~std::uint64_t{0});
    EXPECT_EQ(parse({"--dials-max", "0"}).options->dials_max, 0U);
}

TEST(Options, HelpTellsFlagsAndPaths) {
    const Parsed parsed = parse({"--help"});
    EXPECT_EQ(parsed.exit_code, 0);
    for (const char* word :
         {"--webhook-url", "--reply-lost", "POST /events", "give_up_after_ms", "bridged_on_both",
          "greeting", "caller_id_name", "gap_ms", "reorder_hold_ms", "failover_url", "download"}) {
        EXPECT_NE(parsed.text.find(word), std::string::npos) << word;
    }
}

TEST(Options, TellsItsVersion) {
    const Parsed parsed = parse({"--version"});
    EXPECT_EQ(parsed.exit_code, 0);
    EXPECT_TRUE(parsed.text.starts_with("telnyx-simulator ")) << parsed.text;
}

TEST(Options, RefusesJsonTooDeepToBeCopied) {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    const Parsed parsed = parse({"--faults", deep.c_str()});
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_NE(parsed.text.find("64 levels"), std::string::npos) << parsed.text;
}

}  // namespace
}  // namespace gw::simulator
