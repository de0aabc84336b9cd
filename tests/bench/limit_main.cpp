// SPDX-License-Identifier: Apache-2.0
// The limit of any receiver of Telnyx's webhooks: how many Ed25519 signatures of real events
// libsodium verifies in a second on this core. Prints one JSON line.
#include "tests/bench/call_script.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

struct Sample {
    std::string message;
    std::array<unsigned char, 64> signature;
};

std::vector<Sample> samples(const gw::bench::EventSigner& signer) {
    constexpr std::uint32_t calls = 64;
    std::vector<Sample> all;
    for (std::uint32_t number = 0; number < calls; ++number) {
        for (const auto& event : gw::bench::sign_call(signer, {}, number)) {
            Sample sample{event.timestamp + "|" + event.body, {}};
            sample.signature = signer.sign(sample.message);
            all.push_back(std::move(sample));
        }
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    using Clock = std::chrono::steady_clock;
    const int milliseconds = argc > 1 ? std::atoi(argv[1]) : 1000;
    const gw::bench::EventSigner signer;
    const std::vector<Sample> events = samples(signer);
    std::size_t bytes = 0;
    std::size_t verified = 0;
    const std::clock_t cpu_begin = std::clock();
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::milliseconds(milliseconds);
    while (Clock::now() < end) {
        const Sample& event = events[verified % events.size()];
        if (crypto_sign_verify_detached(
                event.signature.data(),
                reinterpret_cast<const unsigned char*>(event.message.data()), event.message.size(),
                signer.public_key().data()) != 0) {
            fmt::print(stderr, "gw-limit: a good signature did not verify\n");
            return 1;
        }
        bytes += event.message.size();
        ++verified;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto count = static_cast<double>(verified);
    const double cpu_seconds = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    fmt::print("{{\"verifies_per_second\":{:.0f},\"cpu_us_each\":{:.2f},\"mean_bytes\":{:.0f}}}\n",
               count / seconds, cpu_seconds * 1e6 / count, static_cast<double>(bytes) / count);
    return 0;
}
