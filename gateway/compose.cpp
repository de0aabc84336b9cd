#include "gateway/compose.hpp"

#include "config/idle_settings.hpp"
#include "gateway/app/calls_service.hpp"
#include "gateway/app/carrier_checks.hpp"
#include "gateway/app/command_runner.hpp"
#include "gateway/app/key_watch.hpp"
#include "gateway/app/loop_lag.hpp"
#include "gateway/app/webhook_dispatcher.hpp"
#include "gateway/directory_seed.hpp"
#include "gateway/http/access_control.hpp"
#include "gateway/http/handlers.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/obs/json_log.hpp"
#include "gateway/obs/prometheus_metrics.hpp"
#include "gateway/obs/system_clock.hpp"
#include "gateway/obs/system_random.hpp"
#include "gateway/options.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "gateway/version.hpp"
#include "gateway/webhooks/event_json.hpp"
#include "gateway/webhooks/sender.hpp"
#include "telnyx/command_client.hpp"
#include "telnyx/webhook_endpoint.hpp"

#include <stdexcept>
#include <string_view>

namespace gw {
namespace asio = boost::asio;

namespace {

using std::chrono::seconds;

// CONTRACT "shut-down": the webhooks due then get an attempt, at most 5 s.
constexpr seconds last_webhooks_max{5};
// What a client may take to receive an answer that is ready when the listeners close.
constexpr seconds close_grace{2};

// How long a commit that failed counts against the store.
constexpr seconds store_failure_memory{3};

// "127.0.0.1:0" and the port it got: "127.0.0.1:41234".
std::string bound_address(const std::string& listen, std::uint16_t port) {
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

store::SqliteOptions store_options(ports::Log& log) {
    store::SqliteOptions options;
    options.log = &log;
    return options;
}

}  // namespace

struct Gateway::Parts {
    Parts(asio::io_context& io, const config::Settings& configured);

    void listen();
    [[nodiscard]] std::vector<std::string> not_ready_reasons() const;
    asio::awaitable<void> watch_store();

