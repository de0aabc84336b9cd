#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whether a webhook was signed by Telnyx: Ed25519 over `timestamp|body`, the bytes as received. It
// hides libsodium. Immutable once made; may be used from any thread.
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gw::telnyx {

inline constexpr std::string_view signature_header = "Telnyx-Signature-Ed25519";
inline constexpr std::string_view timestamp_header = "Telnyx-Timestamp";

// An Ed25519 public key that has been checked: 32 bytes, a canonical point of the main subgroup.
class PublicKey {
public:
    using Bytes = std::array<std::uint8_t, 32>;
    // From the base64 of Mission Control; `invalid` for anything else, small-order points included.
    static Result<PublicKey> parse(std::string_view base64);
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

private:
    explicit PublicKey(const Bytes& bytes) : bytes_(bytes) {}
    Bytes bytes_;
};

enum class SignatureVerdict : std::uint8_t {
    valid,
    malformed_timestamp,  // not 1 to 12 digits
    malformed_signature,  // not the padded base64 of 64 bytes
    too_old,
    too_new,
    wrong,  // by none of our keys over these bytes
};
std::string_view word_of(SignatureVerdict verdict);  // for metrics

class SignatureVerifier {
public:
    // One key, or two while Telnyx changes it; none at all is a bug (std::invalid_argument): an
    // empty list must never come to mean "accept everything".
    SignatureVerifier(std::vector<PublicKey> keys, std::chrono::seconds tolerance);

    // The two header values and the body exactly as received. Refuses when |now − timestamp| >
    // tolerance, in whole seconds as Telnyx's SDKs do. Cheapest checks first.
    [[nodiscard]] SignatureVerdict check(std::string_view signature, std::string_view timestamp,
                                         std::string_view body, UtcTime now) const;

private:
    std::vector<PublicKey> keys_;
    std::chrono::seconds tolerance_;
};

}  // namespace gw::telnyx
