#include "telnyx/webhook_endpoint.hpp"

#include "gateway/net/ascii.hpp"
#include "telnyx/wire/words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace gw::telnyx {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// Every cause of a refusal, closed for the metric: our own, the signature's, the event's.
const std::array refusal_causes = {
    std::string_view("method"),
    std::string_view("too_large"),
    std::string_view("content_encoding"),
    std::string_view("content_type"),
    std::string_view("duplicate_header"),
    std::string_view("missing_header"),
    std::string_view("rate_limited"),
    word_of(SignatureVerdict::malformed_timestamp),
    word_of(SignatureVerdict::malformed_signature),
    word_of(SignatureVerdict::too_old),
    word_of(SignatureVerdict::too_new),
    word_of(SignatureVerdict::wrong),
    word_of(EventFault::not_json),
    word_of(EventFault::too_deep),
    word_of(EventFault::duplicate_key),
    word_of(EventFault::not_object),
    word_of(EventFault::version_one),
    word_of(EventFault::no_data),
    word_of(EventFault::no_event_type),
    word_of(EventFault::no_id),
};

constexpr std::array<std::string_view, 4> intake_words = {"taken", "duplicate", "parked",
                                                          "ignored"};

// `text` is one of our own sentences without a character that JSON escapes, but for the quotes.
HttpResponse problem(unsigned status, std::string_view code, std::string_view text,
                     std::optional<std::chrono::seconds> retry_after = std::nullopt) {
    std::string sentence;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            sentence += '\\';
        }
        sentence += c;
    }
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = "{\"error\":\"" + sentence + "\",\"code\":\"" + std::string(code) +
                    "\",\"message\":\"" + sentence + "\"";
    if (retry_after) {
        const std::string seconds = std::to_string(retry_after->count());
        response.headers.add("Retry-After", seconds);
        response.body += ",\"retryAfter\":" + seconds;
    }
    response.body += "}";
    return response;
}

HttpResponse invalid_signature() {
    return problem(401, "INVALID_SIGNATURE", "Invalid webhook signature");
}

bool is_json(std::string_view content_type) {
    return net::ascii_iequals(net::trim_ows(content_type.substr(0, content_type.find(';'))),
                              "application/json");
}

}  // namespace

struct WebhookEndpoint::Meters {
    explicit Meters(ports::Metrics& metrics)
        : seconds(metrics.histogram({"telnyx_webhook_seconds",
                                     "From a whole request to its answer, refusals included."})) {
        const ports::MetricName received{"telnyx_events_received_total",
                                         "Signed events by type; unknown types are other."};
        for (const std::string_view type : known_event_types()) {
            types.push_back(&metrics.counter(received, {{"type", type}}));
        }
        types.push_back(&metrics.counter(received, {{"type", "other"}}));
        const ports::MetricName outcome{"telnyx_events_total",
                                        "Signed events by what became of them."};
        for (const std::string_view word : intake_words) {
            intakes.push_back(&metrics.counter(outcome, {{"outcome", word}}));
        }
        failed = &metrics.counter(outcome, {{"outcome", "unavailable"}});
        for (const std::string_view cause : refusal_causes) {
            refusals.push_back(&metrics.counter(
                {"telnyx_webhooks_refused_total", "Requests that gave no event, by cause."},
                {{"cause", cause}}));
        }
    }

    void count_type(std::string_view type) {
        types[index_of_event_type(type).value_or(types.size() - 1)]->increment();
    }
    void count_refusal(std::string_view cause) {
        const auto at = std::ranges::find(refusal_causes, cause);
        refusals[static_cast<std::size_t>(at - refusal_causes.begin())]->increment();
    }

    ports::Histogram& seconds;
    std::vector<ports::Counter*> types;
    std::vector<ports::Counter*> intakes;
    std::vector<ports::Counter*> refusals;
    ports::Counter* failed = nullptr;
};

WebhookEndpoint::WebhookEndpoint(SignatureVerifier verifier, app::EventIntake& intake,
                                 ports::Clock& clock, ports::Log& log, ports::Metrics& metrics,
                                 WebhookEndpointOptions options)
    : verifier_(std::move(verifier)),
      intake_(intake),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      limiter_(options_.failures_per_minute_max, options_.limited_addresses_max),
      meters_(std::make_unique<Meters>(metrics)) {}

WebhookEndpoint::~WebhookEndpoint() = default;

