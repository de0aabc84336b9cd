// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gateway/http/api_fixture.hpp"

#include "gateway/domain/billing.hpp"
#include "tests/openapi/record.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/evp.h>

#include <stdexcept>

namespace gw::http::testing {
namespace {

ports::KeyHash hash_of(std::string_view key) {
    ports::KeyHash hash{};
    std::size_t length = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, key.data(), key.size(), hash.data(), &length) !=
        1) {
        throw std::runtime_error("SHA-256");
    }
    return hash;
}

ports::ApiKey project_key(const std::string& key, std::int64_t project, ports::Scope scope) {
    ports::ApiKey row;
    row.hash = hash_of(key);
    row.project_id = ProjectId(project);
    row.scope = scope;
    return row;
}

ports::ApiKey key_of_org(const std::string& key, std::int64_t org, ports::Scope scope) {
    ports::ApiKey row;
    row.hash = hash_of(key);
    row.org_id = OrgId(org);
    row.scope = scope;
    return row;
}

ports::Agent agent(std::int64_t id, std::string public_id, std::int64_t project) {
    ports::Agent agent;
    agent.id = AgentId(id);
    agent.public_id = std::move(public_id);
    agent.project_id = ProjectId(project);
    return agent;
}

Call call_of_agent_7(std::int64_t id) {
    Call call;
    call.id = CallId(id);
    call.version = 1;
    call.agent_id = AgentId(7);
    call.agent_public_id = "agent_28c51f81";
    call.project_id = ProjectId(1);
    call.org_id = OrgId(42);
    call.from = "+31612345678";
    call.to = "+31850012345";
    call.language = "en-US";
    call.call_control_id = CallControlId("v3:leg-" + std::to_string(id));
    call.rates.rate = MicroMoney{250'000};
    call.rates.call_rate = MicroMoney{220'000};
    call.last_alive_at = now_of_tests;
    return call;
}

}  // namespace

std::string live_key(char digit) {
    return "sfy_live_" + std::string(48, digit);
}
std::string org_key(char digit) {
    return "sfy_org_" + std::string(48, digit);
}

ports::DirectoryContent test_directory() {
    using ports::Scope;
    ports::DirectoryContent content;
    content.orgs = {{OrgId(42), "Acme", ports::Tier::enterprise},
                    {OrgId(43), "Other", ports::Tier::payg}};
    content.projects = {{ProjectId(1), "proj_00000001", OrgId(42), "Main"},
                        {ProjectId(2), "proj_00000002", OrgId(42), "Second"},
                        {ProjectId(3), "proj_00000003", OrgId(43), "Theirs"}};
    content.agents = {agent(7, "agent_28c51f81", 1), agent(8, "agent_00000008", 2),
                      agent(9, "agent_00000009", 3)};
    content.agents[0].phone_numbers = {"+31850012345"};
    content.keys = {
        project_key(keys::full, 1, Scope::full),     project_key(keys::read, 1, Scope::read),
        project_key(keys::sibling, 2, Scope::full),  project_key(keys::foreign, 3, Scope::full),
        project_key(keys::revoked, 1, Scope::full),  key_of_org(keys::org, 42, Scope::full),
        key_of_org(keys::org_read, 42, Scope::read), key_of_org(keys::other_org, 43, Scope::full)};
    content.keys[4].revoked = true;
    return content;
}

Call example_call() {
    Call call = call_of_agent_7(1);
    call.status = CallStatus::completed;
    call.disposition = Disposition::answered;
    call.ended_reason = EndedReason::caller_hangup;
    call.created_at = *parse_rfc3339("2026-01-15T09:59:57.250000Z");
    call.started_at = *parse_rfc3339("2026-01-15T10:00:00.100000Z");
    call.ended_at = *parse_rfc3339("2026-01-15T10:02:07.400000Z");
    call.turn_count = 6;
    call.tool_call_count = 2;
    call.tools_called = {"get_policy", "create_ticket"};
    bill(call);
    return call;
}

Call live_call(std::int64_t id) {
    Call call = call_of_agent_7(id);
    call.status = CallStatus::in_progress;
    call.disposition = Disposition::answered;
    call.created_at = now_of_tests - std::chrono::seconds(45);
    call.started_at = now_of_tests - std::chrono::seconds(42);
    return call;
}

Call ringing_call(std::int64_t id) {
    Call call = call_of_agent_7(id);
    call.created_at = now_of_tests - std::chrono::seconds(3);
    return call;
}

asio::awaitable<bool> StillClock::sleep_until(MonoTime) {
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return false;
}

void RecordingLog::write(ports::LogLevel, std::string_view event,
                         std::span<const ports::LogField> fields) noexcept {
    std::string line(event);
    for (const auto& field : fields) {
        line.append(" ").append(field.key()).append("=");
        line += field.kind() == ports::LogField::Kind::integer ? std::to_string(field.integer())
                                                               : std::string(field.text());
    }
    lines.push_back(std::move(line));
}

Gateway::Gateway() : directory(test_directory()) {}

Gateway::~Gateway() {
    if (registry_ == nullptr) {
        return;
    }
    bool stopped = false;
    asio::co_spawn(context_, registry_->stop(), [&](std::exception_ptr) { stopped = true; });
    while (!stopped && context_.run_one() > 0) {
    }
}

namespace {
asio::awaitable<net::HttpResponse> carrier_endpoint(std::vector<net::HttpRequest>& seen,
                                                    net::HttpRequest request) {
    seen.push_back(std::move(request));
    co_return net::HttpResponse{200, {}, {}};
}
}  // namespace

template <class T>
T Gateway::run(asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr thrown;
    asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error, T result) {
        thrown = error;
        value = std::move(result);
    });
    context_.restart();
    while (!value && context_.run_one() > 0) {
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return std::move(value.value());
}

