// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/audio.hpp"
#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

// The file behind the link of the recording saved last.
File file_of(const Rig& rig, const std::string& format) {
    const auto url =
        rig.last("call.recording.saved").payload["recording_urls"][format].get<std::string>();
    return rig.world.recording_file(url.substr(url.rfind('=') + 1)).value();
}

std::uint32_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i > 0; --i) {
        value = value << 8U | static_cast<unsigned char>(bytes.at(at + i - 1));
    }
    return value;
}

TEST(Recording, SavesARecordingAfterTheHangupAndServesItForTenMinutes) {
    Rig rig;
    rig.world.options().recordings_url = "http://127.0.0.1:1/recordings";
    const auto a = rig.ring();
    const Answer answer =
        rig.send("answer", a, {{"record", "record-from-answer"}, {"record_format", "wav"}});
    const auto recording = answer.body["data"]["recording_id"].get<std::string>();
    rig.pass(2000);
    rig.send("hangup", a);
    EXPECT_EQ(rig.told().back(), "call.hangup");
    rig.pass(1500);
    const json& saved = rig.last("call.recording.saved").payload;
    EXPECT_EQ(saved["recording_id"], recording);
    const auto url = saved["recording_urls"]["wav"].get<std::string>();
    const auto signature = url.substr(url.rfind('=') + 1);
    EXPECT_EQ(rig.world.recording_file(signature)->content_type, "audio/wav");
    EXPECT_EQ(rig.world.recording_file(signature)->bytes.size(), 44U + 2 * 2 * 8000U)
        << "two channels, two seconds";
    EXPECT_EQ(rig.world.get_recording(recording).body["data"]["duration_millis"], 2000);
    rig.pass(600'000);
    EXPECT_FALSE(rig.world.recording_file(signature));
}

TEST(Recording, IsServedAsItsWebhookSays) {
    for (const std::string channels : {"single", "dual"}) {
        for (const std::string format : {"wav", "mp3"}) {
            Rig rig;
            const auto a = rig.talk();
            rig.send("record_start", a, {{"format", format}, {"channels", channels}});
            rig.pass(3600);
            rig.send("record_stop", a);
            rig.pass(1000);
            const File file = file_of(rig, format);
            EXPECT_EQ(file.content_type, format == "wav" ? "audio/wav" : "audio/mpeg");
            const std::uint32_t count = channels == "dual" ? 2 : 1;
            if (format == "wav") {
                EXPECT_EQ(number_at(file.bytes, 22, 2), count);
                EXPECT_EQ(number_at(file.bytes, 40, 4), 3600 * 8 * count);
                EXPECT_EQ(number_at(file.bytes, 4, 4), file.bytes.size() - 8);
            } else {
                EXPECT_EQ(file.bytes.size(), 36 * 100U) << "100 frames of 36 ms";
                EXPECT_EQ(file.bytes.substr(0, 3), "\xFF\xF3\x18");
                EXPECT_EQ(file.bytes[3] == '\xC0', count == 1);
            }
        }
    }
}

TEST(Recording, OfOneTrackAloneIsMono) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("record_start", a,
             {{"format", "wav"}, {"channels", "dual"}, {"recording_track", "inbound"}});
    rig.send("record_stop", a);
    rig.pass(1000);
    EXPECT_EQ(rig.last("call.recording.saved").payload["channels"], "single");
    EXPECT_EQ(number_at(file_of(rig, "wav").bytes, 22, 2), 1U);
}

TEST(Recording, EndsByItselfAtItsLongest) {
    Rig rig;
    const auto a = rig.talk();
    rig.send("record_start", a, {{"format", "mp3"}, {"channels", "dual"}, {"max_length", 5}});
    rig.pass(5999);
    EXPECT_NE(rig.told().back(), "call.recording.saved");
    rig.pass(1);
    const json& saved = rig.last("call.recording.saved").payload;
    EXPECT_EQ(saved["recording_ended_at"], "2025-11-23T03:30:05.000000Z");
    EXPECT_EQ(rig.world.find(a)->state, LegState::answered);
    rig.send("hangup", a);
    rig.pass(10'000);
    EXPECT_EQ(std::ranges::count(rig.told(), "call.recording.saved"), 1);
}

TEST(Recording, FromTheAnswerOnEndsAtItsLongestToo) {
    Rig rig;
    rig.dial({{"record", "record-from-answer"}, {"record_max_length", 2}});
    rig.pass(1000 + 2000 + 1000);
    EXPECT_EQ(rig.last("call.recording.saved").payload["recording_ended_at"],
              "2025-11-23T03:30:03.000000Z");
}

TEST(Recording, OfHalfADayIsServedUpToAnHour) {
    EXPECT_EQ(silent_wav(1, std::chrono::hours{12}).size(), 44U + 3600U * 8000U);
    EXPECT_EQ(silent_mp3(2, std::chrono::hours{12}).size(), 100'000U * 36U);
    EXPECT_EQ(silent_mp3(1, milliseconds{0}).size(), 36U);
    EXPECT_EQ(silent_wav(2, milliseconds{0}).size(), 44U);
}

}  // namespace
}  // namespace gw::simulator
