#pragma once
// SPDX-License-Identifier: Apache-2.0
// Signs event bodies as Telnyx does: Ed25519 over "<timestamp>|<body>", with a key made for this
// process.
#include <array>
#include <string>
#include <string_view>

namespace gw::bench {

class EventSigner {
public:
    EventSigner();
    [[nodiscard]] std::string public_key_base64() const;
    [[nodiscard]] const std::array<unsigned char, 32>& public_key() const { return public_; }
    [[nodiscard]] std::array<unsigned char, 64> sign(std::string_view message) const;

private:
    std::array<unsigned char, 32> public_{};
    std::array<unsigned char, 64> secret_{};
};

std::string base64_of(const unsigned char* bytes, std::size_t size);

}  // namespace gw::bench
