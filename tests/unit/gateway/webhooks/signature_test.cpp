#include "gateway/webhooks/signature.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace gw::webhooks {
namespace {

constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view timestamp = "1614265330";
constexpr std::string_view body = R"({"test": 2432232314})";

// The example of the Standard Webhooks libraries' own tests (same secret, id, time and body).
TEST(WebhookSignature, the_published_vector_comes_out) {
    EXPECT_EQ(standard_signature(secret, id, timestamp, body).value(),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// Made with openssl dgst -sha256 -hmac over "1614265330.{...}" with the whole secret as key.
TEST(WebhookSignature, the_staffify_key_is_the_whole_secret) {
    EXPECT_EQ(staffify_signature(secret, timestamp, body),
              "sha256=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964");
}

TEST(WebhookSignature, the_headers_carry_both) {
    const UtcTime at = utc_from_micros(1'614'265'330'999'999);
    const HeaderList headers = signature_headers(secret, id, at, body).value();
    const std::map<std::string, std::string> by_name(headers.begin(), headers.end());
    EXPECT_EQ(by_name.size(), 5U);
    EXPECT_EQ(headers.size(), 5U);
    EXPECT_EQ(by_name.at("X-Staffify-Timestamp"), timestamp);
    EXPECT_EQ(by_name.at("X-Staffify-Signature"), staffify_signature(secret, timestamp, body));
    EXPECT_EQ(by_name.at("webhook-id"), id);
    EXPECT_EQ(by_name.at("webhook-timestamp"), timestamp);
    EXPECT_EQ(by_name.at("webhook-signature"),
              standard_signature(secret, id, timestamp, body).value());
}

TEST(WebhookSignature, each_part_of_the_message_counts) {
    const std::string good = standard_signature(secret, id, timestamp, body).value();
    EXPECT_NE(standard_signature(secret, "other", timestamp, body).value(), good);
    EXPECT_NE(standard_signature(secret, id, "1614265331", body).value(), good);
    EXPECT_NE(standard_signature(secret, id, timestamp, "{}").value(), good);
    EXPECT_NE(standard_signature("whsec_AAAA", id, timestamp, body).value(), good);
}

TEST(WebhookSignature, what_would_blur_the_message_or_the_key_is_refused) {
    const auto refused = [](std::string_view with_secret, std::string_view with_id) {
        const Result<std::string> made = standard_signature(with_secret, with_id, timestamp, body);
        return made.has_error() && made.error().code() == Errc::invalid &&
               signature_headers(with_secret, with_id, UtcTime{}, body).has_error();
    };
    EXPECT_TRUE(refused(secret, ""));
    EXPECT_TRUE(refused(secret, "a.b"));
    EXPECT_TRUE(refused("", id));
    EXPECT_TRUE(refused("whsec_", id));
    EXPECT_TRUE(refused("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id));
    EXPECT_TRUE(refused("whsec_not base64", id));
    EXPECT_TRUE(refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", id));
}

}  // namespace
}  // namespace gw::webhooks
