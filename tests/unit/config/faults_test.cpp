// SPDX-License-Identifier: Apache-2.0
// One line per way to get a configuration wrong: what is spoiled, and the whole of the only fault.
#include "tests/unit/config/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::config {
namespace {

using test::load;
using test::valid;
using test::with;
using test::with_agent;

// clang-format off: tables read better with a case on a line
struct Spoiled {
    const char* name;
    std::string text;
    std::string fault;  // after "gw.json: "
};

class OneFault : public testing::TestWithParam<Spoiled> {};

TEST_P(OneFault, IsToldAlone) {
    const auto result = load(GetParam().text, {{"EMPTY", ""}, {"ODD", "a\tb"}});
    EXPECT_FALSE(result.settings);
    EXPECT_THAT(result.faults, testing::ElementsAre("gw.json: " + GetParam().fault));
}

std::string top(const std::string& members) { return with(valid, R"("webhooks": {)", members + R"(, "webhooks": {)"); }
std::string telnyx(const std::string& members) { return with(valid, R"("api_key")", members + R"(, "api_key")"); }
std::string key(std::string_view text) { return with(valid, test::public_key, text); }
std::string webhooks(const std::string& members) { return with(valid, R"("jitter": 0.2)", members); }
std::string named(std::string_view text) { return with(valid, R"("Support")", text); }

const std::string whsec_member = R"("webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)";
const std::string hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
const std::string bad_key = "must be the base64 of a valid Ed25519 public key (32 bytes)";
const std::string bad_secret = "must be whsec_ and the base64 of 24 to 64 bytes";
const std::string bad_text = "must be a text without control characters";
const std::string bad_url = "must be an http:// or https:// URL without user and fragment";
const std::string nested = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "[";
    }
    return text;
}();

