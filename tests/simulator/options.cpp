// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/options.hpp"

#include "tests/simulator/field_check.hpp"
#include "tests/simulator/help_text.hpp"
#include "tests/simulator/json_text.hpp"
#include "tests/simulator/load.hpp"
#include "tests/simulator/signer.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

struct Switches {
    std::string script_file;
    std::string faults_json;
    std::vector<std::int64_t> delay_ms;
    std::vector<std::int64_t> backoff_ms;
    std::map<std::string, double> chances;  // by JSON member, where given
};

// The settings a JSON has no name for in the flags go through --faults.
struct Chance {
    const char* flag;
    const char* section;
    const char* member;
    const char* help;
};
constexpr Chance chances[] = {
    {"--duplicate", "webhooks", "duplicate", "Probability that a webhook is delivered again"},
    {"--reorder", "webhooks", "reorder", "Probability that a webhook is overtaken by later ones"},
    {"--loss", "webhooks", "loss", "Probability that an event is never delivered"},
    {"--server-error", "commands", "server_error", "Probability of a 5xx answer, not executed"},
    {"--stall", "commands", "stall", "Probability of no answer for --stall-ms, not executed"},
    {"--reply-lost", "commands", "reply_lost", "Probability of executing without an answer"},
    {"--rate-limited", "commands", "rate_limited", "Probability of a 429 with x-ratelimit-reset"},
    {"--ended", "commands", "ended", "Probability of 422/90018: the other side hung up first"},
};

// Whole numbers in these bounds, both included. CLI11's own range check goes through a double and
// lets "-1" wrap around to 2^64-1.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
    const std::string what = std::to_string(low) + " to " + std::to_string(high);
    return CLI::Validator{[low, high, what](const std::string& text) {
                              std::uint64_t number = 0;
                              const char* const end = text.data() + text.size();
                              const auto [stop, error] = std::from_chars(text.data(), end, number);
                              const bool good = error == std::errc{} && stop == end &&
                                                number >= low && number <= high;
                              return good ? std::string{}
                                          : "'" + text + "' is no whole number from " + what;
                          },
                          what};
}

CLI::Validator number_between(double low, double high, const std::string& what) {
    return CLI::Validator{[low, high, what](const std::string& text) {
                              double number = 0;
                              const char* const end = text.data() + text.size();
                              const auto [stop, error] = std::from_chars(text.data(), end, number);
                              const bool good = error == std::errc{} && stop == end &&
                                                number >= low && number <= high;
                              return good ? std::string{}
                                          : "'" + text + "' is no number from " + what;
                          },
                          what};
}

