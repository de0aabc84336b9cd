// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/simulator.hpp"

#include "gateway/net/http_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/net/task_group.hpp"
#include "tests/simulator/control_api.hpp"
#include "tests/simulator/telnyx_api.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

UtcTime wall_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

net::HttpServerOptions server_options(std::string listen) {
    net::HttpServerOptions options;
    options.listen = std::move(listen);
    options.limits.idle_timeout = std::chrono::minutes{10};
    options.limits.requests_per_connection_max = 100'000'000;
    options.body_bytes_max = [](std::string_view, std::string_view) {
        return std::size_t{4} << 20U;
    };
    return options;
}

net::HttpClientOptions client_options(const Options& options) {
    net::HttpClientOptions client;
    client.allow_private_networks = true;
    client.allow_plain_http = true;
    client.ca_file = options.webhook_ca_file;
    client.connections_per_host_max = options.webhook_connections;
    client.user_agent = "telnyx-webhooks";
    return client;
}

// Those of the command line, and over them those of the script.
FaultSettings faults_of(const Options& options) {
    return options.scenario ? merged(options.faults, options.scenario->faults) : options.faults;
}

// "127.0.0.1:0" bound to port 4000 -> "http://127.0.0.1:4000"; a wildcard address is told as
// loopback.
std::string url_of(const std::string& listen, std::uint16_t port) {
    std::string host = listen.substr(0, listen.rfind(':'));
    if (host.empty() || host == "0.0.0.0" || host == "[::]") {
        host = "127.0.0.1";
    }
    return "http://" + host + ":" + std::to_string(port);
}

}  // namespace

struct Simulator::Impl {
    asio::any_io_executor executor;
    Options options;
    std::function<void()> on_idle;
    Signer signer;
    History history;
    Schedule schedule{wall_now()};
    Faults faults;
    World world;
    Outbox outbox;
    Load load;
    TelnyxApi telnyx;
    ControlApi control;
    std::vector<TimedCall> scripted;
    bool started = false;
    bool stopping = false;
    asio::steady_timer timer;
    std::unique_ptr<net::HttpClient> client;
    std::unique_ptr<net::HttpServer> api_server;
    std::unique_ptr<net::HttpServer> control_server;
    net::TaskGroup tasks;  // last: the requests under way use all of the above

    Impl(asio::any_io_executor on, Options with, std::function<void()> idle);
    void load_script();
    void listen();
    void catch_up();
    void pump();
    void arm();
    void check_idle();
    asio::awaitable<void> deliver(Attempt attempt);
    asio::awaitable<net::HttpResponse> serve(net::HttpRequest request);
    asio::awaitable<net::HttpResponse> serve_control(net::HttpRequest request);
};

Simulator::Impl::Impl(asio::any_io_executor on, Options with, std::function<void()> idle)
    : executor(std::move(on)),
      options(std::move(with)),
      on_idle(std::move(idle)),
      signer(options.seed_hex),
      history(options.record_file),
      faults(options.seed),
      world(schedule,
            {.seed = options.seed,
             .connection_id = options.connection_id,
             .dials_max = options.dials_max,
             .webhook_url = [this] { return outbox.urls().primary; }},
            [this](Event event) {
                load.saw(event);
                outbox.post(std::move(event));
            }),
      outbox(schedule, faults, signer, history, {options.webhook_url, options.webhook_failover_url},
             [this](Attempt attempt) { tasks.spawn(deliver(std::move(attempt))); }),
      load(schedule, world),
      telnyx(schedule, world, faults, history, options.api_key),
      control({schedule, world, faults, outbox, history, load, options.seed, faults_of(options)}),
      timer(executor),
      client(net::make_http_client(executor, client_options(options))),
      tasks(executor) {
    load_script();
    listen();
}

void Simulator::Impl::load_script() {
    faults.set(faults_of(options));
    if (options.scenario) {
        scripted = options.scenario->calls;
        world.set_scenario(*options.scenario);
    }
}

void Simulator::Impl::listen() {
    api_server = net::make_http_server(
        executor, server_options(options.listen),
        [this](net::HttpRequest request) { return serve(std::move(request)); });
    control_server = net::make_http_server(
        executor, server_options(options.control),
        [this](net::HttpRequest request) { return serve_control(std::move(request)); });
    std::string base = options.public_url.empty() ? url_of(options.listen, api_server->port())
                                                  : options.public_url;
    while (base.ends_with('/')) {
        base.pop_back();
    }
    world.options().recordings_url = base + "/recordings";
}

