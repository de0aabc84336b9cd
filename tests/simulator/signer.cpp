// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/signer.hpp"

#include <openssl/evp.h>

#include <array>
#include <cctype>
#include <stdexcept>
#include <vector>

namespace gw::simulator {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string seed_from(std::string_view hex) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        const int lower = std::tolower(static_cast<unsigned char>(c));
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    };
    std::string seed;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0) {
            throw std::invalid_argument("--seed-hex: must be 64 hexadecimal digits");
        }
        seed += static_cast<char>(high * 16 + low);
    }
    if (hex.size() != 64) {
        throw std::invalid_argument("--seed-hex: must be 64 hexadecimal digits");
    }
    return seed;
}

}  // namespace

struct Signer::Key {
    EVP_PKEY* pkey = nullptr;
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { EVP_PKEY_free(pkey); }
};

Signer::Signer(std::string_view seed_hex) : key_(std::make_unique<Key>()) {
    const std::string seed = seed_from(seed_hex);
    key_->pkey =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size());
    std::array<char, 32> raw{};
    std::size_t size = raw.size();
    if (key_->pkey == nullptr ||
        EVP_PKEY_get_raw_public_key(key_->pkey, reinterpret_cast<unsigned char*>(raw.data()),
                                    &size) != 1) {
        throw std::runtime_error("OpenSSL could not make an Ed25519 key");
    }
    public_key_ = base64_of({raw.data(), size});
}

Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

std::string Signer::sign(std::string_view timestamp, std::string_view body) const {
    std::string message{timestamp};
    message += '|';
    message += body;
    std::array<char, 64> signature{};
    std::size_t size = signature.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free};
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(message), message.size()) != 1) {
        throw std::runtime_error("OpenSSL could not sign");
    }
    return base64_of({signature.data(), size});
}

std::string base64_of(std::string_view bytes) {
    std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);
    const int length =
        EVP_EncodeBlock(text.data(), bytes_of(bytes), static_cast<int>(bytes.size()));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

bool is_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) {
        return false;
    }
    const std::size_t end = text.find_last_not_of('=') + 1;
    if (text.size() - end > 2) {
        return false;
    }
    for (const char c : text.substr(0, end)) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '+' && c != '/') {
            return false;
        }
    }
    return true;
}

}  // namespace gw::simulator
