// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/log_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

namespace gw::obs {
namespace {

using ports::LogField;
using ports::LogLevel;
using testing::HasSubstr;
using testing::Not;

constexpr UtcTime at{
    std::chrono::microseconds{1'768'471'200'123'456}};  // 2026-01-15T10:00:00.123456Z

std::string line_with(const std::vector<LogField>& fields, std::string_view event = "tested") {
    return format_log_line(at, LogLevel::info, event, fields);
}

TEST(LogLine, IsOneJsonObjectInAFixedOrder) {
    EXPECT_EQ(
        line_with({{"text", "a\"b\\c\n\t\x01"},
                   {"count", 3},
                   {"big", std::numeric_limits<std::uint64_t>::max()},
                   {"share", 0.25},
                   {"on", true},
                   {"odd", std::numeric_limits<double>::infinity()}}),
        R"({"time":"2026-01-15T10:00:00.123456Z","level":"info","event":"tested","text":"a\"b\\c\n\t\u0001",)"
        R"("count":3,"big":9223372036854775807,"share":0.25,"on":true,"odd":null})"
        "\n");
}

TEST(LogLine, MasksPhoneNumbersByKind) {
    const auto line = line_with({LogField::phone("from", "+31612345678")});
    EXPECT_THAT(line, HasSubstr(R"("from":"+316******78"})"));
}

TEST(LogLine, NeverPrintsASecretWhole) {
    const std::string rest = "0123456789abcdef0123456789abcdef";
    for (const std::string prefix : {"sfy_live_", "sfy_org_", "whsec_", "KEY"}) {
        const auto secret = prefix + rest;
        for (const auto& text :
             {secret, "x" + secret + "y", "a " + secret + " b " + secret, "Bearer " + secret}) {
            const auto line = line_with({{"value", text}}, text);
            EXPECT_THAT(line, Not(HasSubstr("0123456789"))) << text;
            EXPECT_THAT(line, HasSubstr(prefix + "***")) << text;
            EXPECT_THAT(line_with({{text, 1}}), Not(HasSubstr("0123456789"))) << text;
        }
    }
    EXPECT_EQ(redact("postgres://gw:pa@ss@db/x and https://h/a@b"),
              "postgres://***@db/x and https://h/a@b");
    EXPECT_EQ(redact("KEYBOAR, whsec_ and a KEY"), "KEYBOAR, whsec_ and a KEY");
}

TEST(LogLine, ASecretAtTheCutIsNotPrintedHalf) {
    const std::string secret = "sfy_live_0123456789abcdef0123456789abcdef0123456789abcdef";
    for (std::size_t before = 2'048 - secret.size(); before <= 2'048; ++before) {
        const auto line = line_with({{"value", std::string(before, '.') + secret}});
        ASSERT_THAT(line, Not(HasSubstr("live_0"))) << before;
    }
}

TEST(LogLine, ReplacesBytesThatAreNotUtf8) {
    // Lone continuation, overlong '/', surrogate, past U+10FFFF, cut sequence; then a good one.
    const std::vector<std::string> bad{"\x80",     "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                       "\xE2\x82", "\xFF"};
    for (const auto& text : bad) {
        const auto line = line_with({{"value", text + "\xE2\x82\xAC"}, {text, 1}}, text);
        const auto parsed = nlohmann::json::parse(line);  // throws on bytes that are not UTF-8
        EXPECT_THAT(parsed.at("value").get<std::string>(), testing::EndsWith("\xE2\x82\xAC"));
        EXPECT_THAT(parsed.at("value").get<std::string>(), testing::StartsWith("\xEF\xBF\xBD"));
    }
}

TEST(LogLine, IsBoundedAndStaysJson) {
    const std::string big(1'000'000, 'x');
    const std::string euros = [] {
        std::string text;
        for (int i = 0; i < 1'000; ++i) {
            text += "\xE2\x82\xAC";
        }
        return text;
    }();
    std::vector<LogField> fields{{"euros", euros},
                                 {"controls", std::string_view(big).substr(0, 0)}};
    const std::string controls(3'000, '\x01');
    const std::string key(500, 'k');
    for (int i = 0; i < 40; ++i) {
        fields.insert(fields.end(), {{"big", big}, {"controls", controls}, {key, i}});
    }
    const auto line = line_with(fields, big);
    EXPECT_LE(line.size(), log_line_bytes_max);
    EXPECT_EQ(line.back(), '\n');
    EXPECT_EQ(std::ranges::count(line, '\n'), 1);
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_GT(parsed.at("fields_cut").get<int>(), 0);
    EXPECT_THAT(parsed.at("euros").get<std::string>(),
                testing::EndsWith("\xE2\x82\xAC\xE2\x80\xA6"));
}

}  // namespace
}  // namespace gw::obs
