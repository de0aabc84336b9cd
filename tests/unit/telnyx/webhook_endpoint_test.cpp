#include "telnyx/webhook_endpoint.hpp"

#include "tests/fakes/counting_metrics.hpp"
#include "tests/fakes/instant_clock.hpp"
#include "tests/fakes/run_awaitable.hpp"
#include "tests/unit/telnyx/fixtures.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

namespace gw::telnyx {
namespace {

using nlohmann::json;
using std::chrono::seconds;

// Takes what it is given and answers as told.
class ScriptedIntake final : public app::EventIntake {
public:
    std::vector<CarrierEvent> events;
    std::deque<Result<app::Intake>> answers;
    boost::asio::awaitable<Result<app::Intake>> take(BoxedEvent event) override {
        events.push_back(std::move(*event));
        Result<app::Intake> answer = app::Intake::taken;
        if (!answers.empty()) {
            answer = answers.front();
            answers.pop_front();
        }
        co_return answer;
    }
};

class CapturingLog final : public ports::Log {
public:
    std::vector<std::string> lines;
    void write(ports::LogLevel, std::string_view event,
               std::span<const ports::LogField> fields) noexcept override {
        std::string line(event);
        for (const ports::LogField& field : fields) {
            line.append(" ").append(field.key()).append("=").append(field.text());
        }
        lines.push_back(line);
    }
    [[nodiscard]] bool enabled(ports::LogLevel) const noexcept override { return true; }
};

class WebhookEndpointTest : public testing::Test {
protected:
    // The key of RFC 8032, section 7.1, TEST 1, as in the vectors.
    static std::array<unsigned char, 64> secret_key() {
        const std::array<unsigned char, 32> seed = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                                    0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                                    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                                    0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
        std::array<unsigned char, 32> public_key{};
        std::array<unsigned char, 64> key{};
        crypto_sign_seed_keypair(public_key.data(), key.data(), seed.data());
        return key;
    }
    static std::string sign(const std::string& message) {
        std::array<unsigned char, 64> signature{};
        crypto_sign_detached(signature.data(), nullptr,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                             secret_key().data());
        std::array<char, 89> text{};
        sodium_bin2base64(text.data(), text.size(), signature.data(), signature.size(),
                          sodium_base64_VARIANT_ORIGINAL);
        return text.data();
    }

    net::HttpRequest signed_request(std::string body) const {
        const std::string timestamp =
            std::to_string(std::chrono::floor<seconds>(clock.utc_now).time_since_epoch().count());
        net::HttpRequest request;
        request.method = "POST";
        request.target = "/telnyx/webhooks";
        request.headers = {{"content-type", "application/json"},
                           {"telnyx-signature-ed25519", sign(timestamp + "|" + body)},
                           {"telnyx-timestamp", timestamp}};
        request.body = std::move(body);
        request.remote_address = "185.246.41.9";
        return request;
    }
    net::HttpResponse post(net::HttpRequest request) {
        return fakes::run_awaitable(endpoint().handle(std::move(request)));
    }
    WebhookEndpoint& endpoint() {
        if (!endpoint_) {
            endpoint_ = std::make_unique<WebhookEndpoint>(
                SignatureVerifier(
                    {PublicKey::parse("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").value()},
                    seconds{300}),
                intake, clock, log, metrics, options);
        }
        return *endpoint_;
    }
    double refused(const std::string& cause) const {
        return metrics.value("telnyx_webhooks_refused_total{cause=" + cause + "}");
    }
    static std::string code_of(const net::HttpResponse& response) {
        const json body = json::parse(response.body);
        EXPECT_EQ(body["error"], body["message"]);
        return body["code"].get<std::string>();
    }

    ScriptedIntake intake;
    fakes::InstantClock clock;
    CapturingLog log;
    fakes::CountingMetrics metrics;
    WebhookEndpointOptions options;

private:
    std::unique_ptr<WebhookEndpoint> endpoint_;
};

TEST_F(WebhookEndpointTest, a_signed_event_is_taken_and_answered_200_with_nothing) {
    const std::string body = fixtures::read("events/call.hangup.normal_clearing.caller.json");
    const net::HttpResponse response = post(signed_request(body));
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.headers.size(), 0U);
    ASSERT_EQ(intake.events.size(), 1U);
    EXPECT_EQ(intake.events[0].type, CarrierEventType::hangup);
    EXPECT_EQ(intake.events[0].raw, body);
    EXPECT_EQ(metrics.value("telnyx_events_received_total{type=call.hangup}"), 1);
    EXPECT_EQ(metrics.value("telnyx_events_total{outcome=taken}"), 1);
    EXPECT_EQ(metrics.value("telnyx_webhook_seconds"), 1);
    EXPECT_TRUE(log.lines.empty());
}

TEST_F(WebhookEndpointTest, every_intake_is_200_and_counted) {
    intake.answers = {app::Intake::taken, app::Intake::duplicate, app::Intake::parked,
                      app::Intake::ignored};
    for (const char* outcome : {"taken", "duplicate", "parked", "ignored"}) {
        const net::HttpResponse response =
            post(signed_request(fixtures::read("events/call.answered.json")));
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, "");
        EXPECT_EQ(metrics.value("telnyx_events_total{outcome=" + std::string(outcome) + "}"), 1);
    }
}

