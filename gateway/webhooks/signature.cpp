#include "gateway/webhooks/signature.hpp"

#include "gateway/domain/base64.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <stdexcept>

namespace gw::webhooks {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t digest_bytes = 32;

// The digest as characters, so that it can be encoded like any other text.
std::string hmac_sha256(std::string_view key, std::string_view message) {
    std::array<unsigned char, digest_bytes> digest{};
    unsigned length = 0;
    const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), digest.data(), &length);
    if (made == nullptr || length != digest.size()) {
        throw std::runtime_error("OpenSSL refuses to make an HMAC");
    }
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace

std::string staffify_signature(std::string_view secret, std::string_view timestamp,
                               std::string_view body) {
    std::string message;
    message.reserve(timestamp.size() + 1 + body.size());
    message.append(timestamp).append(1, '.').append(body);
    return "sha256=" + to_hex(hmac_sha256(secret, message));
}

Result<std::string> standard_signature(std::string_view secret, std::string_view id,
                                       std::string_view timestamp, std::string_view body) {
    if (id.empty() || id.find('.') != std::string_view::npos) {
        return Error(Errc::invalid, "a webhook id is not empty and has no dot");
    }
    if (!secret.starts_with(secret_prefix)) {
        return Error(Errc::invalid, "a webhook secret begins with whsec_");
    }
    const std::optional<std::string> key = from_base64(secret.substr(secret_prefix.size()));
    if (!key || key->empty()) {
        return Error(Errc::invalid, "a webhook secret is base64 after whsec_");
    }
    std::string message;
    message.reserve(id.size() + timestamp.size() + 2 + body.size());
    message.append(id).append(1, '.').append(timestamp).append(1, '.').append(body);
    return "v1," + to_base64(hmac_sha256(*key, message));
}

Result<HeaderList> signature_headers(std::string_view secret, std::string_view id,
                                     UtcTime signed_at, std::string_view body) {
    const std::string timestamp = std::to_string(
        std::chrono::floor<std::chrono::seconds>(signed_at).time_since_epoch().count());
    Result<std::string> standard = standard_signature(secret, id, timestamp, body);
    if (!standard) {
        return standard.error();
    }
    return HeaderList{{"X-Staffify-Timestamp", timestamp},
                      {"X-Staffify-Signature", staffify_signature(secret, timestamp, body)},
                      {"webhook-id", std::string(id)},
                      {"webhook-timestamp", timestamp},
                      {"webhook-signature", std::move(*standard)}};
}

}  // namespace gw::webhooks
