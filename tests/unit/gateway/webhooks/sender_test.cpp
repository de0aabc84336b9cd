#include "gateway/webhooks/sender.hpp"

#include "gateway/net/retry_after.hpp"
#include "gateway/webhooks/signature.hpp"
#include "tests/fakes/counting_metrics.hpp"
#include "tests/fakes/event_log.hpp"
#include "tests/fakes/instant_clock.hpp"
#include "tests/fakes/run_awaitable.hpp"
#include "tests/fakes/scripted_http.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gw::webhooks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SenderTest : public testing::Test {
protected:
    ports::AttemptOutcome attempt(std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") {
        ports::WebhookAttempt attempt;
        attempt.url = "https://customer.example/hook";
        attempt.secret = std::move(secret);
        attempt.event_id = WebhookEventId("whe_1");
        attempt.body = R"({"id":"whe_1"})";
        attempt.signed_at = clock.utc_now;
        const auto sender = make_webhook_sender(http, clock, log, metrics);
        return fakes::run_awaitable(sender->attempt(std::move(attempt)));
    }
    ports::AttemptOutcome attempt_answered(unsigned status, net::Headers headers = {}) {
        http.answer(status, {}, std::move(headers));
        return attempt();
    }
    double counted(const std::string& outcome) const {
        return metrics.value("gateway_webhook_attempts_total{outcome=" + outcome + "}");
    }

    fakes::ScriptedHttp http;
    fakes::InstantClock clock;
    fakes::EventLog log;
    fakes::CountingMetrics metrics;
};

