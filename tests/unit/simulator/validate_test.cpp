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

constexpr std::int64_t int32_max = 2'147'483'647;

const json dial = {
    {"to", "+31612340300"}, {"from", "+31612340100"}, {"connection_id", "2811212257810187001"}};

// The smallest body each command takes.
json smallest(std::string_view command) {
    static const std::map<std::string_view, json> bodies = {
        {"dial", dial},
        {"reject", {{"cause", "USER_BUSY"}}},
        {"transfer", {{"to", "+31612340300"}}},
        {"bridge", {{"call_control_id", "v3:x"}}},
        {"gather_using_audio", {{"media_name", "m"}}},
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
                const auto high = std::min<std::int64_t>(field.max, int32_max);
                EXPECT_EQ(codes_with(command.name, {{name, high}}), "") << name;
                EXPECT_EQ(codes_with(command.name, {{name, high + 1}}), code + "/" + name);
                EXPECT_EQ(codes_with(command.name, {{name, ~std::uint64_t{0}}}), code + "/" + name);
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
    EXPECT_EQ(codes("bridge", {{"call_control_id", ""}}), "90015/call_control_id");
}

TEST(Validate, ChecksWebhookMapsByEventName) {
    EXPECT_EQ(codes_with("answer", {{"webhook_urls", {{"call.hangup", "https://a.example.com"}}}}),
              "");
    EXPECT_EQ(
        codes_with("answer", {{"webhook_urls", {{"call.nonsense", "https://a.example.com"}}}}),
        "90057/webhook_urls/call.nonsense");
    EXPECT_EQ(codes_with("dial", {{"webhook_urls", {{"call.bridge", "https://a.example.com"}}}}),
              "");
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

TEST(Validate, CountsCharactersAndNotBytes) {
    std::string text;
    for (int i = 0; i < 3000; ++i) {
        text += "\u00e9";
    }
    EXPECT_EQ(codes_with("speak", {{"payload", text}}), "");
    EXPECT_EQ(codes_with("speak", {{"payload", text + "."}}), "90010/payload");
    EXPECT_EQ(codes_with("dial", {{"from_display_name", text.substr(0, 2 * 128)}}), "");
}

TEST(Validate, ChecksTheMembersOfItsObjects) {
    const std::tuple<const char*, const char*, json, const char*> cases[] = {
        {"dial", "answering_machine_detection_config", {{"total_analysis_time_millis", 5000}}, ""},
        {"dial",
         "answering_machine_detection_config",
         {{"total_analysis_time_millis", "5000"}},
         "10015/total_analysis_time_millis"},
        {"dial",
         "answering_machine_detection_config",
         {{"silence_threshold", int32_max + 1}},
         "10033/silence_threshold"},
        {"dial",
         "answering_machine_detection_config",
         {{"beep_detection_profile", "freq_only"},
          {"beep_max_frequency_hz", 2000.5},
          {"beep_min_frequency_hz", 300},
          {"beep_min_tone_duration_millis", 100},
          {"beep_spectral_confirmation", true},
          {"beep_spectral_min_purity", 0.7},
          {"beep_spectral_reject_fax_cng", false},
          {"beep_spectral_window_millis", 60}},
         ""},
        {"transfer",
         "answering_machine_detection_config",
         {{"beep_detection_profile", "loud"}},
         "10032/beep_detection_profile"},
        {"dial",
         "answering_machine_detection_config",
         {{"beep_detection_timeout_millis", 1}},
         "10015/beep_detection_timeout_millis"},
        {"answer", "deepfake_detection", {{"enabled", true}, {"rtp_timeout", 120}}, ""},
        {"answer", "deepfake_detection", {{"timeout", 5}}, "10004/enabled"},
        {"answer", "deepfake_detection", {{"enabled", "yes"}}, "10015/enabled"},
        {"dial",
         "deepfake_detection",
         {{"enabled", true}, {"rtp_timeout", 121}},
         "10033/rtp_timeout"},
        {"answer", "transcription_config", {{"transcription_engine", "Azure"}}, ""},
        {"answer",
         "transcription_config",
         {{"transcription_engine", "Ears"}},
         "10032/transcription_engine"},
        {"dial", "sound_modifications", {{"octaves", -0.5}, {"track", "both"}}, ""},
        {"dial", "sound_modifications", {{"octaves", "-0.5"}}, "10015/octaves"},
        {"dial", "sound_modifications", {{"track", 1}}, "10015/track"},
        {"answer", "sound_modifications", {{"semitone", 15}}, "10033/semitone"},
        {"answer", "sound_modifications", {{"volume", 1}}, "10015/volume"},
    };
    for (const auto& [command, field, value, wanted] : cases) {
        std::string expected = wanted;
        if (const auto slash = expected.find('/'); slash != std::string::npos) {
            expected.insert(slash, "/" + std::string{field});
        }
        EXPECT_EQ(codes_with(command, {{field, value}}), expected) << command << value;
    }
}

TEST(Validate, KnowsTheListsOfTheDocument) {
    for (const char* command : {"dial", "answer", "transfer"}) {
        EXPECT_EQ(codes_with(command, {{"preferred_codecs", "G722,PCMU,PCMA,G729,OPUS,VP8,H264"}}),
                  "");
        EXPECT_EQ(codes_with(command, {{"preferred_codecs", "PCMA"}}), "");
        for (const char* wrong : {"GSM", "PCMA,GSM", "PCMA;PCMU", ""}) {
            EXPECT_EQ(codes_with(command, {{"preferred_codecs", wrong}}), "10032/preferred_codecs");
        }
    }
    EXPECT_EQ(codes_with("record_start", {{"transcription_language", "nl-NL"}}), "");
    EXPECT_EQ(codes_with("record_start", {{"transcription_language", "xx"}}),
              "10032/transcription_language");
    EXPECT_EQ(codes_with("transfer", {{"route_to_mobile", true}}), "");
    EXPECT_EQ(codes_with("transfer", {{"route_to_mobile", "true"}}), "10015/route_to_mobile");
}

TEST(Validate, ChecksTheCharactersOfNamesAndDigits) {
    EXPECT_EQ(codes_with("dial", {{"from_display_name", "Company 1 -_~!.+"}}), "");
    EXPECT_EQ(codes_with("dial", {{"from_display_name", "Fine & Co"}}), "10015/from_display_name");
    EXPECT_EQ(codes_with("gather", {{"valid_digits", "12w"}}), "10015/valid_digits");
    EXPECT_EQ(codes_with("gather", {{"terminating_digit", "w"}}), "10015/terminating_digit");
    EXPECT_EQ(codes_with("gather", {{"terminating_digit", "*"}}), "");
    EXPECT_EQ(codes_with("send_dtmf", {{"digits", "1wW2"}}), "");
}

TEST(Validate, WantsGathersThatCanBeDone) {
    EXPECT_EQ(codes("gather_using_audio", json::object()), "10004/audio_url");
    for (const char* command : {"gather", "gather_using_speak", "gather_using_audio"}) {
        EXPECT_EQ(codes_with(command, {{"minimum_digits", 5}, {"maximum_digits", 4}}),
                  "10033/minimum_digits");
        EXPECT_EQ(codes_with(command, {{"minimum_digits", 4}, {"maximum_digits", 4}}), "");
    }
}

TEST(Validate, TakesEncryptedMediaToSipOnly) {
    const std::string refused = "10011/media_encryption";
    EXPECT_EQ(codes_with("dial", {{"media_encryption", "SRTP"}}), refused);
    EXPECT_EQ(codes_with("dial", {{"media_encryption", "disabled"}}), "");
    EXPECT_EQ(codes_with("dial", {{"media_encryption", "SRTP"}, {"to", "sip:a@example.com"}}), "");
    EXPECT_EQ(codes_with("dial", {{"media_encryption", "SRTP"},
                                  {"to", {"sip:a@example.com", "+31612340300"}}}),
              refused);
    EXPECT_EQ(codes_with("transfer", {{"media_encryption", "SRTP"}}), refused);
    json body = dial;
    body["media_encryption"] = "SRTP";
    EXPECT_EQ(validate(*find_command("dial"), body).front().status, 422U);
}

TEST(Validate, CountsNullAsAbsent) {
    EXPECT_EQ(codes_with("answer", {{"client_state", nullptr}}), "");
    EXPECT_EQ(codes_with("dial", {{"to", nullptr}}), "10004/to");
}

}  // namespace
}  // namespace gw::simulator
