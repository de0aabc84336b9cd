#include "telnyx/webhook_signature.hpp"

#include "tests/unit/telnyx/fixtures.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>

namespace gw::telnyx {
namespace {

using std::chrono::seconds;

const nlohmann::json& vectors() {
    static const nlohmann::json all =
        nlohmann::json::parse(fixtures::read("signature-vectors.json"));
    return all;
}

PublicKey key_of(const std::string& base64) {
    return PublicKey::parse(base64).value();
}
PublicKey vector_key() {
    return key_of(vectors()["public_key_base64"].get<std::string>());
}
// RFC 8032, section 7.1, TEST 2.
PublicKey other_key() {
    return key_of("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=");
}

constexpr std::int64_t signed_at = 1'763'868'630;
UtcTime at(std::int64_t unix_seconds, std::int64_t micros = 0) {
    return utc_from_micros(unix_seconds * 1'000'000 + micros);
}

struct Signed {
    std::string signature;
    std::string timestamp;
    std::string body;
};
Signed signed_of(const nlohmann::json& item) {
    return {item["signature"].get<std::string>(), item["timestamp"].get<std::string>(),
            item["body"].get<std::string>()};
}
Signed valid_case() {
    const nlohmann::json& first = vectors()["cases"][0];
    return signed_of(first);
}

SignatureVerdict check(const Signed& input, UtcTime now = at(signed_at)) {
    return SignatureVerifier({vector_key()}, seconds{300})
        .check(input.signature, input.timestamp, input.body, now);
}

TEST(WebhookSignature, every_vector_is_judged_as_it_says) {
    int valid = 0;
    int refused = 0;
    for (const nlohmann::json& item : vectors()["cases"]) {
        SCOPED_TRACE(item["name"].get<std::string>());
        const Signed input = signed_of(item);
        const bool expected = item["valid"].get<bool>();
        EXPECT_EQ(check(input) == SignatureVerdict::valid, expected);
        ++(expected ? valid : refused);
    }
    EXPECT_GE(valid, 3);
    EXPECT_GE(refused, 10);
}

TEST(WebhookSignature, the_window_is_inclusive_on_both_sides_and_in_whole_seconds) {
    const Signed input = valid_case();
    EXPECT_EQ(check(input, at(signed_at + 300, 999'999)), SignatureVerdict::valid);
    EXPECT_EQ(check(input, at(signed_at + 301)), SignatureVerdict::too_old);
    EXPECT_EQ(check(input, at(signed_at - 300)), SignatureVerdict::valid);
    EXPECT_EQ(check(input, at(signed_at - 301, 999'999)), SignatureVerdict::too_new);
    EXPECT_EQ(check(input, at(signed_at - 301)), SignatureVerdict::too_new);
}

TEST(WebhookSignature, a_timestamp_is_up_to_twelve_digits) {
    Signed input = valid_case();
    for (const char* text : {"", " 1763868630", "1763868630 ", "+1763868630", "-1763868630",
                             "0x1763868630", "1763868630.0", "1763868630\t", "1e9", "1763868630000",
                             "18446744073709551616", "00000000000001763868630"}) {
        input.timestamp = text;
        EXPECT_EQ(check(input), SignatureVerdict::malformed_timestamp) << text;
    }
    input.timestamp = "999999999999";
    EXPECT_EQ(check(input), SignatureVerdict::too_new);
    input.timestamp = "0";
    EXPECT_EQ(check(input), SignatureVerdict::too_old);
    input.timestamp = "001763868630";  // the same moment, but not what was signed
    EXPECT_EQ(check(input), SignatureVerdict::wrong);
}

TEST(WebhookSignature, base64_is_strict) {
    const std::string good = valid_case().signature;
    Signed input = valid_case();
    const auto verdict = [&input](std::string signature) {
        input.signature = std::move(signature);
        return check(input);
    };
    EXPECT_EQ(verdict(""), SignatureVerdict::malformed_signature);
    EXPECT_EQ(verdict(good.substr(0, 86)), SignatureVerdict::malformed_signature);  // no padding
    EXPECT_EQ(verdict(good.substr(0, 87)), SignatureVerdict::malformed_signature);
    EXPECT_EQ(verdict(good + "\n"), SignatureVerdict::malformed_signature);
    EXPECT_EQ(verdict(" " + good), SignatureVerdict::malformed_signature);
    EXPECT_EQ(verdict(good + "===="), SignatureVerdict::malformed_signature);
    std::string changed = good;
    changed[40] = ' ';
    EXPECT_EQ(verdict(changed), SignatureVerdict::malformed_signature);
    changed[40] = '-';  // the alphabet of URLs
    EXPECT_EQ(verdict(changed), SignatureVerdict::malformed_signature);
    changed = good;
    changed[85] = static_cast<char>(changed[85] + 1);  // 'A' to 'B': bits beyond the 64 bytes
    EXPECT_EQ(verdict(changed), SignatureVerdict::malformed_signature);
    changed = good;
    changed[86] = 'A';  // 65 bytes
    EXPECT_EQ(verdict(changed), SignatureVerdict::malformed_signature);
    changed = good;
    changed[10] = changed[10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verdict(changed), SignatureVerdict::wrong);
    EXPECT_EQ(verdict(good), SignatureVerdict::valid);
}

TEST(WebhookSignature, either_of_two_keys_will_do) {
    const Signed input = valid_case();
    const auto verdict = [&input](std::vector<PublicKey> keys) {
        return SignatureVerifier(std::move(keys), seconds{300})
            .check(input.signature, input.timestamp, input.body, at(signed_at));
    };
    EXPECT_EQ(verdict({other_key(), vector_key()}), SignatureVerdict::valid);
    EXPECT_EQ(verdict({vector_key(), other_key()}), SignatureVerdict::valid);
    EXPECT_EQ(verdict({other_key()}), SignatureVerdict::wrong);
    EXPECT_THROW(verdict({}), std::invalid_argument);
}

TEST(WebhookSignature, bad_public_keys_are_refused) {
    const auto code = [](const char* text) { return PublicKey::parse(text).error().code(); };
    EXPECT_EQ(code(""), Errc::invalid);
    EXPECT_EQ(code("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR"), Errc::invalid);
    EXPECT_EQ(code("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcH"), Errc::invalid);
    // Points of small order: 0, 1 (the identity), and one of order eight.
    EXPECT_EQ(code("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), Errc::invalid);
    EXPECT_EQ(code("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), Errc::invalid);
    EXPECT_EQ(code("JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU="), Errc::invalid);
    // Not canonical: 2^255 - 18 says 1.
    EXPECT_EQ(code("7v///////////////////////////////////////38="), Errc::invalid);
}

}  // namespace
}  // namespace gw::telnyx