TEST_F(SenderTest, an_attempt_is_one_signed_request) {
    const ports::AttemptOutcome outcome = attempt_answered(204);
    EXPECT_TRUE(outcome.success);
    EXPECT_EQ(outcome.status_code, 204U);
    EXPECT_EQ(outcome.error, "");
    ASSERT_EQ(http.requests.size(), 1U);
    const net::ClientRequest& request = http.requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://customer.example/hook");
    EXPECT_EQ(request.body, R"({"id":"whe_1"})");
    EXPECT_EQ(request.timeout, milliseconds{15'000});
    EXPECT_EQ(request.response_bytes_max, 65'536U);
    EXPECT_TRUE(request.decide_at_header);
    EXPECT_FALSE(request.replayable) << "a repetition would not be in the log";
    EXPECT_EQ(request.headers.find("Content-Type"), "application/json");
    const HeaderList signed_headers = signature_headers("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                                        "whe_1", clock.utc_now, request.body)
                                          .value();
    for (const auto& [name, value] : signed_headers) {
        EXPECT_EQ(request.headers.find(name), value);
    }
    EXPECT_EQ(request.headers.size(), signed_headers.size() + 1);
    EXPECT_EQ(counted("success"), 1);
    EXPECT_EQ(metrics.value("gateway_webhook_attempt_seconds"), 1);
}

TEST_F(SenderTest, only_2xx_is_success) {
    for (const unsigned status : {200U, 201U, 299U}) {
        EXPECT_TRUE(attempt_answered(status).success);
    }
    for (const unsigned status : {400U, 404U, 410U, 500U, 503U}) {
        const ports::AttemptOutcome outcome = attempt_answered(status);
        EXPECT_FALSE(outcome.success);
        EXPECT_EQ(outcome.status_code, status);
        EXPECT_EQ(outcome.error, "HTTP " + std::to_string(status));
        EXPECT_FALSE(outcome.retry_after);
    }
    for (const unsigned status : {301U, 308U}) {
        const ports::AttemptOutcome outcome = attempt_answered(status);
        EXPECT_EQ(outcome.status_code, status);
        EXPECT_EQ(outcome.error, "redirect_not_followed");
    }
    EXPECT_EQ(counted("success"), 3);
    EXPECT_EQ(counted("http_error"), 7);
    EXPECT_EQ(http.requests.size(), 10U);  // nothing was followed or repeated
}

TEST_F(SenderTest, a_failure_is_told_in_words_fit_for_the_customer) {
    const std::vector<std::pair<Error, std::string>> cases = {
        {Error(Errc::timeout, "connect to 10.0.0.1"), "timeout"},
        {Error(Errc::dns_failed, "NXDOMAIN from 10.0.0.2"), "dns_error: host name not found"},
        {Error(Errc::denied_address, "127.0.0.1 is loopback"), "address not allowed"},
        {Error(Errc::connect_failed, "ECONNREFUSED"), "connection failed"},
        {Error(Errc::tls_failed, "certificate has expired"), "TLS error: certificate has expired"},
        {Error(Errc::tls_failed, "a\nb\xc3\xa9"), "TLS error: a?b??"},
        {Error(Errc::tls_failed), "TLS error"},
        {Error(Errc::reset), "connection closed before an answer"},
        {Error(Errc::protocol, "bad chunk"), "invalid HTTP answer"},
        {Error(Errc::invalid), "invalid URL"},
        {Error(Errc::internal, "secret detail"), "internal error"}};
    for (const auto& [error, text] : cases) {
        http.fail(error.code(), error.context());
        const ports::AttemptOutcome outcome = attempt();
        EXPECT_FALSE(outcome.success);
        EXPECT_FALSE(outcome.status_code);
        EXPECT_EQ(outcome.error, text);
    }
    http.fail(Errc::tls_failed, std::string(10'000, 'x'));
    EXPECT_LE(attempt().error.size(), 140U);
    EXPECT_EQ(counted("no_answer"), static_cast<double>(cases.size()) + 1);
}

TEST_F(SenderTest, without_a_good_secret_nothing_is_sent) {
    const ports::AttemptOutcome outcome = attempt("hunter2");
    EXPECT_FALSE(outcome.success);
    EXPECT_EQ(outcome.error, "invalid webhook secret");
    EXPECT_TRUE(http.requests.empty());
}

// A policy that only a provider which is not installed could satisfy, as long as it lives.
class NoDigestToBeHad {
public:
    NoDigestToBeHad() { EVP_set_default_properties(nullptr, "fips=yes"); }
    ~NoDigestToBeHad() { EVP_set_default_properties(nullptr, ""); }
    NoDigestToBeHad(const NoDigestToBeHad&) = delete;
    NoDigestToBeHad& operator=(const NoDigestToBeHad&) = delete;
};

TEST_F(SenderTest, a_signature_that_cannot_be_made_is_a_failed_attempt) {
    const NoDigestToBeHad policy;
    const ports::AttemptOutcome outcome = attempt();
    EXPECT_FALSE(outcome.success);
    EXPECT_EQ(outcome.error, "internal error");
    EXPECT_TRUE(http.requests.empty());
    EXPECT_EQ(counted("no_answer"), 1);
}

TEST_F(SenderTest, whatever_is_thrown_ends_the_attempt_and_goes_no_further) {
    http.on_send = [] { throw std::runtime_error("a bug"); };
    EXPECT_EQ(attempt().error, "internal error");
    http.on_send = [] {
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::no_descriptors));
    };
    EXPECT_EQ(attempt().error, "internal error");
    http.on_send = [] {
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::operation_aborted));
    };
    EXPECT_EQ(attempt().error, "canceled: gateway shutting down");
    EXPECT_EQ(counted("no_answer"), 3);
    EXPECT_EQ(log.events, std::vector<std::string>(2, "webhook_attempt_threw"))
        << "a cancellation is no fault";
}

TEST_F(SenderTest, a_hint_to_wait_is_taken_from_429_and_503_only) {
    EXPECT_EQ(attempt_answered(429, {{"Retry-After", "120"}}).retry_after, seconds{120});
    EXPECT_EQ(attempt_answered(503, {{"retry-after", "Sun, 23 Nov 2025 03:31:30 GMT"}}).retry_after,
              seconds{60});
    EXPECT_FALSE(attempt_answered(503, {{"Retry-After", "-1"}}).retry_after);
    EXPECT_FALSE(attempt_answered(503).retry_after);
    EXPECT_FALSE(attempt_answered(500, {{"Retry-After", "120"}}).retry_after);
    EXPECT_FALSE(attempt_answered(200, {{"Retry-After", "120"}}).retry_after);
}

TEST(RetryAfter, reads_seconds_and_dates_and_nothing_else) {
    const UtcTime now = parse_rfc3339("1994-11-06T08:49:00.5Z").value();
    const auto parse = [now](std::string_view text) { return net::parse_retry_after(text, now); };
    EXPECT_EQ(parse("0"), seconds{0});
    EXPECT_EQ(parse(" 30\t"), seconds{30});
    EXPECT_EQ(parse("Sun, 06 Nov 1994 08:49:37 GMT"), seconds{37});
    EXPECT_EQ(parse("Sun, 06 Nov 1994 08:48:37 GMT"), seconds{0});
    const seconds ten_years{10LL * 365 * 24 * 3600};
    EXPECT_EQ(parse("1000000000000"), ten_years);
    EXPECT_EQ(parse("99999999999999999999999999"), ten_years);
    EXPECT_EQ(parse("Fri, 31 Dec 9999 23:59:59 GMT"), ten_years);
    for (const char* bad : {"", " ", "-1", "+1", "1.5", "1e3", "soon", "120s", "0x10",
                            "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37",
                            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 25:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"}) {
        EXPECT_FALSE(parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace gw::webhooks