INSTANTIATE_TEST_SUITE_P(
    Document, OneFault,
    testing::Values(
        Spoiled{"NotJson", "{\"http\": {},\n  oops}", "2:3: not JSON: syntax error while parsing object key - invalid literal"},
        Spoiled{"Nul", valid + std::string("\0 x", 3), "1:1: not JSON: holds a NUL"},
        Spoiled{"CutOff", "{\"http\": {", "1:11: not JSON: syntax error while parsing object key - unexpected end of input; expected string literal"},
        Spoiled{"NoObject", "[]", "$: must be an object, is an array"},
        Spoiled{"TooDeep", nested, "$[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested more than 16 deep"},
        Spoiled{"HugeNumber", webhooks("\"jitter\": 1e400"), "5:30: not JSON: a number too large"},
        Spoiled{"RepeatedKey", webhooks(R"("jitter": 0.1, "jitter": 0.2)"), "$.webhooks.jitter: written twice in the same object"},
        Spoiled{"RepeatedKeyInArray", with_agent(R"("recording": true, "recording": false)"), "$.agents[0].recording: written twice in the same object"},
        Spoiled{"UnknownKey", top(R"("colour": "red")"), "$.colour: unknown key; known here: http, admin, store, redis, recordings, telnyx, calls, reconcile, gather, drain_timeout_seconds, webhooks, llm, log, orgs, projects, agents, webhook_endpoints, api_keys"},
        Spoiled{"OddKey", with_agent(R"("fallback": {"a\nb\"": 1})"), R"($.agents[0].fallback["a?b?"]: unknown key; known here: action, destination, text)"},
        Spoiled{"MissingRequired", with(valid, R"("api_key": "KEYcanary",)", ""), "$.telnyx.api_key: missing; must be printable ASCII without spaces"},
        Spoiled{"ObjectExpected", top(R"("log": 7)"), "$.log: must be an object, is a number"},
        Spoiled{"ArrayOfObjectsExpected", with(valid, R"([{"level": "org", "org_id": 42, "url": "https://b.example.com/",
                         "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}])", "{}"), "$.webhook_endpoints: must be an array of objects, is an object"},
        Spoiled{"ItemNoObject", with(valid, R"("api_keys": [)", R"("api_keys": [3, )"), "$.api_keys[0]: must be an object, is a number"},
        Spoiled{"FeatureIncomplete", top(R"("redis": {})"), "$.redis.url: missing; must be redis://host:port/database"},
        Spoiled{"Null", named("null"), "$.agents[0].name: must be a text without control characters, is null"}),
    [](const auto& p) { return p.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Kinds, OneFault,
    testing::Values(
        Spoiled{"Boolean", with_agent(R"("recording": "yes")"), "$.agents[0].recording: must be true or false, is a string"},
        Spoiled{"IntegerText", with_agent(R"("silence_timeout_seconds": "30")"), "$.agents[0].silence_timeout_seconds: must be a whole number of seconds in 1..3600, is a string"},
        Spoiled{"IntegerFraction", with(valid, "900", "1.5"), "$.agents[0].max_duration: must be a whole number of seconds in 1..86400, is 1.5"},
        Spoiled{"IntegerLow", with(valid, "900", "0"), "$.agents[0].max_duration: must be 1..86400, is 0"},
        Spoiled{"IntegerHigh", with(valid, "900", "86401"), "$.agents[0].max_duration: must be 1..86400, is 86401"},
        Spoiled{"IntegerOverflow", with(valid, "900", "99999999999999999999"), "$.agents[0].max_duration: must be a whole number of seconds in 1..86400, is 99999999999999999999"},
        Spoiled{"Milliseconds", telnyx(R"("settle_ms": -1)"), "$.telnyx.settle_ms: must be 0..60000, is -1"},
        Spoiled{"Fraction", webhooks(R"("jitter": 1.5)"), "$.webhooks.jitter: must be a number in 0..1, is 1.5"},
        Spoiled{"MoneyPlaces", with(valid, "0.25", "0.1234567"), "$.agents[0].rates.rate_per_minute: must be an amount with at most 6 decimal places in 0..1000, is 0.1234567"},
        Spoiled{"MoneyHigh", with(valid, "0.25", "1001"), "$.agents[0].rates.rate_per_minute: must be an amount with at most 6 decimal places in 0..1000, is 1001"},
        Spoiled{"Choice", with(valid, "growth", "Growth"), R"($.orgs[0].tier: must be one of "payg", "starter", "growth", "enterprise", is "Growth")"},
        Spoiled{"EmptyText", named(R"("")"), "$.agents[0].name: must not be empty"},
        Spoiled{"LongText", named("\"" + std::string(256, 'x') + "\""), "$.agents[0].name: must be 1..255 bytes long, has 256"},
        Spoiled{"ControlText", named(R"("a\u0000b")"), "$.agents[0].name: " + bad_text},
        Spoiled{"Token", with(valid, "KEYcanary", "KEY canary"), "$.telnyx.api_key: must be printable ASCII without spaces"},
        Spoiled{"Identifier", with(valid, R"("123")", R"("1/3")"), "$.telnyx.connection_id: must be letters, digits, '.', '_' and '-'"},
        Spoiled{"ListenNoPort", top(R"("admin": {"listen": "127.0.0.1"})"), R"($.admin.listen: must be an address such as 127.0.0.1:8080 or [::1]:8080, is "127.0.0.1")"},
        Spoiled{"ListenPort", top(R"("admin": {"listen": "[::1]:65536"})"), R"($.admin.listen: must be an address such as 127.0.0.1:8080 or [::1]:8080, is "[::1]:65536")"},
        Spoiled{"Network", with(valid, R"("public_url")", R"("trusted_proxies": ["10.0.0.0/33"], "public_url")"), R"($.http.trusted_proxies[0]: must be an IP address or network such as 10.0.0.0/8, is "10.0.0.0/33")"},
        Spoiled{"UrlScheme", with(valid, "https://a.example.com/hook", "ftp://a.example.com/hook"), "$.agents[0].webhook_url: " + bad_url},
        Spoiled{"UrlUser", with(valid, "https://a.example.com/hook", "https://u:p@a.example.com/hook"), "$.agents[0].webhook_url: " + bad_url},
        Spoiled{"UrlPort", with(valid, "https://a.example.com/hook", "https://a.example.com:0/hook"), "$.agents[0].webhook_url: " + bad_url},
        Spoiled{"UrlHost", with(valid, "https://a.example.com/hook", "https:///hook"), "$.agents[0].webhook_url: " + bad_url},
        Spoiled{"UrlFragment", with(valid, "https://a.example.com/hook", "https://a.example.com/#x"), "$.agents[0].webhook_url: " + bad_url},
        Spoiled{"UrlQuery", with(valid, "https://gw.example.com", "https://gw.example.com?x=1"), "$.http.public_url: must be an http:// or https:// URL without user, query and fragment"},
        Spoiled{"VoiceUrl", with_agent(R"("voice_url": "https://v")"), "$.agents[0].voice_url: must be a ws:// or wss:// URL without user and fragment"},
        Spoiled{"StoreUrl", top(R"("store": {"url": "mysql://h/db"})"), "$.store.url: must be sqlite:PATH or postgres://user:password@host:port/database"},
        Spoiled{"StoreElsewhere", top(R"("store": {"url": "postgres://u:p@h/db"})"), "$.store.url: this version has the embedded store only; must be sqlite:PATH"},
        Spoiled{"StoreInMemory", top(R"("store": {"url": "sqlite::memory:"})"), "$.store.url: must be sqlite:PATH or postgres://user:password@host:port/database"},
        Spoiled{"RedisUrl", top(R"("redis": {"url": "http://h"})"), "$.redis.url: must be redis://host:port/database"},
        Spoiled{"Phone", with(valid, "+31850012345", "+0123"), R"($.agents[0].phone_numbers[0]: must be an E.164 number such as +31850012345, is "+0123")"},
        Spoiled{"Language", with_agent(R"("language": "en_US")"), R"($.agents[0].language: must be a BCP-47 language tag such as en-US, is "en_US")"},
        Spoiled{"LanguageDash", with_agent(R"("language": "en-")"), R"($.agents[0].language: must be a BCP-47 language tag such as en-US, is "en-")"},
        Spoiled{"ProjectId", with(valid, "proj_1", "project_1"), R"($.projects[0].public_id: must be proj_ and letters, digits, '_' or '-', is "project_1")"},
        Spoiled{"AgentId", with(valid, "agent_7", "agent_"), R"($.agents[0].public_id: must be agent_ and letters, digits, '_' or '-', is "agent_")"},
        Spoiled{"Sha256", with(valid, hash, std::string(64, 'g')), "$.api_keys[0].key_sha256: must be 64 hexadecimal digits"},
        Spoiled{"KeyShort", key("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ=="), "$.telnyx.public_key: " + bad_key},
        Spoiled{"KeySpace", key("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= "), "$.telnyx.public_key: " + bad_key},
        Spoiled{"KeyStrayBits", key("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp="), "$.telnyx.public_key: " + bad_key},
        // The neutral point (order 1) and the point with y = 0 (order 4): RFC 8032 encodings.
        Spoiled{"KeyNeutral", key("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), "$.telnyx.public_key: " + bad_key},
        Spoiled{"KeyOrder4", key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), "$.telnyx.public_key: " + bad_key},
        Spoiled{"SecretPrefix", with(valid, whsec_member, R"("webhook_secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)"), "$.agents[0].webhook_secret: " + bad_secret},
        Spoiled{"SecretShort", with(valid, whsec_member, R"("webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==",)"), "$.agents[0].webhook_secret: " + bad_secret}),
    [](const auto& p) { return p.param.name; });

INSTANTIATE_TEST_SUITE_P(
    ListsAndReferences, OneFault,
    testing::Values(
        Spoiled{"ListExpected", with(valid, R"(["+31850012345"])", R"("+31850012345")"), "$.agents[0].phone_numbers: must be an array, is a string"},
        Spoiled{"EmptySchedule", webhooks(R"("retry_schedule_seconds": [])"), "$.webhooks.retry_schedule_seconds: must have 1..20 items, has 0"},
        Spoiled{"LongSchedule", webhooks(R"("retry_schedule_seconds": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1])"), "$.webhooks.retry_schedule_seconds: must have 1..20 items, has 21"},
        Spoiled{"ScheduleItem", webhooks(R"("retry_schedule_seconds": [5, 604801])"), "$.webhooks.retry_schedule_seconds[1]: must be 1..604800, is 604801"},
        Spoiled{"ThreeKeys", key(R"(", "x", "y)").replace(key(R"(", "x", "y)").find(R"("", "x", "y")"), 12, R"(["a", "b", "c"])"), "$.telnyx.public_key: must have 1..2 items, has 3"},
        Spoiled{"SameKeyTwice", with(valid, "\"" + std::string(test::public_key) + "\"", "[\"" + std::string(test::public_key) + "\", \"" + std::string(test::public_key) + "\"]"), "$.telnyx.public_key[1]: is the same key as the first"},
        Spoiled{"EnvMissing", named(R"("env:NOT_THERE")"), "$.agents[0].name: environment variable NOT_THERE is not set"},
        Spoiled{"EnvNameless", named(R"("env:")"), "$.agents[0].name: env: must be followed by the name of an environment variable"},
        Spoiled{"EnvEmpty", named(R"("env:EMPTY")"), "$.agents[0].name: must not be empty (from environment variable EMPTY)"},
        Spoiled{"EnvOdd", named(R"("env:ODD")"), "$.agents[0].name: " + bad_text + " (from environment variable ODD)"},
        Spoiled{"FileNowhere", named(R"("file:x")"), "$.agents[0].name: file: is not possible here"}),
    [](const auto& p) { return p.param.name; });

const std::string second_agent = R"("agents": [{"id": 8, "public_id": "agent_8", "project_id": 1, "name": "B"}, )";
std::string endpoint(const std::string& members) {
    return with(valid, R"("level": "org", "org_id": 42)", members);
}

INSTANTIATE_TEST_SUITE_P(
    CrossChecks, OneFault,
    testing::Values(
        Spoiled{"OrgTwice", with(valid, R"("orgs": [)", R"("orgs": [{"id": 42, "name": "B"}, )"), "$.orgs[1].id: id already used at $.orgs[0].id"},
        Spoiled{"ProjectIdTwice", with(valid, R"("projects": [)", R"("projects": [{"id": 2, "public_id": "proj_1", "org_id": 42, "name": "B"}, )"), "$.projects[1].public_id: public id already used at $.projects[0].public_id"},
        Spoiled{"ProjectWithoutOrg", with(valid, R"("org_id": 42, "name": "Main")", R"("org_id": 43, "name": "Main")"), "$.projects[0].org_id: there is no id 43 in orgs"},
        Spoiled{"AgentTwice", with(with(valid, R"("agents": [)", second_agent), R"("id": 8)", R"("id": 7)"), "$.agents[1].id: id already used at $.agents[0].id"},
        Spoiled{"AgentWithoutProject", with(valid, R"("project_id": 1, "name": "Support")", R"("project_id": 9, "name": "Support")"), "$.agents[0].project_id: there is no id 9 in projects"},
        Spoiled{"NumberTwice", with(with(valid, R"("agents": [)", second_agent), R"("name": "B")", R"("name": "B", "phone_numbers": ["+3110", "+31850012345"])"), "$.agents[1].phone_numbers[0]: phone number already used at $.agents[0].phone_numbers[1]"},
        Spoiled{"KeyTwice", with(valid, R"("api_keys": [)", R"("api_keys": [{"key_sha256": "5E884898DA28047151D0E56F8DC6292773603D0D6AABBDD62A11EF721D1542D8", "org_id": 42}, )"), "$.api_keys[1].key_sha256: key already used at $.api_keys[0].key_sha256"},
        Spoiled{"KeyOfNobody", with(valid, hash + "\",\n                \"project_id\": 1", hash + "\""), "$.api_keys[0]: must have either project_id or org_id"},
        Spoiled{"KeyOfTwo", with(valid, R"("project_id": 1}])", R"("project_id": 1, "org_id": 42}])"), "$.api_keys[0]: must have either project_id or org_id"},
        Spoiled{"KeyWithoutProject", with(valid, R"("project_id": 1}])", R"("project_id": 5}])"), "$.api_keys[0].project_id: there is no id 5 in projects"},
        Spoiled{"HookWithoutSecret", with(valid, whsec_member, ""), "$.agents[0].webhook_secret: missing; webhook_url needs it"},
        Spoiled{"HookInsecure", with(valid, "https://a.example.com/hook", "http://a.example.com/hook"), "$.agents[0].webhook_url: must be https:// unless webhooks.allow_private_networks is true"},
        Spoiled{"VoiceInsecure", with_agent(R"("voice_url": "ws://v.example.com")"), "$.agents[0].voice_url: must be wss:// unless webhooks.allow_private_networks is true"},
        Spoiled{"VoiceWithoutPublicUrl", with(with_agent(R"("voice_url": "wss://v.example.com")"), R"("public_url": "https://gw.example.com")", ""), "$.http.public_url: missing; the voice_url of $.agents[0] needs it"},
        Spoiled{"AnswerAfterNobody", with_agent(R"("answer_after_server_url": true)"), "$.agents[0].server_url: missing; answer_after_server_url needs it"},
        Spoiled{"TransferNowhere", with_agent(R"("fallback": {"action": "transfer"})"), "$.agents[0].fallback.destination: missing; the action transfer needs it"},
        Spoiled{"SpeakNothing", with_agent(R"("fallback": {"action": "speak"})"), "$.agents[0].fallback.text: missing; the action speak needs it"},
        Spoiled{"EndpointWrongOwner", endpoint(R"("level": "org", "org_id": 42, "agent_id": 7)"), "$.webhook_endpoints[0].agent_id: does not go with this level"},
        Spoiled{"EndpointNoOwner", endpoint(R"("level": "project")"), "$.webhook_endpoints[0].project_id: missing; this level needs it"},
        Spoiled{"EndpointUnknownOwner", endpoint(R"("level": "agent", "agent_id": 8)"), "$.webhook_endpoints[0].agent_id: there is no id 8 in agents"},
        Spoiled{"EndpointInsecure", with(valid, "https://b.example.com/", "http://b.example.com/"), "$.webhook_endpoints[0].url: must be https:// unless webhooks.allow_private_networks is true"},
        Spoiled{"SameAddress", top(R"("admin": {"listen": "127.0.0.1:8080"})"), "$.admin.listen: must not be the address of http.listen"},
        Spoiled{"Budget", telnyx(R"("command_timeout_ms": 5000, "command_budget_ms": 4000)"), "$.telnyx.command_timeout_ms: must not be more than command_budget_ms"},
        Spoiled{"InFlight", webhooks(R"("in_flight_max": 4)"), "$.webhooks.in_flight_per_endpoint_max: must not be more than in_flight_max"}),
    [](const auto& p) { return p.param.name; });

// clang-format on

// A fault in one row hides no fault in another.
TEST(CrossCheck, AFaultyRowDoesNotHideReferencesOfOthers) {
    auto text = with(valid, R"("tier": "growth")", R"("tier": "gold")");
    text = with(text, R"("org_id": 42, "name": "Main")", R"("org_id": 999, "name": "Main")");
    text = with(text, R"("level": "org", "org_id": 42)", R"("level": "org", "org_id": 998)");
    text = with(text, R"("project_id": 1}])", R"("project_id": 997}])");
    EXPECT_THAT(load(text).faults,
                testing::UnorderedElementsAre(
                    testing::StartsWith("gw.json: $.orgs[0].tier: must be "),
                    "gw.json: $.projects[0].org_id: there is no id 999 in orgs",
                    "gw.json: $.webhook_endpoints[0].org_id: there is no id 998 in orgs",
                    "gw.json: $.api_keys[0].project_id: there is no id 997 in projects"));
}

// The reference may mean the row whose id cannot be read.
TEST(CrossCheck, AnUnreadableIdOrArrayLeavesReferencesOpen) {
    const auto row = with(valid, R"({"id": 42, "name")", R"({"id": "42", "name")");
    EXPECT_THAT(load(row).faults,
                testing::ElementsAre(testing::StartsWith("gw.json: $.orgs[0].id: must be ")));
    const auto item = with(valid, R"({"id": 42, "name": "Acme", "tier": "growth"})", "42");
    EXPECT_THAT(load(item).faults,
                testing::ElementsAre("gw.json: $.orgs[0]: must be an object, is a number"));
    const auto array =
        with(valid, R"([{"id": 42, "name": "Acme", "tier": "growth"}])", R"({"id": 42})");
    EXPECT_THAT(load(array).faults,
                testing::ElementsAre("gw.json: $.orgs: must be an array of objects, is an "
                                     "object"));
}

TEST(CrossCheck, PrivateNetworksMayBeInsecure) {
    auto text = webhooks(R"("allow_private_networks": true)");
    text = with(text, "https://a.example.com/hook", "http://127.0.0.1:3000/hook");
    text = with(text, "https://b.example.com/", "http://[::1]:3000/");
    const auto result = load(text);
    EXPECT_TRUE(result.settings) << testing::PrintToString(result.faults);
}

}  // namespace
}  // namespace gw::config
