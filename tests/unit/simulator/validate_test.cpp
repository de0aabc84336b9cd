// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/validate.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace gw::simulator {
namespace {

using nlohmann::json;

const json dial = {
    {"to", "+31612340300"}, {"from", "+31612340100"}, {"connection_id", "2811212257810187001"}};

// The smallest body each command takes.
json smallest(std::string_view command) {
    static const std::map<std::string_view, json> bodies = {
        {"dial", dial},
        {"reject", {{"cause", "USER_BUSY"}}},
        {"transfer", {{"to", "+31612340300"}}},
        {"bridge", {{"call_control_id", "v3:x"}}},
        {"gather_using_speak", {{"payload", "hi"}, {"voice", "female"}}},
        {"speak", {{"payload", "hi"}, {"voice", "female"}}},
        {"playback_start", {{"audio_url", "https://media.example.com/a.mp3"}}},
        {"record_start", {{"format", "wav"}, {"channels", "dual"}}},
        {"streaming_start", {{"stream_url", "wss://gateway.example.com/media"}}},
        {"send_dtmf", {{"digits", "1w2"}}},
        {"client_state_update", {{"client_state", "aGk="}}},
    };
    const auto found = bodies.find(command);
    return found == bodies.end() ? json::object() : found->second;
}

std::string codes(std::string_view command, const json& body) {
    std::string list;
    for (const ApiError& error : validate(*find_command(command), body)) {
        list += (list.empty() ? "" : " ") + error.code + error.pointer;
    }
    return list;
}

std::string codes_with(std::string_view command, const json& more) {
    json body = smallest(command);
    body.update(more);
    return codes(command, body);
}

TEST(Validate, TakesTheSmallestBodyOfEveryCommand) {
    for (const CommandSpec& command : command_table()) {
        EXPECT_EQ(codes(command.name, smallest(command.name)), "") << command.name;
    }
}

TEST(Validate, NamesAnUnknownFieldOfEveryCommand) {
    for (const CommandSpec& command : command_table()) {
        EXPECT_EQ(codes_with(command.name, {{"no_such_field", 1}}), "10015/no_such_field")
            << command.name;
    }
}

TEST(Validate, NamesEveryMissingRequiredField) {
    for (const CommandSpec& command : command_table()) {
        for (const auto& group : command.groups) {
            for (const Field& field : group) {
                json body = smallest(command.name);
                if (field.required) {
                    ASSERT_EQ(body.erase(std::string{field.name}), 1U) << command.name;
                    EXPECT_EQ(codes(command.name, body), "10004/" + std::string{field.name});
                }
            }
        }
    }
}

TEST(Validate, RefusesAWrongTypeInEveryField) {
    for (const CommandSpec& command : command_table()) {
        for (const auto& group : command.groups) {
            for (const Field& field : group) {
                const bool wants_array =
                    field.type == FieldType::headers || field.type == FieldType::sip_headers;
                const json wrong = wants_array ? json(true) : json::array({json::array()});
                const std::string got =
                    codes_with(command.name, {{std::string{field.name}, wrong}});
                EXPECT_NE(got.find("/" + std::string{field.name}), std::string::npos)
                    << command.name << " " << field.name << ": " << got;
            }
        }
    }
}

TEST(Validate, RefusesAWordThatIsNotInTheEnum) {
    for (const CommandSpec& command : command_table()) {
        for (const auto& group : command.groups) {
            for (const Field& field : group) {
                if (field.words.empty() || field.type != FieldType::text) {
                    continue;
                }
                const std::string code{field.range_code.empty() ? "10032" : field.range_code};
                const std::string refused =
                    codes_with(command.name, {{std::string{field.name}, "no-such-word"}});
                EXPECT_TRUE(refused.starts_with(code + "/" + std::string{field.name})) << refused;
                for (const std::string_view word : split_words(field.words)) {
                    const std::string got =
                        codes_with(command.name, {{std::string{field.name}, word}});
                    EXPECT_EQ(got.find("10032"), std::string::npos)
                        << command.name << " " << field.name;
                }
            }
        }
    }
}

TEST(Validate, HoldsTheBoundsOfEveryNumber) {
    for (const CommandSpec& command : command_table()) {
        for (const auto& group : command.groups) {
            for (const Field& field : group) {
                if (field.type != FieldType::integer || !field.words.empty()) {
                    continue;
                }
                const std::string name{field.name};
                const std::string code{field.range_code.empty() ? "10033" : field.range_code};
                EXPECT_EQ(codes_with(command.name, {{name, field.min}}), "") << name;
                EXPECT_EQ(codes_with(command.name, {{name, field.min - 1}}), code + "/" + name);
                if (field.max != std::numeric_limits<std::int64_t>::max()) {
                    EXPECT_EQ(codes_with(command.name, {{name, field.max}}), "") << name;
                    EXPECT_EQ(codes_with(command.name, {{name, field.max + 1}}), code + "/" + name);
                }
            }
        }
    }
}

TEST(Validate, NamesEachFieldOfACommandOnce) {
    for (const CommandSpec& command : command_table()) {
        std::set<std::string_view> names;
        for (const auto& group : command.groups) {
            for (const Field& field : group) {
                EXPECT_TRUE(names.insert(field.name).second) << command.name << " " << field.name;
            }
        }
    }
}

TEST(Validate, TellsAllFaultsOfABodyAtOnce) {
    EXPECT_EQ(codes("dial", {{"from", "0612340100"}, {"timeout_secs", 4}, {"client_state", "?"}}),
              "90017/client_state 10033/timeout_secs 10004/to 10016/from 10004/connection_id");
}

TEST(Validate, ChecksPhoneNumbersAndSipUris) {
    for (const char* good :
         {"+31612340300", "sip:bob@192.0.2.1", "+31612340300;secure=srtp", "+31612340300,200"}) {
        EXPECT_EQ(codes_with("dial", {{"to", good}}), "") << good;
    }
    for (const char* bad :
         {"31612340300", "+0612340300", "+3161234030012345", "sip:bob", "", "+31 612"}) {
        EXPECT_NE(codes_with("dial", {{"to", bad}}), "") << bad;
    }
    EXPECT_EQ(codes_with("dial", {{"to", json::array({"+31612340300", "+31612340301"})}}), "");
    EXPECT_EQ(codes_with("dial", {{"to", json::array({"+31612340300", "12"})}}), "10016/to");
}

TEST(Validate, ChecksTheRulesBetweenFields) {
    EXPECT_EQ(codes_with("dial", {{"bridge_on_answer", true}}), "10004/link_to");
    EXPECT_EQ(codes_with("dial", {{"bridge_on_answer", false}}), "");
    EXPECT_EQ(codes_with("dial", {{"bridge_on_answer", true}, {"link_to", "v3:x"}}), "");
    EXPECT_EQ(codes("playback_start", json::object()), "10004/audio_url");
    EXPECT_EQ(codes_with("playback_start", {{"media_name", "x"}}), "10015/media_name");
    EXPECT_EQ(codes("bridge", json::object()), "10004/call_control_id");
}

TEST(Validate, ChecksWebhookMapsByEventName) {
    EXPECT_EQ(codes_with("answer", {{"webhook_urls", {{"call.hangup", "https://a.example.com"}}}}),
              "");
    EXPECT_EQ(
        codes_with("answer", {{"webhook_urls", {{"call.nonsense", "https://a.example.com"}}}}),
        "90057/webhook_urls/call.nonsense");
    const auto policy = [](const json& delays) {
        return json{{"webhook_retries_policies", {{"call.hangup", {{"retries_ms", delays}}}}}};
    };
    EXPECT_EQ(codes_with("answer", policy({1000, 2000, 5000})), "");
    EXPECT_EQ(codes_with("answer", policy({30000, 30001})),
              "10033/webhook_retries_policies/call.hangup");
    EXPECT_EQ(codes_with("answer", policy({1, 1, 1, 1, 1, 1})),
              "10033/webhook_retries_policies/call.hangup");
}

TEST(Validate, TakesLoopAsANumberOrInfinity) {
    EXPECT_EQ(codes_with("speak", {{"loop", "infinity"}}), "");
    EXPECT_EQ(codes_with("speak", {{"loop", 100}}), "");
    EXPECT_EQ(codes_with("speak", {{"loop", 101}}), "90009/loop");
    EXPECT_EQ(codes_with("speak", {{"loop", "forever"}}), "90009/loop");
}

TEST(Validate, CountsNullAsAbsent) {
    EXPECT_EQ(codes_with("answer", {{"client_state", nullptr}}), "");
    EXPECT_EQ(codes_with("dial", {{"to", nullptr}}), "10004/to");
}

}  // namespace
}  // namespace gw::simulator