boost::asio::awaitable<HttpResponse> WebhookEndpoint::handle(HttpRequest request) {
    const MonoTime begin = clock_.mono();
    std::optional<HttpResponse> response = refuse_early(request);
    if (!response) {
        response = refuse_unsigned(request);
    }
    if (!response) {
        const std::size_t body_bytes = request.body.size();
        ParsedEvent event = parse_event(std::move(request.body), clock_.utc());
        if (!event) {
            response = refuse_event(request, body_bytes, event.error());
        } else {
            meters_->count_type(event->type_word);
            const Result<app::Intake> taken = co_await intake_.take(std::move(*event));
            response = taken ? answer_taken(*taken) : answer_failed(taken.error());
        }
    }
    meters_->seconds.observe(std::chrono::duration<double>(clock_.mono() - begin).count());
    co_return std::move(*response);
}

// What needs no look at the signature headers.
std::optional<HttpResponse> WebhookEndpoint::refuse_early(const HttpRequest& request) {
    if (request.method != "POST") {
        meters_->count_refusal("method");
        HttpResponse response = problem(405, "METHOD_NOT_ALLOWED", "Method not allowed");
        response.headers.add("Allow", "POST");
        return response;
    }
    if (request.body.size() > options_.body_bytes_max) {
        meters_->count_refusal("too_large");
        return problem(413, "PAYLOAD_TOO_LARGE", "The body is too large");
    }
    // The signature covers the bytes sent; decoding them first would let anybody pass us a bomb.
    if (request.headers.count("Content-Encoding") != 0) {
        meters_->count_refusal("content_encoding");
        return problem(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding is not supported");
    }
    const auto content_type = request.headers.find("Content-Type");
    if (!content_type || !is_json(*content_type)) {
        meters_->count_refusal("content_type");
        return problem(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
    }
    return std::nullopt;
}

// Every 401 has the same body; the cause is for the metric and the log alone.
std::optional<HttpResponse> WebhookEndpoint::refuse_unsigned(const HttpRequest& request) {
    const std::size_t signatures = request.headers.count(signature_header);
    const std::size_t timestamps = request.headers.count(timestamp_header);
    if (signatures > 1 || timestamps > 1) {
        meters_->count_refusal("duplicate_header");
        return problem(400, "VALIDATION_ERROR", "A signature header stands more than once");
    }
    const MonoTime now = clock_.mono();
    const std::string address =
        options_.client_address ? options_.client_address(request) : request.remote_address;
    if (limiter_.is_blocked(address, now)) {
        meters_->count_refusal("rate_limited");
        return problem(429, "RATE_LIMIT_EXCEEDED", "Too many requests without a valid signature",
                       std::chrono::seconds{60});
    }
    std::string_view cause = "missing_header";
    const std::string_view timestamp = request.headers.find(timestamp_header).value_or("");
    if (signatures == 1 && timestamps == 1) {
        const SignatureVerdict verdict = verifier_.check(*request.headers.find(signature_header),
                                                         timestamp, request.body, clock_.utc());
        if (verdict == SignatureVerdict::valid) {
            return std::nullopt;
        }
        cause = word_of(verdict);
    }
    limiter_.count_failure(address, now);
    meters_->count_refusal(cause);
    log_.warn("telnyx_webhook_refused", {{"cause", cause},
                                         {"address", address},
                                         {"signed_at", timestamp.substr(0, 12)},
                                         {"body_bytes", request.body.size()}});
    return invalid_signature();
}

// Signed by Telnyx, but nothing that we can use. 200, or it would come back for ever; API version 1
// is a fault of configuration that somebody must see in Telnyx's delivery log, hence 400.
HttpResponse WebhookEndpoint::refuse_event(const HttpRequest& request, std::size_t body_bytes,
                                           EventFault fault) {
    meters_->count_refusal(word_of(fault));
    log_.error("telnyx_event_unusable", {{"cause", word_of(fault)},
                                         {"text", text_of(fault)},
                                         {"address", request.remote_address},
                                         {"body_bytes", body_bytes}});
    if (fault == EventFault::version_one) {
        return problem(400, "VALIDATION_ERROR", text_of(fault));
    }
    return HttpResponse{};
}

HttpResponse WebhookEndpoint::answer_taken(app::Intake intake) {
    meters_->intakes[static_cast<std::size_t>(intake)]->increment();
    return HttpResponse{};
}

HttpResponse WebhookEndpoint::answer_failed(const Error& error) {
    meters_->failed->increment();
    log_.warn("telnyx_event_not_kept",
              {{"error", name_of(error.code())}, {"detail", error.context()}});
    return problem(503, "UNAVAILABLE", "The event cannot be stored now; send it again",
                   options_.retry_after);
}

}  // namespace gw::telnyx