void Gateway::start() {
    registry_ = std::make_unique<app::CallRegistry>(
        context_.get_executor(),
        app::RegistryPorts{store, encoder_, clock, random, log, metrics, directory},
        app::RegistryOptions{});
    app::EffectSinks sinks;
    // The carrier answers what begins something; what ends it is left to the test.
    sinks.command = [this](CallId id, const SendCommand& command) {
        if (command.kind != CommandKind::transfer && command.kind != CommandKind::gather) {
            return;
        }
        CommandResult result;
        result.command_id = command.command_id;
        result.kind = command.kind;
        result.outcome = carrier_says;
        result.detail = carrier_detail;
        asio::post(context_, [this, id, result] { registry_->submit(id, result); });
    };
    sinks.ask_carrier = [](CallId, const CallControlId&) {};
    sinks.webhook = [](CallId, const ports::OutboundEvent&) {};
    registry_->connect(std::move(sinks));
    if (!run(registry_->start())) {
        throw std::runtime_error("the registry did not start");
    }
    service_ = std::make_unique<app::CallsService>(*registry_, store, outbox, clock);
    const net::HttpHandler carrier = [this](net::HttpRequest request) {
        return carrier_endpoint(carrier_webhooks, std::move(request));
    };
    feed_ = std::make_unique<app::TimelineFeed>(context_.get_executor(), clock);
    const CallsApiParts calls{*service_, directory, clock, *feed_};
    for (const auto& row : public_endpoints(calls, carrier)) {
        routes.push_back(row.route);
    }
    access_ = std::make_unique<AccessControl>(context_.get_executor(),
                                              AccessPorts{idempotency, audit, clock, log, metrics},
                                              trusted_proxies);
    handler_ = make_public_handler(
        PublicHandlerParts{calls, carrier, gates.value_or(access_->gates()), access_->records(),
                           DispatcherPorts{clock, random, metrics, log}});
    log.lines.clear();
}

std::optional<std::string> Gateway::next_piece(net::BodySource& stream) {
    return run(stream.next());
}

net::HttpResponse Gateway::send(net::HttpRequest request) {
    if (registry_ == nullptr) {
        start();
    }
    const std::string method = request.method;
    const std::string target = request.target;
    const bool key_is_good =
        std::holds_alternative<Principal>(Authenticator(directory).identify(request.headers));
    net::HttpResponse response = run(handler_(std::move(request)));
    // Behind gates that a test made up, the header fields are made up too.
    if (!gates) {
        openapi::record_answer({.method = method,
                                .target = target,
                                .key_is_good = key_is_good,
                                .status = response.status,
                                .headers = response.headers,
                                .body = response.body,
                                .has_stream = response.stream != nullptr});
    }
    return response;
}

net::HttpResponse Gateway::send(std::string method, std::string target, net::Headers headers,
                                std::string body) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.remote_address = "192.0.2.1";
    return send(std::move(request));
}

net::HttpResponse Gateway::get(std::string target, const std::string& key) {
    return send("GET", std::move(target), {{"Authorization", "Bearer " + key}});
}

net::HttpResponse Gateway::post(std::string target, const std::string& key) {
    return send("POST", std::move(target), {{"Authorization", "Bearer " + key}});
}

std::string header(const net::HttpResponse& response, std::string_view name) {
    return std::string(response.headers.find(name).value_or(""));
}

}  // namespace gw::http::testing