asio::awaitable<net::HttpResponse> Simulator::Impl::serve(net::HttpRequest request) {
    catch_up();
    Reply reply = telnyx.handle(request);
    pump();
    while (reply.hold.count() > 0) {
        asio::steady_timer held{executor, reply.hold};
        co_await held.async_wait(asio::use_awaitable);
        if (!reply.then) {
            break;
        }
        catch_up();
        const std::function<Reply()> then = std::move(reply.then);
        reply = then();
        pump();
    }
    co_return std::move(reply.response);
}

asio::awaitable<net::HttpResponse> Simulator::Impl::serve_control(net::HttpRequest request) {
    catch_up();
    net::HttpResponse response = control.handle(request);
    pump();
    co_return response;
}

asio::awaitable<void> Simulator::Impl::deliver(Attempt attempt) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = attempt.url;
    request.body = std::move(attempt.body);
    request.timeout = attempt.timeout;
    for (auto& [name, value] : attempt.headers) {
        request.headers.add(std::move(name), std::move(value));
    }
    request.decide_at_header = true;
    const Result<net::ClientResponse> result = co_await client->send(std::move(request));
    catch_up();
    if (result.has_error()) {
        const Error& error = result.error();
        outbox.settle(attempt.key, 0, std::string{name_of(error.code())} + ": " + error.context());
    } else {
        outbox.settle(attempt.key, result->status, {});
    }
    pump();
}

// A load this machine is too slow for falls behind; signals and requests still get their turn.
void Simulator::Impl::catch_up() {
    constexpr std::size_t actions_at_once = 1000;
    schedule.advance_to(wall_now(), actions_at_once);
}

// Does what is due and sets the timer for what comes next.
void Simulator::Impl::pump() {
    if (stopping) {
        return;
    }
    catch_up();
    arm();
    check_idle();
}

void Simulator::Impl::arm() {
    const auto next = schedule.next();
    if (!next) {
        timer.cancel();
        return;
    }
    timer.expires_after(*next - wall_now());
    timer.async_wait([this](boost::system::error_code error) {
        if (!error) {
            pump();
        }
    });
}

void Simulator::Impl::check_idle() {
    const bool wanted = options.once || options.exit_when_idle;
    const bool something = world.totals().calls_placed + world.totals().dials > 0;
    const bool busy = !load.placed_all() || !world.quiet() || outbox.pending() > 0;
    if (wanted && started && something && !busy && on_idle) {
        std::exchange(on_idle, nullptr)();
    }
}

Simulator::Simulator(asio::any_io_executor executor, Options options, std::function<void()> on_idle)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options), std::move(on_idle))) {}

Simulator::~Simulator() = default;

std::string Simulator::ready_line() const {
    const json line = {{"ready", true},
                       {"api", url_of(impl_->options.listen, impl_->api_server->port()) + "/v2"},
                       {"control", url_of(impl_->options.control, impl_->control_server->port())},
                       {"public_key", impl_->signer.public_key_base64()},
                       {"seed", impl_->options.seed}};
    return line.dump();
}

std::string Simulator::summary_line() const {
    json summary = impl_->load.summary(impl_->outbox);
    const CommandTotals& commands = impl_->telnyx.totals();
    summary["commands"] = {{"received", commands.received},
                           {"executed", commands.executed},
                           {"duplicates", commands.duplicates},
                           {"refused", commands.refused},
                           {"faulted", commands.faulted}};
    return json{{"summary", std::move(summary)}}.dump();
}

bool Simulator::all_delivered() const {
    return impl_->outbox.totals().given_up == 0 && impl_->outbox.pending() == 0;
}

void Simulator::start() {
    Impl& impl = *impl_;
    impl.catch_up();
    if (impl.options.once && impl.scripted.empty() && impl.options.load_calls == 0) {
        impl.scripted.push_back({.at = milliseconds{0}, .caller = caller_from(json::object())});
    }
    if (impl.options.once && impl.scripted.size() > 1) {
        impl.scripted.resize(1);
    }
    LoadPlan plan{.calls = impl.options.load_calls, .rate = impl.options.load_rate};
    plan.script =
        impl.scripted.empty() ? caller_from(json::object()) : impl.scripted.front().caller;
    if (plan.calls == 0) {
        impl.load.start(impl.scripted);
    } else if (!impl.load.start(plan)) {
        throw std::invalid_argument("--calls, --rate: out of range");  // the options are checked
    }
    impl.started = true;
    impl.pump();
}

asio::awaitable<void> Simulator::stop() {
    impl_->stopping = true;
    impl_->timer.cancel();
    co_await impl_->client->stop();
    co_await impl_->api_server->stop(milliseconds{200});
    co_await impl_->control_server->stop(milliseconds{200});
    impl_->tasks.cancel();
    co_await impl_->tasks.wait();
}

}  // namespace gw::simulator
