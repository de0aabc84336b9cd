// SPDX-License-Identifier: Apache-2.0
#include "gateway/doctor_command.hpp"

#include "gateway/doctor/judge.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/obs/system_clock.hpp"
#include "gateway/options.hpp"
#include "gateway/store/call_file.hpp"
#include "telnyx/webhook_signature.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace gw {
namespace {

namespace asio = boost::asio;
using doctor::Finding;
using doctor::Findings;
using doctor::Health;

constexpr std::chrono::seconds patience{5};

asio::awaitable<void> exchange(net::HttpClient& client, net::ClientRequest request,
                               doctor::Answer& answer) {
    answer = co_await client.send(std::move(request));
    co_await client.stop();
}

// One question at a time, each with a client of its own: nothing is left over from the one before.
doctor::Answer ask(net::ClientRequest request) {
    asio::io_context loop{1};
    net::HttpClientOptions options = telnyx_http();
    options.connect_timeout = patience;
    const auto client = net::make_http_client(loop.get_executor(), std::move(options));
    request.timeout = patience;
    doctor::Answer answer = Error(Errc::internal, "nothing was asked");
    std::exception_ptr fault;
    asio::co_spawn(loop, exchange(*client, std::move(request), answer),
                   [&fault](std::exception_ptr thrown) { fault = std::move(thrown); });
    loop.run();
    if (fault) {
        std::rethrow_exception(fault);
    }
    return answer;
}

doctor::Answer ask(const std::string& url, net::Headers headers = {}) {
    net::ClientRequest request;
    request.url = url;
    request.headers = std::move(headers);
    return ask(std::move(request));
}

doctor::Answer ask_for_stream(const std::string& public_url) {
    net::ClientRequest request;
    request.url = public_url + "/telnyx/media/doctor";
    request.asks_for_websocket = true;
    return ask(std::move(request));
}

void add(Findings& findings, Findings more) {
    findings.insert(findings.end(), more.begin(), more.end());
}

Findings check_public_keys(const config::TelnyxSettings& settings) {
    Findings findings;
    if (settings.public_keys.empty()) {
        findings.push_back({.health = Health::fail,
                            .what = "public key",
                            .finding = "none is configured",
                            .cure = "copy it from Mission Control to telnyx.public_key"});
    }
    for (const std::string& text : settings.public_keys) {
        const auto key = telnyx::PublicKey::parse(text);
        findings.push_back(key ? Finding{.health = Health::ok,
                                         .what = "public key",
                                         .finding = "well-formed",
                                         .cure = {}}
                               : Finding{.health = Health::fail,
                                         .what = "public key",
                                         .finding = key.error().context(),
                                         .cure = "copy it from Mission Control: 32 bytes, base64"});
    }
    return findings;
}

Findings check_telnyx(const config::Settings& settings) {
    const config::TelnyxSettings& telnyx = settings.telnyx;
    const auto clock = obs::make_system_clock();
    net::Headers headers;
    headers.add("Authorization", "Bearer " + std::string(telnyx.api_key.reveal()));
    const std::string url =
        telnyx.api_base + "/call_control_applications" +
        (telnyx.connection_id.empty() ? "?page%5Bsize%5D=1" : "/" + telnyx.connection_id);
    const UtcTime asked = clock->utc();
    const doctor::Answer answer = ask(url, std::move(headers));
    const UtcTime answered = clock->utc();
    const std::string webhook_url =
        settings.http.public_url.empty() ? "" : settings.http.public_url + "/telnyx/webhooks";
    Findings findings = doctor::judge_application(answer, telnyx.connection_id, webhook_url);
    findings.push_back(doctor::judge_clock(answer, asked, answered, telnyx.webhook_tolerance));
    return findings;
}

Findings check_public_urls(const std::string& public_url) {
    if (public_url.empty()) {
        return {{.health = Health::warn,
                 .what = "public URL",
                 .finding = "not configured, so it and the stream URL are unchecked",
                 .cure = "set http.public_url"}};
    }
    return {doctor::judge_public_url(ask(public_url + "/telnyx/webhooks"), public_url),
            doctor::judge_stream_url(ask_for_stream(public_url), public_url)};
}

Finding check_store(const config::Settings& settings) {
    try {
        const store::DatabaseState state = store::inspect_database(sqlite_path(settings));
        return doctor::judge_store({.exists = state.exists,
                                    .schema = state.schema,
                                    .schema_known = state.schema_known,
                                    .write_fault = state.write_fault});
    } catch (const std::runtime_error& error) {
        return {.health = Health::fail,
                .what = "store",
                .finding = error.what(),
                .cure = "see store.url, and the owner of the file and its folder"};
    }
}

}  // namespace

int run_doctor(const std::string& path, const config::LoadResult& loaded, std::ostream& out) {
    Findings findings;
    for (const std::string& fault : loaded.faults) {
        findings.push_back({.health = Health::fail,
                            .what = "configuration",
                            .finding = fault,
                            .cure = "correct it; config/REFERENCE.md has every key"});
    }
    if (loaded.settings) {
        const config::Settings& settings = *loaded.settings;
        findings.push_back(
            {.health = Health::ok, .what = "configuration", .finding = path, .cure = {}});
        findings.push_back(check_store(settings));
        add(findings, check_public_keys(settings.telnyx));
        add(findings, check_telnyx(settings));
        add(findings, check_public_urls(settings.http.public_url));
        if (settings.recordings.s3) {
            const std::string& endpoint = settings.recordings.s3->endpoint;
            findings.push_back(doctor::judge_storage(ask(endpoint), endpoint));
        }
    }
    doctor::print(findings, out);
    return doctor::exit_code_of(findings);
}

}  // namespace gw
