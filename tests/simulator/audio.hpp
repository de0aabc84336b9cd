#pragma once
// SPDX-License-Identifier: Apache-2.0
// Silent sound files, of a recording's length and channels: what a link of the simulator serves.
// Pure.
#include <chrono>
#include <string>

namespace gw::simulator {

// Longer ones are cut off: a recording may last 12 hours, and the file is made in memory.
inline constexpr std::chrono::hours audio_length_max{1};

// PCM of 8 kHz and 8 bits.
std::string silent_wav(int channels, std::chrono::milliseconds length);
// MPEG-2 layer III of 16 kHz and 8 kbit/s: whole frames of 36 ms, at least one.
std::string silent_mp3(int channels, std::chrono::milliseconds length);

}  // namespace gw::simulator
