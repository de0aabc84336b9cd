#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who an address is for limits: an IPv4 address, or the /64 of an IPv6 one, which one host has at
// least. Pure.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gw::app {

using PeerSubject = std::array<std::uint8_t, 16>;

// What is no address shares one subject.
PeerSubject subject_of(std::string_view address);

struct PeerSubjectHasher {
    std::size_t operator()(const PeerSubject& subject) const;
};

}  // namespace gw::app
