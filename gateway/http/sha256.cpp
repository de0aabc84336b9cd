// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace gw::http {

struct Sha256::State {
    EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        EVP_MD_CTX_free(context);
        EVP_MD_free(md);
    }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    if (state_->md == nullptr || state_->context == nullptr) {
        throw std::runtime_error("SHA-256 is not available");
    }
}
Sha256::~Sha256() = default;

std::array<std::uint8_t, 32> Sha256::operator()(std::string_view text) const {
    std::array<std::uint8_t, 32> digest{};
    unsigned length = 0;
    if (EVP_DigestInit_ex(state_->context, state_->md, nullptr) != 1 ||
        EVP_DigestUpdate(state_->context, text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(state_->context, digest.data(), &length) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

}  // namespace gw::http
