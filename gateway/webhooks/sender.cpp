#include "gateway/webhooks/sender.hpp"

#include "gateway/domain/fault_point.hpp"
#include "gateway/net/retry_after.hpp"
#include "gateway/webhooks/signature.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace gw::webhooks {
namespace {

using boost::asio::awaitable;

constexpr std::size_t reason_bytes_max = 120;

// A reason of the TLS library may quote the peer's certificate: printable ASCII only, and short.
std::string presentable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, reason_bytes_max)) {
        out += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return out;
}

// What the customer reads in the delivery log. It must help with their own endpoint and must not
// map our network: whatever happened behind a refused address is one and the same text.
std::string text_for_customer(const Error& error) {
    switch (error.code()) {
        case Errc::timeout:
            return "timeout";
        case Errc::dns_failed:
            return "dns_error: host name not found";
        case Errc::denied_address:
            return "address not allowed";
        case Errc::connect_failed:
            return "connection failed";
        case Errc::tls_failed:
            return error.context().empty() ? "TLS error"
                                           : "TLS error: " + presentable(error.context());
        case Errc::reset:
            return "connection closed before an answer";
        case Errc::protocol:
        case Errc::too_large:
            return "invalid HTTP answer";
        case Errc::invalid:
            return "invalid URL";
        case Errc::canceled:
            return "canceled: gateway shutting down";
        case Errc::unavailable:
        case Errc::full:
        case Errc::over_limit:
            return "too busy to send";
        case Errc::not_found:
        case Errc::conflict:
        case Errc::duplicate:
        case Errc::internal:
            break;
    }
    return "internal error";
}

class Sender final : public ports::WebhookSender {
public:
    Sender(net::HttpClient& http, ports::Clock& clock, ports::Log& log, ports::Metrics& metrics,
           SenderOptions options)
        : http_(http),
          clock_(clock),
          log_(log),
          options_(options),
          seconds_(
              metrics.histogram({"gateway_webhook_attempt_seconds",
                                 "One attempt to deliver a webhook, from sending to its end."})),
          succeeded_(count(metrics, "success")),
          answered_(count(metrics, "http_error")),
          failed_(count(metrics, "no_answer")) {}

    awaitable<ports::AttemptOutcome> attempt(ports::WebhookAttempt attempt) override {
        ports::AttemptOutcome outcome;
        const WebhookEventId event = attempt.event_id;
        const MonoTime begin = clock_.mono();
        try {
            outcome = co_await send(std::move(attempt));
        } catch (const boost::system::system_error& error) {
            outcome = error.code() == boost::asio::error::operation_aborted
                          ? failure(Error(Errc::canceled))
                          : fault(event, error.what());
        } catch (const std::exception& error) {
            outcome = fault(event, error.what());
        }
        seconds_.observe(std::chrono::duration<double>(clock_.mono() - begin).count());
        (outcome.success ? succeeded_ : outcome.status_code ? answered_ : failed_).increment();
        co_return outcome;
    }

private:
    static ports::Counter& count(ports::Metrics& metrics, std::string_view outcome) {
        return metrics.counter(
            {"gateway_webhook_attempts_total", "Attempts to deliver a webhook, by outcome."},
            {{"outcome", outcome}});
    }

    awaitable<ports::AttemptOutcome> send(ports::WebhookAttempt attempt) {
        Result<HeaderList> headers = signature_headers(attempt.secret, attempt.event_id.value(),
                                                       attempt.signed_at, attempt.body);
        if (!headers) {
            ports::AttemptOutcome outcome;
            outcome.error = "invalid webhook secret";
            co_return outcome;
        }
        net::ClientRequest request = make_request(std::move(attempt), std::move(*headers));
        fault_point("webhook.before_send");
        const Result<net::ClientResponse> answer = co_await http_.send(std::move(request));
        fault_point("webhook.sender.after_send");
        co_return answer ? judge(*answer) : failure(answer.error());
    }

    static ports::AttemptOutcome failure(const Error& error) {
        ports::AttemptOutcome outcome;
        outcome.error = text_for_customer(error);
        return outcome;
    }
    // Something threw that should not: the attempt has failed like any other, so that its endpoint
    // goes on, and the operator hears of it.
    ports::AttemptOutcome fault(const WebhookEventId& event, std::string_view what) const {
        log_.error("webhook_attempt_threw", {{"event_id", event.value()}, {"what", what}});
        return failure(Error(Errc::internal));
    }

    net::ClientRequest make_request(ports::WebhookAttempt attempt, HeaderList headers) const {
        net::ClientRequest request;
        request.method = "POST";
        request.url = std::move(attempt.url);
        request.headers.reserve(headers.size() + 1);
        request.headers.add("Content-Type", "application/json");
        for (auto& [name, value] : headers) {
            request.headers.add(std::move(name), std::move(value));
        }
        request.body = std::move(attempt.body);
        request.timeout = options_.timeout;
        request.response_bytes_max = options_.response_bytes_max;
        request.decide_at_header = true;
        request.replayable = false;  // a repetition is an attempt of its own, and in the log
        return request;
    }

    // Redirects are never followed (the target was never vetted), so 3xx is a failure like any
    // other.
    [[nodiscard]] ports::AttemptOutcome judge(const net::ClientResponse& answer) const {
        ports::AttemptOutcome outcome;
        outcome.status_code = answer.status;
        outcome.success = answer.status >= 200 && answer.status < 300;
        if (answer.status >= 300 && answer.status < 400) {
            outcome.error = "redirect_not_followed";
        } else if (!outcome.success) {
            outcome.error = "HTTP " + std::to_string(answer.status);
        }
        const auto hint = answer.headers.find("Retry-After");
        if (hint && (answer.status == 429 || answer.status == 503)) {
            outcome.retry_after = net::parse_retry_after(*hint, clock_.utc());
        }
        return outcome;
    }

    net::HttpClient& http_;
    ports::Clock& clock_;
    ports::Log& log_;
    SenderOptions options_;
    ports::Histogram& seconds_;
    ports::Counter& succeeded_;
    ports::Counter& answered_;
    ports::Counter& failed_;
};

}  // namespace

std::unique_ptr<ports::WebhookSender> make_webhook_sender(net::HttpClient& http,
                                                          ports::Clock& clock, ports::Log& log,
                                                          ports::Metrics& metrics,
                                                          SenderOptions options) {
    return std::make_unique<Sender>(http, clock, log, metrics, options);
}

}  // namespace gw::webhooks
