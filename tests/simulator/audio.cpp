// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/audio.hpp"

#include <algorithm>
#include <cstdint>

namespace gw::simulator {
namespace {

using std::chrono::milliseconds;

milliseconds bounded(milliseconds length) {
    return std::clamp<milliseconds>(length, milliseconds{0}, audio_length_max);
}

void little_endian(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
        out += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
}

}  // namespace

std::string silent_wav(int channels, milliseconds length) {
    constexpr std::uint32_t rate = 8000;
    const auto across = static_cast<std::uint32_t>(channels);
    const auto bytes = static_cast<std::uint32_t>(bounded(length).count()) * (rate / 1000) * across;
    std::string file = "RIFF";
    little_endian(file, 36 + bytes, 4);
    file += "WAVEfmt ";
    little_endian(file, 16, 4);  // length of the format's description
    little_endian(file, 1, 2);   // PCM
    little_endian(file, across, 2);
    little_endian(file, rate, 4);
    little_endian(file, rate * across, 4);  // bytes a second
    little_endian(file, across, 2);         // bytes a sample of all channels
    little_endian(file, 8, 2);              // bits a sample
    file += "data";
    little_endian(file, bytes, 4);
    file.append(bytes, '\x80');  // the middle of unsigned samples
    return file;
}

std::string silent_mp3(int channels, milliseconds length) {
    // The header (ISO 13818-3): sync, MPEG-2, layer III, no CRC; 8 kbit/s, 16 kHz, no padding;
    // stereo or mono. Side information of zeros says that no sound data follows: silence.
    constexpr std::int64_t frame_ms = 36;  // 576 samples
    std::string frame{"\xFF\xF3\x18", 3};
    frame += channels == 1 ? '\xC0' : '\x00';
    frame.resize(36, '\0');  // 72 * 8000 / 16000
    const std::int64_t frames =
        std::max<std::int64_t>(1, (bounded(length).count() + frame_ms / 2) / frame_ms);
    std::string file;
    file.reserve(frame.size() * static_cast<std::size_t>(frames));
    for (std::int64_t i = 0; i < frames; ++i) {
        file += frame;
    }
    return file;
}

}  // namespace gw::simulator
