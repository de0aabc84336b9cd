// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/signatures.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cctype>

namespace gw::scenario {
namespace {

constexpr std::string_view secret_prefix = "whsec_";

const unsigned char* bytes_of(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(const std::string& key, const std::string& text) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), mac,
         &size);
    return {mac, mac + size};
}

std::string hex(const std::string& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4];
        out += digits[static_cast<unsigned char>(byte) & 15];
    }
    return out;
}

std::string base64(const std::string& bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::string from_base64(const std::string& text) {
    std::string out(text.size(), '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
    const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
    out.resize(size < 0 ? 0 : static_cast<std::size_t>(size) - padding);
    return out;
}

std::string field(const nlohmann::json& headers, std::string_view name) {
    for (const auto& [key, value] : headers.items()) {
        std::string lower = key;
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (lower == name) {
            return value.get<std::string>();
        }
    }
    return {};
}

std::string staffify(const std::string& timestamp, const std::string& body,
                     const std::string& secret) {
    return "sha256=" + hex(hmac(secret, timestamp + "." + body));
}

std::string standard(const std::string& id, const std::string& timestamp, const std::string& body,
                     const std::string& secret) {
    const std::string key = from_base64(secret.substr(secret_prefix.size()));
    return "v1," + base64(hmac(key, id + "." + timestamp + "." + body));
}

}  // namespace

std::string fault_of_signatures(const nlohmann::json& headers, const std::string& body,
                                const std::string& secret) {
    const std::string timestamp = field(headers, "x-staffify-timestamp");
    const std::string id = field(headers, "webhook-id");
    if (timestamp.empty() || id.empty()) {
        return "a signature header is missing";
    }
    if (field(headers, "x-staffify-signature") != staffify(timestamp, body, secret)) {
        return "X-Staffify-Signature does not hold";
    }
    if (field(headers, "webhook-timestamp") != timestamp) {
        return "the two timestamps differ";
    }
    if (field(headers, "webhook-signature") != standard(id, timestamp, body, secret)) {
        return "webhook-signature does not hold";
    }
    return {};
}

nlohmann::json signed_headers(const std::string& id, const std::string& timestamp,
                              const std::string& body, const std::string& secret) {
    return {{"webhook-id", id},
            {"webhook-timestamp", timestamp},
            {"webhook-signature", standard(id, timestamp, body, secret)},
            {"X-Staffify-Timestamp", timestamp},
            {"X-Staffify-Signature", staffify(timestamp, body, secret)}};
}

std::string sha256_hex(const std::string& text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
    return hex({digest, digest + size});
}

}  // namespace gw::scenario
