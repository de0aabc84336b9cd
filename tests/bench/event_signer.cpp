// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/event_signer.hpp"

#include <sodium.h>

#include <stdexcept>

namespace gw::bench {

EventSigner::EventSigner() {
    if (sodium_init() < 0 || crypto_sign_keypair(public_.data(), secret_.data()) != 0) {
        throw std::runtime_error("libsodium gives no key");
    }
}

std::string EventSigner::public_key_base64() const {
    return base64_of(public_.data(), public_.size());
}

std::array<unsigned char, 64> EventSigner::sign(std::string_view message) const {
    std::array<unsigned char, 64> signature{};
    crypto_sign_detached(signature.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         secret_.data());
    return signature;
}

std::string base64_of(const unsigned char* bytes, std::size_t size) {
    std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // the terminator
    return text;
}

}  // namespace gw::bench
