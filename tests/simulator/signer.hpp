#pragma once
// SPDX-License-Identifier: Apache-2.0
// Signs webhooks as Telnyx does: Ed25519 over "timestamp|body". The key comes from a 32-byte seed,
// so a test can know it; it hides OpenSSL. Safe to use from one thread at a time.
#include <memory>
#include <string>
#include <string_view>

namespace gw::simulator {

class Signer {
public:
    // `seed_hex`: 64 hexadecimal digits. Throws std::invalid_argument for anything else.
    explicit Signer(std::string_view seed_hex);
    ~Signer();
    Signer(Signer&&) noexcept;
    Signer& operator=(Signer&&) noexcept;

    [[nodiscard]] const std::string& public_key_base64() const { return public_key_; }
    [[nodiscard]] std::string sign(std::string_view timestamp,
                                   std::string_view body) const;  // base64

private:
    struct Key;
    std::unique_ptr<Key> key_;
    std::string public_key_;
};

std::string base64_of(std::string_view bytes);
// True for non-empty strict base64: standard alphabet, padded.
bool is_base64(std::string_view text);

}  // namespace gw::simulator
