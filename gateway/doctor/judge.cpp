// SPDX-License-Identifier: Apache-2.0
#include "gateway/doctor/judge.hpp"

#include "gateway/net/retry_after.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <string_view>
#include <utility>

namespace gw::doctor {
namespace {

using Json = nlohmann::json;

Finding ok(std::string what, std::string finding) {
    return {
        .health = Health::ok, .what = std::move(what), .finding = std::move(finding), .cure = {}};
}
Finding warn(std::string what, std::string finding, std::string cure) {
    return {.health = Health::warn,
            .what = std::move(what),
            .finding = std::move(finding),
            .cure = std::move(cure)};
}
Finding fail(std::string what, std::string finding, std::string cure) {
    return {.health = Health::fail,
            .what = std::move(what),
            .finding = std::move(finding),
            .cure = std::move(cure)};
}

std::string status_of(unsigned status) {
    return "status " + std::to_string(status);
}

// What a peer wrote is shown on one line, and not at any length.
std::string shown(std::string_view text) {
    constexpr std::size_t bytes_max = 200;
    std::string out(text.substr(0, bytes_max));
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }, '?');
    return out;
}

std::string said_by(const Error& error) {
    return std::string(name_of(error.code())) +
           (error.context().empty() ? "" : ": " + shown(error.context()));
}

std::string cure_of_reach(Errc code) {
    switch (code) {
        case Errc::dns_failed:
            return "correct the name, or the resolver of this machine";
        case Errc::connect_failed:
        case Errc::timeout:
            return "open the way: firewall, proxy, port";
        case Errc::tls_failed:
            return "its certificate must be valid for the name, with its whole chain";
        case Errc::reset:
        case Errc::protocol:
            return "something else than an HTTP server answers there";
        case Errc::invalid:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::duplicate:
        case Errc::unavailable:
        case Errc::full:
        case Errc::over_limit:
        case Errc::canceled:
        case Errc::denied_address:
        case Errc::too_large:
        case Errc::internal:
            break;
    }
    return "check the URL";
}

std::string member_of(const Json& data, const char* name) {
    const auto found = data.find(name);
    return found != data.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The API's form of an error: what a proxy or another server would not say.
bool is_our_refusal(const net::ClientResponse& response) {
    const Json json = Json::parse(response.body, nullptr, false);
    return response.status >= 400 && json.is_object() && !member_of(json, "error").empty() &&
           !member_of(json, "code").empty() && !member_of(json, "message").empty();
}

bool is_proxy_without_gateway(unsigned status) {
    return status == 502 || status == 503 || status == 504;
}

bool is_of_this_machine(std::string_view url) {
    const std::size_t begin = url.find("://");
    const std::string_view host = url.substr(begin == std::string_view::npos ? 0 : begin + 3);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"localhost", "127.0.0.1", "[::1]"},
        [host](std::string_view name) {
            return host.starts_with(name) && (host.size() == name.size() ||
                                              host[name.size()] == ':' || host[name.size()] == '/');
        });
}

Findings judge_settings(const std::string& body, const std::string& webhook_url) {
    const Json json = Json::parse(body, nullptr, false);
    const auto found = json.is_object() ? json.find("data") : json.end();
    if (!json.is_object() || found == json.end() || !found->is_object()) {
        return {warn("webhook version", "the answer is not an application's",
                     "look at the connection in Mission Control")};
    }
    Findings findings;
    const std::string version = member_of(*found, "webhook_api_version");
    findings.push_back(version == "2" ? ok("webhook version", "2")
                                      : fail("webhook version", "it is \"" + shown(version) + "\"",
                                             "set webhook_api_version of the connection to 2"));
    const std::string url = member_of(*found, "webhook_event_url");
    if (webhook_url.empty()) {
        findings.push_back(warn("webhook URL", "it is " + shown(url) + ", unchecked",
                                "set http.public_url, so that it can be compared"));
    } else if (url == webhook_url) {
        findings.push_back(ok("webhook URL", shown(url)));
    } else {
        findings.push_back(
            fail("webhook URL",
                 "it is " + (url.empty() ? "not set" : shown(url)) + ", not " + webhook_url,
                 "set webhook_event_url of the connection, or http.public_url"));
    }
    if (const auto active = found->find("active");
        active != found->end() && active->is_boolean() && !active->get<bool>()) {
        findings.push_back(fail("connection", "it is not active", "activate it"));
    }
    return findings;
}

}  // namespace

Findings judge_application(const Answer& answer, const std::string& connection_id,
                           const std::string& webhook_url) {
    if (!answer) {
        return {fail("Telnyx API", said_by(answer.error()), cure_of_reach(answer.error().code()))};
    }
    const unsigned status = answer->status;
    if (status == 401 || status == 403) {
        return {fail("API key", "Telnyx refuses it, " + status_of(status),
                     "set telnyx.api_key to a valid key of the account")};
    }
    const bool missing = status == 404 || status == 422;
    if (status != 200 && !missing) {
        return {warn("API key", "Telnyx answers with " + status_of(status),
                     "try again; see telnyx.api_base and Telnyx's status page")};
    }
    Findings findings{ok("API key", "accepted")};
    if (connection_id.empty()) {
        findings.push_back(warn("connection", "not configured, so its settings are unchecked",
                                "set telnyx.connection_id"));
        return findings;
    }
    if (missing) {
        findings.push_back(fail("connection", connection_id + " is not of this account",
                                "set telnyx.connection_id to the id of its Call Control "
                                "application"));
        return findings;
    }
    findings.push_back(ok("connection", connection_id));
    const Findings settings = judge_settings(answer->body, webhook_url);
    findings.insert(findings.end(), settings.begin(), settings.end());
    return findings;
}

