#include "telnyx/webhook_signature.hpp"

#include "gateway/domain/base64.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace gw::telnyx {
namespace {

constexpr std::size_t signature_chars = 88;  // base64 of 64 bytes
constexpr std::size_t timestamp_chars_max = 12;

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// At most twelve digits, so nothing can overflow.
std::optional<std::chrono::seconds> parse_timestamp(std::string_view text) {
    if (text.empty() || text.size() > timestamp_chars_max) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return std::chrono::seconds{value};
}

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view base64) {
    if (sodium_init() < 0) {
        return Error(Errc::internal, "libsodium does not start");
    }
    const std::optional<std::string> decoded = from_base64(base64);
    Bytes bytes{};
    if (!decoded || decoded->size() != bytes.size()) {
        return Error(Errc::invalid, "a Telnyx public key is the base64 of 32 bytes");
    }
    std::ranges::transform(*decoded, bytes.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    // A point of small order verifies signatures that nobody made.
    if (crypto_core_ed25519_is_valid_point(bytes.data()) != 1) {
        return Error(Errc::invalid, "this Telnyx public key is no valid Ed25519 point");
    }
    return PublicKey(bytes);
}

std::string_view word_of(SignatureVerdict verdict) {
    switch (verdict) {
        case SignatureVerdict::valid:
            return "valid";
        case SignatureVerdict::malformed_timestamp:
            return "malformed_timestamp";
        case SignatureVerdict::malformed_signature:
            return "malformed_signature";
        case SignatureVerdict::too_old:
            return "too_old";
        case SignatureVerdict::too_new:
            return "too_new";
        case SignatureVerdict::wrong:
            return "wrong_signature";
    }
    return "?";
}

SignatureVerifier::SignatureVerifier(std::vector<PublicKey> keys, std::chrono::seconds tolerance)
    : keys_(std::move(keys)), tolerance_(tolerance) {
    if (keys_.empty()) {
        throw std::invalid_argument("a signature verifier without a public key");
    }
}

SignatureVerdict SignatureVerifier::check(std::string_view signature, std::string_view timestamp,
                                          std::string_view body, UtcTime now) const {
    const auto signed_at = parse_timestamp(timestamp);
    if (!signed_at) {
        return SignatureVerdict::malformed_timestamp;
    }
    if (signature.size() != signature_chars) {
        return SignatureVerdict::malformed_signature;
    }
    const auto now_seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    if (now_seconds - *signed_at > tolerance_) {
        return SignatureVerdict::too_old;
    }
    if (*signed_at - now_seconds > tolerance_) {
        return SignatureVerdict::too_new;
    }
    const std::optional<std::string> decoded = from_base64(signature);
    if (!decoded || decoded->size() != crypto_sign_BYTES) {
        return SignatureVerdict::malformed_signature;
    }
    // Ed25519 hashes the message twice, so it needs the bytes in one piece.
    std::string message;
    message.reserve(timestamp.size() + 1 + body.size());
    message.append(timestamp).append(1, '|').append(body);
    for (const PublicKey& key : keys_) {
        if (crypto_sign_verify_detached(as_bytes(*decoded), as_bytes(message), message.size(),
                                        key.bytes().data()) == 0) {
            return SignatureVerdict::valid;
        }
    }
    return SignatureVerdict::wrong;
}

}  // namespace gw::telnyx
