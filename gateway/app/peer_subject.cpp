// SPDX-License-Identifier: Apache-2.0
#include "gateway/app/peer_subject.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <functional>
#include <string>

namespace gw::app {
namespace {

constexpr std::array<std::uint8_t, 12> v4_in_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

PeerSubject subject_of(std::string_view address) {
    PeerSubject subject{};
    const std::string copy(address);
    if (::inet_pton(AF_INET6, copy.c_str(), subject.data()) == 1) {
        if (!std::equal(v4_in_v6.begin(), v4_in_v6.end(), subject.begin())) {
            std::fill(subject.begin() + 8, subject.end(), std::uint8_t{0});
        }
        return subject;
    }
    subject = {};
    std::copy(v4_in_v6.begin(), v4_in_v6.end(), subject.begin());
    if (::inet_pton(AF_INET, copy.c_str(), subject.data() + v4_in_v6.size()) != 1) {
        subject = {};
    }
    return subject;
}

std::size_t PeerSubjectHasher::operator()(const PeerSubject& subject) const {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(subject.data()), subject.size()});
}

}  // namespace gw::app