Finding judge_public_url(const Answer& answer, const std::string& public_url) {
    const std::string what = "public URL";
    if (!answer) {
        return fail(what, public_url + ": " + said_by(answer.error()),
                    cure_of_reach(answer.error().code()));
    }
    if (answer->status != 405) {
        const bool busy = is_proxy_without_gateway(answer->status);
        return fail(what, public_url + " answers with " + status_of(answer->status) + ", not 405",
                    busy ? "start the gateway; the proxy finds none"
                         : "let the proxy pass /telnyx/webhooks on to http.listen as it is");
    }
    if (!public_url.starts_with("https://")) {
        return warn(what, public_url + " answers, without TLS",
                    "use https: what callers say and press would travel in the open");
    }
    return ok(what, public_url + " answers");
}

std::string stream_base_of(const std::string& public_url) {
    constexpr std::string_view scheme = "http";  // of https too, whose "s" stays
    return "ws" + public_url.substr(scheme.size()) + "/telnyx/media/";
}

Finding judge_stream_url(const Answer& answer, const std::string& public_url) {
    const std::string what = "stream URL";
    const std::string url = stream_base_of(public_url);
    if (!answer) {
        return fail(what, url + ": " + said_by(answer.error()),
                    cure_of_reach(answer.error().code()));
    }
    if (!is_our_refusal(*answer)) {
        return fail(what, url + " answers with " + status_of(answer->status) + ", not as a gateway",
                    is_proxy_without_gateway(answer->status)
                        ? "start the gateway; the proxy finds none"
                        : "let the proxy pass /telnyx/media/ on to http.listen as it is, with its "
                          "Upgrade header");
    }
    if (!url.starts_with("wss://") && !is_of_this_machine(url)) {
        return warn(what, url + " reaches the gateway, without TLS",
                    "make http.public_url an https one: what is said would travel in the open");
    }
    return ok(what, url + " reaches the gateway");
}

Finding judge_clock(const Answer& answer, UtcTime asked, UtcTime answered,
                    std::chrono::seconds tolerance) {
    constexpr std::chrono::seconds unremarkable{5};
    const std::string what = "clock";
    const auto date = answer ? answer->headers.find("Date") : std::nullopt;
    const auto theirs = date ? net::parse_http_date(*date) : std::nullopt;
    if (!theirs) {
        return warn(what, "Telnyx told no time to compare with", "see that NTP runs");
    }
    // Their second began somewhere between the question and its answer.
    UtcTime::duration skew{0};
    if (*theirs + std::chrono::seconds{1} < asked) {
        skew = asked - (*theirs + std::chrono::seconds{1});
    } else if (*theirs > answered) {
        skew = answered - *theirs;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(skew).count();
    const std::string found = seconds == 0  ? std::string("within a second of Telnyx's")
                              : seconds > 0 ? std::to_string(seconds) + " s ahead of Telnyx's"
                                            : std::to_string(-seconds) + " s behind Telnyx's";
    if (std::chrono::abs(skew) <= unremarkable) {
        return ok(what, found);
    }
    const std::string cure = "synchronise this machine's clock (NTP)";
    return std::chrono::abs(skew) * 2 > tolerance
               ? fail(what,
                      found + "; signatures are refused beyond " +
                          std::to_string(tolerance.count()) + " s",
                      cure)
               : warn(what, found, cure);
}

Finding judge_storage(const Answer& answer, const std::string& endpoint) {
    const std::string what = "recordings.s3";
    if (!answer) {
        return fail(what, endpoint + ": " + said_by(answer.error()),
                    cure_of_reach(answer.error().code()));
    }
    if (answer->status >= 500) {
        return warn(what, endpoint + " answers with " + status_of(answer->status), "try again");
    }
    return ok(what, endpoint + " answers");
}

Finding judge_store(const StoreFacts& facts) {
    const std::string what = "store";
    if (!facts.write_fault.empty()) {
        return fail(what, "cannot be written: " + shown(facts.write_fault),
                    "see the owner and the free space of its folder");
    }
    if (!facts.exists || facts.schema == 0) {
        return warn(what, "there is no database yet", "`serve` makes it, as does `migrate`");
    }
    const std::string schema = "schema " + std::to_string(facts.schema);
    const std::string known = std::to_string(facts.schema_known);
    if (facts.schema > facts.schema_known) {
        return fail(what, schema + ", and this program knows " + known + " only",
                    "use the newer program, or a backup of before");
    }
    if (facts.schema < facts.schema_known) {
        return warn(what, schema + " is older than this program's " + known,
                    "run `migrate`, or restart the gateway");
    }
    return ok(what, "can be written, " + schema);
}

void print(const Findings& findings, std::ostream& out) {
    for (const Finding& finding : findings) {
        const char* word = finding.health == Health::ok     ? "ok  "
                           : finding.health == Health::warn ? "warn"
                                                            : "FAIL";
        out << word << "  " << finding.what << ": " << finding.finding;
        if (!finding.cure.empty()) {
            out << "  -> " << finding.cure;
        }
        out << '\n';
    }
}

int exit_code_of(const Findings& findings) {
    return std::ranges::any_of(findings, [](const Finding& f) { return f.health == Health::fail; })
               ? 1
               : 0;
}

}  // namespace gw::doctor