TEST_F(WebhookEndpointTest, what_cannot_be_stored_is_503_and_comes_again) {
    for (const Errc code : {Errc::unavailable, Errc::full, Errc::timeout}) {
        intake.answers = {Error(code, "the disk")};
        const net::HttpResponse response =
            post(signed_request(fixtures::read("events/call.answered.json")));
        EXPECT_EQ(response.status, 503U);
        EXPECT_EQ(response.headers.find("Retry-After"), "1");
        EXPECT_EQ(code_of(response), "UNAVAILABLE");
        EXPECT_EQ(json::parse(response.body)["retryAfter"], 1);
    }
    EXPECT_EQ(metrics.value("telnyx_events_total{outcome=unavailable}"), 3);
}

TEST_F(WebhookEndpointTest, an_unknown_event_type_is_one_label) {
    EXPECT_EQ(post(signed_request(fixtures::read("unknown/call.event_of_the_future.json"))).status,
              200U);
    ASSERT_EQ(intake.events.size(), 1U);
    EXPECT_EQ(metrics.value("telnyx_events_received_total{type=other}"), 1);
}

TEST_F(WebhookEndpointTest, signed_garbage_is_200_counted_and_logged_once) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "not_json"},
        {"{\"data\":", "not_json"},
        {"[]", "not_object"},
        {"{}", "no_data"},
        {R"({"data":{"id":"1"}})", "no_event_type"},
        {R"({"data":{"event_type":"call.hangup"}})", "no_id"},
        {std::string(10'000, '['), "too_deep"},
        {R"({"data":{"id":"1","id":"2"}})", "duplicate_key"}};
    for (const auto& [body, cause] : cases) {
        log.lines.clear();
        const double before = refused(cause);
        const net::HttpResponse response = post(signed_request(body));
        EXPECT_EQ(response.status, 200U) << cause;
        EXPECT_EQ(response.body, "") << cause;
        EXPECT_EQ(refused(cause), before + 1);
        ASSERT_EQ(log.lines.size(), 1U);
        EXPECT_NE(log.lines[0].find("cause=" + cause), std::string::npos);
    }
    EXPECT_TRUE(intake.events.empty());
}

TEST_F(WebhookEndpointTest, version_one_is_400_and_says_what_to_set) {
    const net::HttpResponse response =
        post(signed_request(fixtures::read("unknown/v1.call_initiated.json")));
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(code_of(response), "VALIDATION_ERROR");
    EXPECT_NE(response.body.find("webhook_api_version to \\\"2\\\""), std::string::npos);
    EXPECT_EQ(refused("version_one"), 1);
    EXPECT_TRUE(intake.events.empty());
}

TEST_F(WebhookEndpointTest, every_unsigned_request_gets_the_same_401) {
    const std::string body = fixtures::read("events/call.answered.json");
    const net::HttpRequest good = signed_request(body);
    std::vector<std::pair<std::string, net::HttpRequest>> cases;
    const auto add = [&](const char* cause, auto change) {
        net::HttpRequest request = good;
        change(request);
        cases.emplace_back(cause, std::move(request));
    };
    add("missing_header", [](auto& r) { r.headers = {{"Content-Type", "application/json"}}; });
    add("missing_header", [&](auto& r) {
        r.headers = {{"Content-Type", "application/json"},
                     {"Telnyx-Timestamp", std::string(*good.headers.find("Telnyx-Timestamp"))}};
    });
    add("malformed_signature", [](auto& r) { r.headers.set("Telnyx-Signature-Ed25519", "x"); });
    add("malformed_timestamp", [](auto& r) { r.headers.set("Telnyx-Timestamp", "12a"); });
    add("too_old", [](auto& r) { r.headers.set("Telnyx-Timestamp", "1763868329"); });
    add("too_new", [](auto& r) { r.headers.set("Telnyx-Timestamp", "1763868931"); });
    add("wrong_signature", [](auto& r) { r.headers.set("Telnyx-Timestamp", "1763868631"); });
    add("wrong_signature", [](auto& r) { r.body += " "; });
    std::string first;
    for (auto& [cause, request] : cases) {
        const double before = refused(cause);
        const net::HttpResponse response = post(std::move(request));
        EXPECT_EQ(response.status, 401U) << cause;
        EXPECT_EQ(code_of(response), "INVALID_SIGNATURE");
        first = first.empty() ? response.body : first;
        EXPECT_EQ(response.body, first);
        EXPECT_EQ(refused(cause), before + 1) << cause;
    }
    EXPECT_TRUE(intake.events.empty());
    EXPECT_EQ(log.lines.size(), cases.size());
}

TEST_F(WebhookEndpointTest, a_signature_header_that_stands_twice_is_400) {
    for (const char* name : {"TELNYX-SIGNATURE-ED25519", "Telnyx-Timestamp"}) {
        net::HttpRequest request = signed_request(fixtures::read("events/call.answered.json"));
        request.headers.add(name, std::string(*request.headers.find(name)));
        const net::HttpResponse response = post(std::move(request));
        EXPECT_EQ(response.status, 400U);
        EXPECT_EQ(code_of(response), "VALIDATION_ERROR");
    }
    EXPECT_EQ(refused("duplicate_header"), 2);
    EXPECT_TRUE(intake.events.empty());
}

TEST_F(WebhookEndpointTest, method_size_and_type_come_first) {
    options.body_bytes_max = 2'000;
    const std::string body = fixtures::read("events/call.answered.json");
    net::HttpRequest request = signed_request(body);
    request.method = "GET";
    net::HttpResponse response = post(request);
    EXPECT_EQ(response.status, 405U);
    EXPECT_EQ(response.headers.find("Allow"), "POST");
    EXPECT_EQ(code_of(response), "METHOD_NOT_ALLOWED");

    response = post(signed_request(std::string(2'001, ' ')));
    EXPECT_EQ(response.status, 413U);
    EXPECT_EQ(code_of(response), "PAYLOAD_TOO_LARGE");

    for (const char* type :
         {"", "text/plain", "application/jsonp", "application/x-www-form-urlencoded"}) {
        request = signed_request(body);
        request.headers.set("Content-Type", type);
        response = post(request);
        EXPECT_EQ(response.status, 415U) << type;
        EXPECT_EQ(code_of(response), "UNSUPPORTED_MEDIA_TYPE");
    }
    request = signed_request(body);
    request.headers.add("Content-Encoding", "gzip");
    EXPECT_EQ(post(request).status, 415U);
    EXPECT_EQ(refused("content_type"), 4);
    EXPECT_EQ(refused("content_encoding"), 1);
    EXPECT_TRUE(intake.events.empty());

    request = signed_request(body);
    request.headers.set("Content-Type", "Application/JSON ; charset=utf-8");
    EXPECT_EQ(post(request).status, 200U);
}

TEST_F(WebhookEndpointTest, a_forger_is_shut_out_for_a_minute_and_nobody_else) {
    options.failures_per_minute_max = 3;
    const auto forged = [this](const char* address) {
        net::HttpRequest request = signed_request("{}");
        request.body = "{ }";
        request.remote_address = address;
        return post(std::move(request)).status;
    };
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(forged("203.0.113.7"), 401U);
    }
    EXPECT_EQ(forged("203.0.113.7"), 429U);
    EXPECT_EQ(refused("rate_limited"), 1);
    EXPECT_EQ(refused("wrong_signature"), 4);
    EXPECT_EQ(forged("203.0.113.8"), 401U);
    EXPECT_EQ(post(signed_request(fixtures::read("events/call.answered.json"))).status, 200U);

    clock.advance(seconds{59});
    net::HttpRequest blocked = signed_request(fixtures::read("events/call.answered.json"));
    blocked.remote_address = "203.0.113.7";
    const net::HttpResponse response = post(blocked);
    EXPECT_EQ(response.status, 429U);
    EXPECT_EQ(response.headers.find("Retry-After"), "60");
    clock.advance(seconds{1});
    blocked = signed_request(fixtures::read("events/call.answered.json"));
    blocked.remote_address = "203.0.113.7";
    EXPECT_EQ(post(blocked).status, 200U);
}

TEST_F(WebhookEndpointTest, the_address_to_count_by_can_be_told) {
    options.failures_per_minute_max = 1;
    options.client_address = [](const net::HttpRequest& request) {
        return std::string(request.headers.find("X-Forwarded-For").value_or(""));
    };
    const auto forged = [this](const char* address) {
        net::HttpRequest request = signed_request("{}");
        request.body = "{ }";
        request.headers.add("X-Forwarded-For", address);
        return post(std::move(request)).status;
    };
    EXPECT_EQ(forged("203.0.113.7"), 401U);
    EXPECT_EQ(forged("203.0.113.7"), 401U);
    EXPECT_EQ(forged("203.0.113.7"), 429U);
    EXPECT_EQ(forged("203.0.113.9"), 401U);
}

TEST(FailureLimiter, is_bounded_and_counts_an_ipv6_network_as_one) {
    FailureLimiter limiter(2, 3);
    const MonoTime now{std::chrono::hours{1}};
    for (const char* address : {"2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:3::"}) {
        limiter.count_failure(address, now);
    }
    EXPECT_EQ(limiter.size(), 1U);
    EXPECT_TRUE(limiter.is_blocked("2001:db8:0:1::99", now));
    EXPECT_FALSE(limiter.is_blocked("2001:db8:0:2::1", now));
    for (int i = 0; i < 1'000; ++i) {
        limiter.count_failure("198.51.100." + std::to_string(i), now);
        EXPECT_LE(limiter.size(), 3U);
    }
    limiter.count_failure("192.0.2.1", now + seconds{61});
    EXPECT_EQ(limiter.size(), 1U);  // windows that are over go first

    FailureLimiter off(0, 3);
    for (int i = 0; i < 10; ++i) {
        off.count_failure("192.0.2.1", now);
    }
    EXPECT_FALSE(off.is_blocked("192.0.2.1", now));
}

}  // namespace
}  // namespace gw::telnyx
