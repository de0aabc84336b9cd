// SPDX-License-Identifier: Apache-2.0
// What the doctor makes of each answer, as tables.
#include "gateway/doctor/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace gw::doctor {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* hook = "https://gw.example.com/telnyx/webhooks";

Answer answered(unsigned status, std::string body = {}, net::Headers headers = {}) {
    return net::ClientResponse{
        .status = status, .headers = std::move(headers), .body = std::move(body)};
}

std::string printed(const Findings& findings) {
    std::ostringstream out;
    print(findings, out);
    return out.str();
}

std::string application(const std::string& members) {
    return R"({"data":{"id":"77","record_type":"call_control_application",)" + members + "}}";
}

TEST(Doctor, JudgesTheAnswerAboutTheConnection) {
    const std::string good =
        R"("webhook_api_version":"2","webhook_event_url":")" + std::string(hook) + "\"";
    struct Case {
        Answer answer;
        int exit_code;
        const char* says;
    };
    const std::vector<Case> cases = {
        {answered(200, application(good)), 0, "ok    connection: 77"},
        {answered(200, application(good + R"(,"active":false)")), 1, "FAIL  connection: it is not"},
        {answered(200, application(R"("webhook_api_version":"1","webhook_event_url":"x")")), 1,
         "FAIL  webhook version: it is \"1\"  -> set webhook_api_version"},
        {answered(200, application(R"("webhook_event_url":"x")")), 1, "FAIL  webhook version"},
        {answered(200, application(R"("webhook_api_version":2)")), 1, "FAIL  webhook version"},
        {answered(200, application(R"("webhook_api_version":"2",)"
                                   R"("webhook_event_url":"https://old.example.com/x")")),
         1,
         "FAIL  webhook URL: it is https://old.example.com/x, not https://gw.example.com/telnyx"},
        {answered(200, application(R"("webhook_api_version":"2","webhook_event_url":null)")), 1,
         "FAIL  webhook URL: it is not set"},
        {answered(200, "<html>"), 0, "warn  webhook version: the answer is not"},
        {answered(200, R"({"data":[]})"), 0, "warn  webhook version: the answer is not"},
        {answered(401, R"({"errors":[]})"), 1, "FAIL  API key: Telnyx refuses it, status 401"},
        {answered(403), 1, "FAIL  API key"},
        {answered(404), 1, "FAIL  connection: 77 is not of this account"},
        {answered(422), 1, "FAIL  connection: 77 is not of this account"},
        {answered(500), 0, "warn  API key: Telnyx answers with status 500"},
        {answered(302), 0, "warn  API key"},
        {Error(Errc::dns_failed, "api.telnyx.com"), 1, "FAIL  Telnyx API: dns_failed"},
        {Error(Errc::tls_failed), 1, "FAIL  Telnyx API: tls_failed  -> its certificate"},
        {Error(Errc::timeout), 1, "FAIL  Telnyx API: timeout  -> open the way"},
    };
    for (const Case& one : cases) {
        const Findings findings = judge_application(one.answer, "77", hook);
        EXPECT_EQ(exit_code_of(findings), one.exit_code) << printed(findings);
        EXPECT_THAT(printed(findings), HasSubstr(one.says));
    }
}

TEST(Doctor, SaysWhatItCouldNotCompare) {
    const auto without_url = judge_application(
        answered(200, application(R"("webhook_api_version":"2","webhook_event_url":"https://a")")),
        "77", "");
    EXPECT_EQ(exit_code_of(without_url), 0);
    EXPECT_THAT(printed(without_url), HasSubstr("warn  webhook URL: it is https://a, unchecked"));
    const auto without_connection = judge_application(answered(200, "{}"), "", hook);
    EXPECT_EQ(exit_code_of(without_connection), 0);
    EXPECT_THAT(printed(without_connection), HasSubstr("ok    API key: accepted"));
    EXPECT_THAT(printed(without_connection), HasSubstr("warn  connection: not configured"));
}

TEST(Doctor, ShowsWhatAPeerWroteOnOneShortLine) {
    const auto findings = judge_application(
        answered(200,
                 application(R"("webhook_api_version":"2\nok  all: well","webhook_event_url":")" +
                             std::string(5000, 'x') + "\"")),
        "77", hook);
    EXPECT_THAT(printed(findings), Not(HasSubstr("\nok  all")));
    EXPECT_LT(printed(findings).size(), 1000U);
}

TEST(Doctor, JudgesThePublicUrl) {
    struct Case {
        Answer answer;
        const char* url;
        Health health;
        const char* cure;
    };
    const char* secure = "https://gw.example.com";
    const std::vector<Case> cases = {
        {answered(405), secure, Health::ok, ""},
        {answered(405), "http://gw.example.com", Health::warn, "https"},
        {answered(404), secure, Health::fail, "pass /telnyx/webhooks on"},
        {answered(200), secure, Health::fail, "pass /telnyx/webhooks on"},
        {answered(301), secure, Health::fail, "pass /telnyx/webhooks on"},
        {answered(502), secure, Health::fail, "start the gateway"},
        {answered(503), secure, Health::fail, "start the gateway"},
        {Error(Errc::dns_failed), secure, Health::fail, "name"},
        {Error(Errc::connect_failed), secure, Health::fail, "firewall"},
        {Error(Errc::tls_failed), secure, Health::fail, "certificate"},
        {Error(Errc::protocol), secure, Health::fail, "HTTP server"},
        {Error(Errc::invalid), secure, Health::fail, "check the URL"},
    };
    for (const Case& one : cases) {
        const Finding finding = judge_public_url(one.answer, one.url);
        EXPECT_EQ(finding.health, one.health) << finding.finding;
        EXPECT_THAT(finding.cure, HasSubstr(one.cure)) << finding.finding;
    }
}

TEST(Doctor, JudgesTheStreamUrl) {
    const std::string ours = R"({"error":"Not found","code":"NOT_FOUND","message":"Not found"})";
    struct Case {
        Answer answer;
        const char* url;
        Health health;
        const char* says;
        const char* cure;
    };
    const char* secure = "https://gw.example.com";
    const std::vector<Case> cases = {
        {answered(404, ours), secure, Health::ok, "wss://gw.example.com/telnyx/media/ reaches", ""},
        {answered(404, ours), "http://127.0.0.1:8080", Health::ok, "ws://127.0.0.1:8080/", ""},
        {answered(404, ours), "http://localhost/gw", Health::ok, "ws://localhost/gw/telnyx", ""},
        {answered(404, ours), "http://[::1]:8080", Health::ok, "ws://[::1]:8080/telnyx", ""},
        {answered(404, ours), "http://gw.example.com", Health::warn, "without TLS", "https"},
        {answered(404, ours), "http://localhost.example.com", Health::warn, "without TLS", "https"},
        {answered(404, ours), "http://127.0.0.10", Health::warn, "without TLS", "https"},
        {answered(503, ours), secure, Health::ok, "reaches", ""},
        {answered(200, ours), secure, Health::fail, "status 200, not as", "Upgrade header"},
        {answered(404), secure, Health::fail, "status 404, not as", "Upgrade header"},
        {answered(404, "<html>"), secure, Health::fail, "status 404", "pass /telnyx/media/ on"},
        {answered(404, R"({"error":"nothing"})"), secure, Health::fail, "status 404", "proxy"},
        {answered(404, R"(["error"])"), secure, Health::fail, "status 404", "proxy"},
        {answered(301), secure, Health::fail, "status 301", "pass /telnyx/media/ on"},
        {answered(502, "<html>"), secure, Health::fail, "status 502", "start the gateway"},
        {Error(Errc::dns_failed), secure, Health::fail, "wss://gw.example.com/telnyx/media/: dns",
         "name"},
        {Error(Errc::connect_failed), secure, Health::fail, "connect_failed", "firewall"},
        {Error(Errc::tls_failed), secure, Health::fail, "tls_failed", "certificate"},
        {Error(Errc::protocol), secure, Health::fail, "protocol", "something else"},
    };
    for (const Case& one : cases) {
        const Finding finding = judge_stream_url(one.answer, one.url);
        EXPECT_EQ(finding.health, one.health) << finding.finding;
        EXPECT_EQ(finding.what, "stream URL");
        EXPECT_THAT(finding.finding, HasSubstr(one.says));
        EXPECT_THAT(finding.cure, HasSubstr(one.cure)) << finding.finding;
        EXPECT_EQ(finding.cure.empty(), one.health == Health::ok) << finding.finding;
    }
}

TEST(Doctor, JudgesTheClock) {
    const UtcTime theirs = parse_rfc3339("2026-11-23T10:00:00Z").value();
    const Answer dated = answered(200, "", {{"Date", "Mon, 23 Nov 2026 10:00:00 GMT"}});
    struct Case {
        seconds asked;
        seconds took;
        Health health;
        const char* says;
    };
    for (const Case& one : std::vector<Case>{
             {seconds{0}, seconds{0}, Health::ok, "within a second"},
             {seconds{-4}, seconds{5}, Health::ok, "within a second"},  // a slow answer is no skew
             {seconds{5}, seconds{0}, Health::ok, "4 s ahead"},
             {seconds{-5}, seconds{0}, Health::ok, "5 s behind"},
             {seconds{31}, seconds{1}, Health::warn, "30 s ahead"},
             {seconds{-31}, seconds{1}, Health::warn, "30 s behind"},
             {seconds{152}, seconds{0}, Health::fail, "151 s ahead"},
             {seconds{-7200}, seconds{0}, Health::fail, "7200 s behind"},
         }) {
        const Finding finding =
            judge_clock(dated, theirs + one.asked, theirs + one.asked + one.took, seconds{300});
        EXPECT_EQ(finding.health, one.health) << finding.finding;
        EXPECT_THAT(finding.finding, HasSubstr(one.says));
    }
    for (const Answer& mute : {answered(200), answered(200, "", {{"Date", "yesterday"}}),
                               Answer(Error(Errc::timeout))}) {
        EXPECT_EQ(judge_clock(mute, theirs, theirs, seconds{300}).health, Health::warn);
    }
}

TEST(Doctor, JudgesTheStorage) {
    EXPECT_EQ(judge_storage(answered(403), "https://s3").health, Health::ok);
    EXPECT_EQ(judge_storage(answered(200), "https://s3").health, Health::ok);
    EXPECT_EQ(judge_storage(answered(503), "https://s3").health, Health::warn);
    EXPECT_EQ(judge_storage(Error(Errc::connect_failed), "https://s3").health, Health::fail);
}

TEST(Doctor, JudgesTheStore) {
    struct Case {
        StoreFacts facts;
        Health health;
        const char* cure;
    };
    for (const Case& one : std::vector<Case>{
             {{.exists = true, .schema = 6, .schema_known = 6, .write_fault = ""}, Health::ok, ""},
             {{.exists = true, .schema = 5, .schema_known = 6, .write_fault = ""},
              Health::warn,
              "migrate"},
             {{.exists = true, .schema = 7, .schema_known = 6, .write_fault = ""},
              Health::fail,
              "newer program"},
             {{.exists = false, .schema = 0, .schema_known = 6, .write_fault = ""},
              Health::warn,
              "migrate"},
             {{.exists = false, .schema = 0, .schema_known = 6, .write_fault = "no"},
              Health::fail,
              "owner"},
             {{.exists = true, .schema = 6, .schema_known = 6, .write_fault = "readonly"},
              Health::fail,
              "owner"},
         }) {
        const Finding finding = judge_store(one.facts);
        EXPECT_EQ(finding.health, one.health) << finding.finding;
        EXPECT_THAT(finding.cure, HasSubstr(one.cure));
    }
}

}  // namespace
}  // namespace gw::doctor
