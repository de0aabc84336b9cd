#pragma once
// SPDX-License-Identifier: Apache-2.0
// Waiting in a test that talks to other processes: ask until it is so, with a deadline. Nothing
// here waits for a length of time and hopes. Any thread.
#include <chrono>
#include <poll.h>

namespace gw::scenario {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Far above what a healthy run takes; reached only when something is wrong or the machine is
// drowned.
constexpr seconds patience{30};

// Asks at once, then every few milliseconds; true as soon as `asked` is, false at the deadline.
template <class Asked>
bool eventually(Asked&& asked, milliseconds within = patience,
                milliseconds every = milliseconds{10}) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (true) {
        if (asked()) {
            return true;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        (void)::poll(nullptr, 0, static_cast<int>(every.count()));
    }
}

// For "this must not happen": false as soon as `holds` is not, true when it held all the time.
template <class Holds>
bool all_the_time(Holds&& holds, milliseconds during) {
    return !eventually([&] { return !holds(); }, during);
}

}  // namespace gw::scenario