    const config::Settings& settings;
    asio::any_io_executor executor;
    // The world outside: time, chance, what the operator sees.
    std::unique_ptr<ports::Clock> clock = obs::make_system_clock();
    std::unique_ptr<ports::Random> random = obs::make_system_random();
    std::unique_ptr<obs::JsonLog> log;
    std::unique_ptr<obs::PrometheusMetrics> metrics;
    // Truth: calls, deliveries, and who may do what.
    std::unique_ptr<store::SqliteStore> store;
    app::Directory directory;
    // The two outsides we call: the carrier and the customers.
    std::unique_ptr<net::HttpClient> telnyx_client;
    std::unique_ptr<net::HttpClient> customer_client;
    std::unique_ptr<ports::TelnyxCommands> commands;
    webhooks::JsonEventEncoder encoder;
    std::unique_ptr<ports::WebhookSender> sender;
    // The application.
    app::CallRegistry registry;
    app::CommandRunner command_runner;
    app::CarrierChecks carrier_checks;
    app::WebhookDispatcher dispatcher;
    app::CallsService calls;
    app::TimelineFeed timeline_feed;
    // The doors.
    app::KeyWatch key_watch;
    http::AccessControl access;
    telnyx::WebhookEndpoint webhook_endpoint;
    std::unique_ptr<net::HttpServer> public_server;
    std::unique_ptr<net::HttpServer> admin_server;
    // State of the process.
    bool started = false;
    bool store_ok = true;
    bool hurried = false;
    app::Alarm changed;
    net::TaskGroup tasks;
};

Gateway::Parts::Parts(asio::io_context& io, const config::Settings& configured)
    : settings(configured),
      executor(io.get_executor()),
      log(obs::make_json_log(
          *clock, {.level = level_of(configured.log.level),
                   .lines_per_event_per_second = configured.log.lines_per_event_per_second})),
      metrics(obs::make_prometheus_metrics({.version = version, .commit = commit})),
      store(store::open_sqlite_store(sqlite_path(configured), store_options(*log))),
      directory((store->seed(directory_seed(configured)), store->load())),
      telnyx_client(net::make_http_client(executor, telnyx_http())),
      customer_client(net::make_http_client(executor, customer_http(configured.webhooks))),
      commands(telnyx::make_command_client(*telnyx_client, *clock, *log, *metrics,
                                           command_options(configured.telnyx))),
      sender(webhooks::make_webhook_sender(*customer_client, *clock, *log, *metrics,
                                           {.timeout = configured.webhooks.timeout})),
      registry(executor,
               {.store = *store,
                .encoder = encoder,
                .clock = *clock,
                .random = *random,
                .log = *log,
                .metrics = *metrics,
                .directory = directory},
               registry_options(configured)),
      command_runner(executor, *commands, registry, *store, *clock, *log),
      carrier_checks(executor, *commands, registry, *log),
      dispatcher(executor,
                 {.outbox = *store,
                  .sender = *sender,
                  .clock = *clock,
                  .random = *random,
                  .log = *log,
                  .metrics = *metrics,
                  .directory = directory},
                 dispatcher_options(configured.webhooks)),
      calls(registry, *store, *store, *clock),
      timeline_feed(executor, *clock),
      key_watch({store->key_feed(), directory, *clock, *log}),
      access(executor,
             {.idempotency = store->idempotency(),
              .audit = store->audit(),
              .clock = *clock,
              .log = *log,
              .metrics = *metrics},
             configured.http.trusted_proxies),
      webhook_endpoint(verifier_of(configured.telnyx), registry, *clock, *log, *metrics,
                       {.body_bytes_max = configured.http.limits.webhook_body_bytes_max}),
      changed(executor, *clock),
      tasks(executor,
            [this](std::string_view what) { log->error("task_failed", {{"what", what}}); }) {
    registry.connect(
        {.command = [this](CallId id, const SendCommand& c) { command_runner.run(id, c); },
         .ask_carrier = [this](CallId id,
                               const CallControlId& leg) { carrier_checks.ask(id, leg); },
         .webhook = [this](CallId id,
                           const ports::OutboundEvent& e) { dispatcher.hand_over(id, e); },
         .finished = [this](const CommandId& id) { command_runner.finished(id); },
         .doubt = [this] { dispatcher.doubt(); },
         .changed = [this] { changed.wake(); },
         .committed = [this](CallId id) { timeline_feed.publish(id); }});
    metrics->sampled_gauge({"gateway_log_lines_dropped", "Log lines lost because nobody read."}, {},
                           [this] { return static_cast<double>(log->dropped()); });
    metrics->sampled_gauge(
        {"gateway_log_lines_suppressed", "Log lines held back by the bound of their event."}, {},
        [this] { return static_cast<double>(log->suppressed()); });
}

std::vector<std::string> Gateway::Parts::not_ready_reasons() const {
    std::vector<std::string> reasons;
    if (!started) {
        reasons.emplace_back("starting");
    }
    if (!store_ok) {
        reasons.emplace_back("store unavailable");
    }
    if (registry.draining()) {
        reasons.emplace_back("draining");
    }
    return reasons;
}

// Readiness is asked often and must not wait: the store is tried beside it, often while it fails,
// and now and then while it is quiet.
asio::awaitable<void> Gateway::Parts::watch_store() {
    constexpr seconds look_every{1};
    constexpr int looks_per_try = 10;
    int looks = 0;
    while (co_await clock->sleep_for(look_every)) {
        const bool failing = clock->mono() - registry.last_store_failure() < store_failure_memory;
        if (store_ok && !failing && ++looks % looks_per_try != 0) {
            continue;
        }
        const auto written = co_await store->ping();
        const bool ok = written.has_value() && !failing;
        if (ok == store_ok) {
            continue;
        }
        store_ok = ok;
        if (ok) {
            log->info("store_available");
        } else {
            log->error("store_unavailable", {{"error", written ? std::string("commits fail")
                                                               : written.error().context()}});
        }
    }
}

void Gateway::Parts::listen() {
    http::DispatcherPorts ports{
        .clock = *clock, .random = *random, .metrics = *metrics, .log = *log};
    net::HttpServerObserver observer{
        // The server's own words, a closed set.
        .refused =
            [this](std::string_view reason) {
                metrics
                    ->counter({"gateway_http_refused_total",
                               "Requests or connections cut short by a limit, by which."},
                              {{"reason", reason}})
                    .increment();
            },
        .handler_threw =
            [this](std::string_view what) { log->error("handler_threw", {{"what", what}}); }};

    net::HttpServerOptions outside;
    outside.listen = settings.http.listen;
    outside.limits = limits_of(settings.http.limits);
    if (settings.http.tls) {
        outside.tls = {.certificate_chain_file = settings.http.tls->certificate_file,
                       .private_key_file = settings.http.tls->key_file};
    }
    outside.body_bytes_max = [limits = settings.http.limits](std::string_view,
                                                             std::string_view target) {
        return target.starts_with("/telnyx/") ? limits.webhook_body_bytes_max
                                              : limits.api_body_bytes_max;
    };
    outside.refusal = http::make_refusal(*random);
    outside.observer = observer;
    http::RequestGates gates = access.gates();
    gates.unknown_key = [this] { return key_watch.look_now(); };
    public_server = net::make_http_server(
        executor, std::move(outside),
        http::make_public_handler(
            {.calls =
                 {.service = calls, .directory = directory, .clock = *clock, .feed = timeline_feed},
             .carrier_webhooks =
                 [this](net::HttpRequest r) { return webhook_endpoint.handle(std::move(r)); },
             .gates = std::move(gates),
             .records = access.records(),
             .ports = ports}));

    net::HttpServerOptions inside;
    inside.listen = settings.admin.listen;
    inside.body_bytes_max = [](std::string_view, std::string_view) { return std::size_t{4096}; };
    inside.refusal = http::make_refusal(*random);
    inside.observer = observer;
    admin_server = net::make_http_server(
        executor, std::move(inside),
        http::make_admin_handler({.metrics_text = [this] { return metrics->scrape(); },
                                  .not_ready_reasons = [this] { return not_ready_reasons(); },
                                  .drain =
                                      [this] {
                                          registry.set_draining(true);
                                          changed.wake();
                                      }},
                                 ports));
}

Gateway::Gateway(asio::io_context& io, const config::Settings& settings)
    : parts_(std::make_unique<Parts>(io, settings)) {}

Gateway::~Gateway() = default;

asio::awaitable<void> Gateway::start() {
    Parts& p = *parts_;
    (co_await p.registry.start()).value();
    (co_await p.command_runner.start()).value();
    (co_await p.dispatcher.start()).value();
    p.tasks.spawn(p.watch_store());
    p.tasks.spawn(p.access.sweep());
    p.tasks.spawn(p.key_watch.run());
    p.tasks.spawn(app::watch_loop_lag(*p.clock, *p.metrics));
    p.listen();
    p.started = true;
    for (const std::string& name : config::idle_settings(p.settings)) {
        p.log->warn("setting_without_effect", {{"setting", name}});
    }
    p.log->info("ready", {{"ready", true},
                          {"http", bound_address(p.settings.http.listen, http_port())},
                          {"admin", bound_address(p.settings.admin.listen, admin_port())},
                          {"version", version},
                          {"live_calls", p.registry.live_count()}});
}

void Gateway::drain() {
    Parts& p = *parts_;
    if (!p.registry.draining()) {
        p.registry.set_draining(true);
    }
    p.changed.wake();
}

bool Gateway::draining() const {
    return parts_->registry.draining();
}

void Gateway::hurry() {
    parts_->hurried = true;
    parts_->changed.wake();
}

asio::awaitable<void> Gateway::drained() {
    Parts& p = *parts_;
    while (!p.registry.draining()) {
        co_await p.changed.wait(std::nullopt);
    }
    const MonoTime until = p.clock->mono() + p.settings.drain_timeout;
    p.log->info("draining", {{"live_calls", p.registry.live_count()},
                             {"timeout_seconds", p.settings.drain_timeout.count()}});
    while (p.registry.live_count() > 0 && !p.hurried && p.clock->mono() < until) {
        co_await p.changed.wait(until);
    }
}

asio::awaitable<void> Gateway::stop() {
    Parts& p = *parts_;
    if (p.started) {
        co_await p.dispatcher.flush(p.clock->mono() + last_webhooks_max);
    }
    p.log->info("stopping", {{"live_calls", p.registry.live_count()},
                             {"webhooks_queued", p.dispatcher.queued()}});
    if (p.public_server) {
        co_await p.public_server->stop(close_grace);
    }
    if (p.admin_server) {
        co_await p.admin_server->stop(close_grace);
    }
    p.tasks.cancel();
    co_await p.tasks.wait();
    co_await p.carrier_checks.stop();
    co_await p.command_runner.stop();
    co_await p.dispatcher.stop();
    co_await p.registry.stop();
    co_await p.telnyx_client->stop();
    co_await p.customer_client->stop();
}

std::uint16_t Gateway::http_port() const {
    return parts_->public_server->port();
}
std::uint16_t Gateway::admin_port() const {
    return parts_->admin_server->port();
}

}  // namespace gw