void add_basics(CLI::App& app, Options& options, Switches& switches) {
    app.add_option("--listen", options.listen, "Address of the Telnyx API; port 0: any free one")
        ->capture_default_str();
    app.add_option("--control", options.control, "Address of the control API")
        ->capture_default_str();
    app.add_option("--webhook-url", options.webhook_url,
                   "Where webhooks go (http or https); none: nowhere");
    app.add_option("--webhook-failover-url", options.webhook_failover_url,
                   "Tried when all attempts failed");
    app.add_option("--webhook-ca-file", options.webhook_ca_file,
                   "CA (PEM) to trust for an https webhook URL")
        ->check(CLI::ExistingFile);
    app.add_option("--webhook-connections", options.webhook_connections,
                   "Most connections to one host")
        ->check(whole_number(1, 10'000))
        ->capture_default_str();
    app.add_option("--api-key", options.api_key,
                   "The bearer token commands must carry; '' takes any")
        ->capture_default_str();
    app.add_option(
        "--public-url", options.public_url,
        "Where others reach --listen, for the links of recordings (behind a proxy or in a "
        "container); default: the address listened on");
    app.add_option("--connection-id", options.connection_id, "The Call Control application's id")
        ->capture_default_str();
    app.add_option("--seed", options.seed,
                   "Makes ids and fault decisions repeatable; default: a new one, printed")
        ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    app.add_option("--seed-hex", options.seed_hex,
                   "32-byte Ed25519 seed of the webhook key, in hex; default: a test key");
    app.add_option("--record", options.record_file,
                   "Append the history to this file as JSON lines");
    app.add_option("--script", switches.script_file,
                   "Scenario file (JSON): calls, callees, media, speak_ms, faults")
        ->check(CLI::ExistingFile);
    app.add_option("--dials-max", options.dials_max, "Dials allowed in any 5 s before 429/90103")
        ->check(whole_number(0, 1'000'000))
        ->capture_default_str();
}

void add_runs(CLI::App& app, Options& options) {
    app.add_option("--calls", options.load_calls, "Generate so many calls ...")
        ->check(whole_number(0, load_calls_max));
    app.add_option("--rate", options.load_rate, "... at this many a second")
        ->check(number_between(load_rate_min, load_rate_max, "0.001 to 100000"))
        ->capture_default_str();
    app.add_flag(
        "--once", options.once,
        "Place the script's first call (or the default one), and exit when it is over and told");
    app.add_flag("--exit-when-idle", options.exit_when_idle,
                 "Exit when every call is over and every webhook settled");
}

void add_faults(CLI::App& app, Options& options, Switches& switches, std::int64_t& stall_ms) {
    for (const Chance& chance : chances) {
        app.add_option(chance.flag, switches.chances[chance.flag], chance.help)
            ->check(number_between(0, 1, "0 to 1"))
            ->group("Faults");
    }
    app.add_option("--delay-ms", switches.delay_ms, "Delay of every webhook: from MIN,MAX")
        ->delimiter(',')
        ->expected(2)
        ->check(whole_number(0, 3'600'000))
        ->group("Faults");
    app.add_option("--stall-ms", stall_ms, "Length of a stall and of a lost reply")
        ->check(whole_number(0, 3'600'000))
        ->capture_default_str()
        ->group("Faults");
    app.add_option("--webhook-attempts", options.faults.attempts, "Attempts to deliver a webhook")
        ->check(whole_number(1, 1000))
        ->capture_default_str()
        ->group("Faults");
    app.add_option("--webhook-backoff-ms", switches.backoff_ms,
                   "Waits between the attempts; the last one repeats")
        ->delimiter(',')
        ->check(whole_number(0, 3'600'000))
        ->group("Faults");
    app.add_option("--faults", switches.faults_json,
                   "Fault settings as JSON, as PUT /faults takes them")
        ->group("Faults");
}

json parsed(const std::string& what, const std::string& text) {
    std::optional<json> value = parse_json(text);
    if (!value) {
        throw std::invalid_argument(what + " " + json_fault(text));
    }
    return *std::move(value);
}

json read_json(const std::string& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parsed("--script: '" + file + "'", text);
}

void apply(const CLI::App& app, const Switches& switches, Options& options) {
    json faults = json::object();
    for (const Chance& chance : chances) {
        if (app.count(chance.flag) > 0) {
            faults[chance.section][chance.member] = switches.chances.at(chance.flag);
        }
    }
    if (!switches.delay_ms.empty()) {
        if (switches.delay_ms[0] > switches.delay_ms[1]) {
            throw std::invalid_argument("--delay-ms: MIN,MAX must stand in this order");
        }
        faults["webhooks"]["delay_min_ms"] = switches.delay_ms[0];
        faults["webhooks"]["delay_max_ms"] = switches.delay_ms[1];
    }
    if (!switches.backoff_ms.empty()) {
        faults["redelivery"]["backoff_ms"] = switches.backoff_ms;
    }
    options.faults = merged(options.faults, faults);
    if (!switches.faults_json.empty()) {
        options.faults = merged(options.faults, parsed("--faults:", switches.faults_json));
    }
    if (!switches.script_file.empty()) {
        options.scenario = scenario_from(read_json(switches.script_file));
        (void)merged(options.faults,
                     options.scenario->faults);  // so that a fault in it is told at once
    }
    if (app.count("--seed") == 0) {
        options.seed = std::random_device{}();
    }
    const std::pair<const char*, const std::string&> urls[] = {
        {"--webhook-url", options.webhook_url},
        {"--webhook-failover-url", options.webhook_failover_url},
        {"--public-url", options.public_url}};
    for (const auto& [flag, url] : urls) {
        if (!url.empty() && !is_webhook_url(url)) {
            throw std::invalid_argument(std::string{flag} + ": '" + url +
                                        "' is no http or https URL");
        }
    }
    (void)Signer{options.seed_hex};
}

}  // namespace

Parsed parse_options(int argc, const char* const* argv) {
    CLI::App app{
        "A stand-in for Telnyx's Call Control API: takes its commands, plays callers and callees, "
        "and "
        "sends signed webhooks.",
        "telnyx-simulator"};
    app.footer(control_api_help);
    app.set_version_flag("--version", std::string{"telnyx-simulator "} + GW_VERSION,
                         "Print the version");
    Options options;
    Switches switches;
    std::int64_t stall_ms = options.faults.stall_time.count();
    add_basics(app, options, switches);
    add_runs(app, options);
    add_faults(app, options, switches, stall_ms);
    try {
        app.parse(argc, argv);
        options.faults.stall_time = milliseconds{stall_ms};
        apply(app, switches, options);
    } catch (const CLI::CallForHelp&) {
        return {.options = std::nullopt, .text = app.help(), .exit_code = 0};
    } catch (const CLI::CallForVersion& version) {
        return {.options = std::nullopt, .text = version.what(), .exit_code = 0};
    } catch (const CLI::ParseError& fault) {
        return {.options = std::nullopt,
                .text = std::string{fault.what()} + "\ntelnyx-simulator --help tells the options.",
                .exit_code = 2};
    } catch (const std::invalid_argument& fault) {
        return {.options = std::nullopt, .text = fault.what(), .exit_code = 2};
    }
    return {.options = std::move(options), .text = {}, .exit_code = 0};
}

}  // namespace gw::simulator
