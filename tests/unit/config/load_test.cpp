// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "tests/unit/config/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using test::load;
using test::valid;
using test::with;
using test::with_agent;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Load, FillsSettingsFromTheDocument) {
    const auto result = load(valid);
    ASSERT_THAT(result.faults, IsEmpty());
    const auto& s = *result.settings;
    EXPECT_EQ(s.http.public_url, "https://gw.example.com");
    EXPECT_EQ(s.telnyx.api_key.reveal(), "KEYcanary");
    EXPECT_THAT(s.telnyx.public_keys, ElementsAre(std::string(test::public_key)));
    EXPECT_DOUBLE_EQ(s.webhooks.jitter, 0.2);
    ASSERT_EQ(s.orgs.size(), 1U);
    EXPECT_EQ(s.orgs[0].tier, Tier::growth);
    ASSERT_EQ(s.projects.size(), 1U);
    EXPECT_EQ(s.projects[0].org_id, 42);
    ASSERT_EQ(s.agents.size(), 1U);
    EXPECT_EQ(s.agents[0].max_duration, 900s);
    EXPECT_THAT(s.agents[0].phone_numbers, ElementsAre("+31850012345"));
    EXPECT_EQ(s.agents[0].webhook_url, "https://a.example.com/hook");
    ASSERT_TRUE(s.agents[0].webhook_secret);
    EXPECT_EQ(s.agents[0].webhook_secret->reveal(), test::webhook_secret);
    EXPECT_EQ(s.agents[0].rates.rate_per_minute_micro, 250'000);
    ASSERT_EQ(s.webhook_endpoints.size(), 1U);
    EXPECT_EQ(s.webhook_endpoints[0].owner_id, 42);
    ASSERT_EQ(s.api_keys.size(), 1U);
    EXPECT_EQ(s.api_keys[0].project_id, 1);
    EXPECT_EQ(s.api_keys[0].org_id, std::nullopt);
}

TEST(Load, FillsDefaultsOfTheTable) {
    const auto result = load(valid);
    ASSERT_TRUE(result.settings);
    const auto& s = *result.settings;
    EXPECT_EQ(s.http.listen, "127.0.0.1:8080");
    EXPECT_EQ(s.admin.listen, "127.0.0.1:9090");
    EXPECT_EQ(s.store.url.reveal(), "sqlite:data/gateway.db");
    EXPECT_EQ(s.telnyx.settle, 2000ms);
    EXPECT_EQ(s.reconcile.idle, 60s);
    EXPECT_EQ(s.drain_timeout, 3600s);
    EXPECT_THAT(s.webhooks.retry_schedule,
                ElementsAre(5s, 30s, 120s, 600s, 1800s, 7200s, 21600s, 43200s, 86400s));
    EXPECT_EQ(s.agents[0].language, "en-US");
    EXPECT_EQ(s.agents[0].on_voicemail, OnVoicemail::proceed);
    EXPECT_THAT(s.agents[0].webhook_events, ElementsAre("*"));
    EXPECT_FALSE(s.redis || s.llm || s.recordings.s3 || s.http.tls);
}

TEST(Load, DefaultsOfTheTableAreThoseOfTheTypes) {
    const auto result = load(valid);
    ASSERT_TRUE(result.settings);
    const auto& s = *result.settings;
    const Settings plain;
    EXPECT_EQ(s.http.limits.connections_max, plain.http.limits.connections_max);
    EXPECT_EQ(s.http.limits.connections_per_address_max,
              plain.http.limits.connections_per_address_max);
    EXPECT_EQ(s.http.limits.requests_per_connection_max,
              plain.http.limits.requests_per_connection_max);
    EXPECT_EQ(s.http.limits.api_body_bytes_max, plain.http.limits.api_body_bytes_max);
    EXPECT_EQ(s.http.limits.webhook_body_bytes_max, plain.http.limits.webhook_body_bytes_max);
    EXPECT_EQ(s.http.limits.header_timeout, plain.http.limits.header_timeout);
    EXPECT_EQ(s.http.limits.body_timeout, plain.http.limits.body_timeout);
    EXPECT_EQ(s.http.limits.idle_timeout, plain.http.limits.idle_timeout);
    EXPECT_EQ(s.store.url, plain.store.url);
    EXPECT_EQ(s.telnyx.api_base, plain.telnyx.api_base);
    EXPECT_EQ(s.telnyx.webhook_tolerance, plain.telnyx.webhook_tolerance);
    EXPECT_EQ(s.telnyx.settle, plain.telnyx.settle);
    EXPECT_EQ(s.telnyx.park, plain.telnyx.park);
    EXPECT_EQ(s.telnyx.command_timeout, plain.telnyx.command_timeout);
    EXPECT_EQ(s.telnyx.command_budget, plain.telnyx.command_budget);
    EXPECT_EQ(s.calls.ring_timeout, plain.calls.ring_timeout);
    EXPECT_EQ(s.calls.max_duration_margin, plain.calls.max_duration_margin);
    EXPECT_EQ(s.reconcile.interval, plain.reconcile.interval);
    EXPECT_EQ(s.gather.grace, plain.gather.grace);
    EXPECT_EQ(s.webhooks.retry_schedule, plain.webhooks.retry_schedule);
    EXPECT_EQ(s.webhooks.timeout, plain.webhooks.timeout);
    EXPECT_EQ(s.webhooks.expire, plain.webhooks.expire);
    EXPECT_EQ(s.webhooks.in_flight_max, plain.webhooks.in_flight_max);
    EXPECT_EQ(s.webhooks.in_flight_per_endpoint_max, plain.webhooks.in_flight_per_endpoint_max);
    EXPECT_EQ(s.log.level, plain.log.level);
    EXPECT_EQ(s.log.lines_per_event_per_second, plain.log.lines_per_event_per_second);
    const AgentSettings agent;
    EXPECT_EQ(s.agents[0].silence_timeout, agent.silence_timeout);
    EXPECT_EQ(s.agents[0].voice_format, agent.voice_format);
}

TEST(Load, ReadsEveryWordOfEveryChoice) {
    const auto agent = [](const std::string& members) {
        auto result = load(with_agent(members));
        EXPECT_THAT(result.faults, IsEmpty()) << members;
        return result.settings.value_or(Settings{}).agents.at(0);
    };
    EXPECT_EQ(agent(R"("voice_format": "PCMU")").voice_format, VoiceFormat::pcmu);
    EXPECT_EQ(agent(R"("voice_format": "PCMA")").voice_format, VoiceFormat::pcma);
    EXPECT_EQ(agent(R"("voice_format": "L16/8000")").voice_format, VoiceFormat::l16_8000);
    EXPECT_EQ(agent(R"("voice_format": "L16/16000")").voice_format, VoiceFormat::l16_16000);
    EXPECT_EQ(agent(R"("voice_format": "L16/24000")").voice_format, VoiceFormat::l16_24000);
    EXPECT_EQ(agent(R"("voice": "male")").voice, Voice::male);
    EXPECT_EQ(agent(R"("on_voicemail": "hangup")").on_voicemail, OnVoicemail::hangup);
    const auto speak = agent(R"("fallback": {"action": "speak", "text": "bye"})").fallback;
    EXPECT_EQ(speak.action, FallbackAction::speak);
    EXPECT_EQ(speak.text, "bye");
    const auto transfer =
        agent(R"("fallback": {"action": "transfer", "destination": "+3185"})").fallback;
    EXPECT_EQ(transfer.action, FallbackAction::transfer);
    EXPECT_EQ(transfer.destination, "+3185");
    const auto level = [](const std::string& word) {
        return load(with(valid, R"("webhooks":)",
                         R"("log": {"level": ")" + word + R"("}, "webhooks":)"))
            .settings.value_or(Settings{})
            .log.level;
    };
    EXPECT_EQ(level("debug"), LogThreshold::debug);
    EXPECT_EQ(level("warn"), LogThreshold::warn);
    EXPECT_EQ(level("error"), LogThreshold::error);
}

TEST(Load, ReadsMoneyExactly) {
    const auto micros = [](const std::string& number) {
        const auto result = load(with(valid, "0.25", number));
        return result.settings ? result.settings->agents[0].rates.rate_per_minute_micro : -1;
    };
    EXPECT_EQ(micros("0.1"), 100'000);
    EXPECT_EQ(micros("0.000001"), 1);
    EXPECT_EQ(micros("1e-06"), 1);
    EXPECT_EQ(micros("2.5E-1"), 250'000);
    EXPECT_EQ(micros("0.1000000000"), 100'000);
    EXPECT_EQ(micros("1000"), 1'000'000'000);
    EXPECT_EQ(micros("1e3"), 1'000'000'000);
    EXPECT_EQ(micros("999.999999"), 999'999'999);
    EXPECT_EQ(micros("0"), 0);
    EXPECT_EQ(micros("-0.0"), 0);
    EXPECT_EQ(micros("0.0000001"), -1);
    EXPECT_EQ(micros("1000.000001"), -1);
    EXPECT_EQ(micros("-0.1"), -1);
    EXPECT_EQ(micros("1e99"), -1);
    EXPECT_EQ(micros("18446744073709551616"), -1);
}

TEST(Load, TakesOneKeyOrTwo) {
    const auto one = std::string("\"") + std::string(test::public_key) + "\"";
    const auto two = "[" + one + ", \"" + std::string(test::other_public_key) + "\"]";
    const auto result = load(with(valid, one, two));
    ASSERT_TRUE(result.settings) << testing::PrintToString(result.faults);
    EXPECT_EQ(result.settings->telnyx.public_keys.size(), 2U);
}

// Every key that clients and tests rely on, in its usual form, with comments.
TEST(Load, TakesEveryPublishedKeyInOneDocument) {
    const std::string text = R"({
      // where it listens
      "http": {"listen": "127.0.0.1:18080", "public_url": "https://calls.example.com"},
      "admin": {"listen": "127.0.0.1:19090"},
      "store": {"url": "sqlite:data/calls.db"},
      "redis": {"url": "redis://cache:6379/0"},
      "telnyx": {"api_base": "https://api.telnyx.com/v2", "api_key": "env:CARRIER_KEY",
                 "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                 "connection_id": "9876543210", "webhook_tolerance_seconds": 300},
      "recordings": {"s3": {"endpoint": "https://s3.eu-west-1.amazonaws.com",
                            "region": "eu-west-1", "bucket": "r", "access_key_id": "env:S3_ID",
                            "secret_access_key": "env:S3_SECRET", "path_style": false}},
      "reconcile": {"idle_seconds": 60, "interval_seconds": 15},
      "gather": {"grace_seconds": 30}, "drain_timeout_seconds": 3600,
      "webhooks": {"retry_schedule_seconds": [5, 30, 120, 600, 1800, 7200, 21600, 43200, 86400],
                   "jitter": 0.2, "timeout_seconds": 15, "allow_private_networks": false},
      "llm": {"base_url": "https://llm.example.com/v1", "api_key": "env:LLM_KEY",
              "model": "small-1"},
      "orgs": [{"id": 3, "name": "Umbrella", "tier": "enterprise"}],
      "projects": [{"id": 5, "public_id": "proj_00000005", "org_id": 3, "name": "Desk"}],
      "agents": [{"id": 9, "public_id": "agent_0a1b2c3d", "project_id": 5, "name": "Desk Agent",
                  "phone_numbers": ["+31201234567"], "language": "nl-NL", "voice": "female",
                  "server_url": "https://desk.example.com/start",
                  "voice_url": "wss://desk.example.com/voice",
                  "webhook_url": "https://desk.example.com/hook", "webhook_secret": "env:HOOK",
                  "max_duration": 1800, "silence_timeout_seconds": 30, "recording": false,
                  "rates": {"rate_per_minute": 0.25, "call_rate_per_minute": 0.22,
                            "recording_rate_per_minute": 0, "transfer_rate_per_minute": 0,
                            "llm_discount_per_minute": 0}}],
      "webhook_endpoints": [{"level": "org", "org_id": 3, "url": "https://all.example.com/",
                             "secret": "env:HOOK", "events": ["*"]}],
      "api_keys": [{"key_sha256":
                      "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
                    "project_id": 5, "scope": "full"}]
    })";
    const auto result = load(text, {{"CARRIER_KEY", "KEYx"},
                                    {"S3_ID", "AKIAx"},
                                    {"S3_SECRET", "s3secret"},
                                    {"LLM_KEY", "sk-x"},
                                    {"HOOK", std::string(test::webhook_secret)}});
    EXPECT_THAT(result.faults, testing::IsEmpty());
    ASSERT_TRUE(result.settings);
    ASSERT_TRUE(result.settings->recordings.s3);
    EXPECT_EQ(result.settings->recordings.s3->bucket, "r");
    EXPECT_EQ(result.settings->webhook_endpoints.at(0).owner_id, 3);
}

TEST(Load, AllowsComments) {
    EXPECT_TRUE(load("// a\n/* b */" + valid + "// c").settings);
}

TEST(Load, FollowsEnvironmentAndFileReferences) {
    const auto text = with(with(valid, "KEYcanary", "env:TELNYX"),
                           R"("webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")",
                           R"("webhook_secret": "file:hook.secret")");
    const auto result = load(text, {{"TELNYX", "KEYfromenv"}}, [](const std::string& path) {
        EXPECT_EQ(path, "hook.secret");
        return FileText{std::string(test::webhook_secret) + "\n", {}};
    });
    ASSERT_TRUE(result.settings) << testing::PrintToString(result.faults);
    EXPECT_EQ(result.settings->telnyx.api_key.reveal(), "KEYfromenv");
    EXPECT_EQ(result.settings->agents[0].webhook_secret->reveal(), test::webhook_secret);
}

TEST(Load, TellsAllFaultsAtOnce) {
    auto text = with(valid, "900", "-5");
    text = with(text, "growth", "gold");
    text = with(text, "+31850012345", "0850012345");
    text = with(text, R"("connection_id": "123")", R"("conection_id": "123")");
    text = with(text, "KEYcanary", "env:NOT_THERE");
    text = with(text, R"("jitter": 0.2)", R"("jitter": "0.2")");
    const auto result = load(text);
    EXPECT_FALSE(result.settings);
    EXPECT_THAT(
        result.faults,
        testing::UnorderedElementsAre(
            "gw.json: $.agents[0].max_duration: must be 1..86400, is -5",
            R"(gw.json: $.orgs[0].tier: must be one of "payg", "starter", "growth", "enterprise", is "gold")",
            "gw.json: $.agents[0].phone_numbers[0]: must be an E.164 number such as +31850012345, "
            "is "
            "\"0850012345\"",
            HasSubstr("gw.json: $.telnyx.conection_id: unknown key; known here: api_base, "),
            "gw.json: $.telnyx.connection_id: missing; must be letters, digits, '.', '_' and '-'",
            "gw.json: $.telnyx.api_key: environment variable NOT_THERE is not set",
            "gw.json: $.webhooks.jitter: must be a number in 0..1, is a string"));
}

TEST(Load, BoundsTheNumberOfFaults) {
    std::string numbers;
    for (int i = 0; i < 1000; ++i) {
        numbers += (i == 0 ? "\"x\"" : ", \"x\"");
    }
    const auto result = load(with(valid, "\"+31850012345\"", numbers));
    EXPECT_EQ(result.faults.size(), 201U);
    EXPECT_EQ(result.faults.back(), "gw.json: and 800 more");
}

TEST(Load, NeverShowsASecretInAFault) {
    const std::string canary = "CANARY CANARY";  // the space makes it a wrong token everywhere
    const auto text =
        R"({"http": {"listen": "env:X", "public_url": "env:X", "tls": {"key_file": "file:X"}},
        "store": {"url": "CANARY CANARY"}, "redis": {"url": "redis://:CANARY CANARY@h"},
        "telnyx": {"api_key": "CANARY CANARY", "public_key": ["CANARY CANARY", "env:X"]},
        "llm": {"api_key": "env:X", "model": 7, "base_url": "https://CANARY:CANARY@h"},
        "recordings": {"s3": {"secret_access_key": "CANARY CANARY", "access_key_id": "env:X"}},
        "agents": [{"phone_numbers": ["env:X"], "webhook_secret": "CANARY CANARY",
                    "webhook_url": "https://h/?CANARY CANARY"}],
        "api_keys": [{"key_sha256": "CANARY CANARY"}]})";
    const auto result =
        load(text, {{"X", canary}}, [&](const std::string&) { return FileText{canary, {}}; });
    EXPECT_GE(result.faults.size(), 15U);
    for (const auto& fault : result.faults) {
        EXPECT_THAT(fault, testing::Not(HasSubstr("CANARY")));
    }
    const auto broken = load(R"({"telnyx": {"api_key": "CANARY)");
    ASSERT_EQ(broken.faults.size(), 1U);
    EXPECT_THAT(broken.faults[0], testing::Not(HasSubstr("CANARY")));
}

TEST(Secret, PrintsStars) {
    std::ostringstream out;
    out << SecretString("canary");
    EXPECT_EQ(out.str(), "***");
    static_assert(!std::is_convertible_v<SecretString, std::string_view>);
    static_assert(!std::is_convertible_v<SecretString, std::string>);
}

TEST(Secret, KeepsItsValueThroughCopyAndMoveAndLeavesNothingBehind) {
    SecretString first("a canary longer than any inline buffer of a string");
    SecretString copy(first);
    const SecretString moved(std::move(copy));
    EXPECT_EQ(moved, first);
    EXPECT_TRUE(copy.empty());  // NOLINT(bugprone-use-after-move): that is the promise under test
    first = SecretString("other");
    EXPECT_EQ(first.reveal(), "other");
}

TEST(Secret, ZeroesItsMemoryWhenItGoes) {
    alignas(SecretString) unsigned char room[sizeof(SecretString)];
    auto* secret = new (room) SecretString("canary");  // short: kept inside the object
    ASSERT_NE(std::string_view(reinterpret_cast<char*>(room), sizeof room).find("canary"),
              std::string_view::npos);
    secret->~SecretString();
    EXPECT_EQ(std::string_view(reinterpret_cast<char*>(room), sizeof room).find("canary"),
              std::string_view::npos);
}

}  // namespace
}  // namespace gw::config
