// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/world.hpp"

#include "tests/scenario/signatures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace gw::scenario {

using nlohmann::json;

namespace {

constexpr const char* telnyx_key = "KEY0123456789ABCDEF";
constexpr const char* connection_id = "1234567890";
constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

std::string program(const char* variable, const char* name) {
    const char* given = std::getenv(variable);
    return given != nullptr ? given : std::string(GW_BUILD_DIR) + "/" + name;
}

std::string address(const ReservedPort& port) {
    return "127.0.0.1:" + std::to_string(port.number());
}

json usual_config() {
    const json agent = {{"id", 7},
                        {"public_id", "agent_28c51f81"},
                        {"project_id", 1},
                        {"name", "Support Agent"},
                        {"phone_numbers", {number_of_agent}},
                        {"webhook_secret", webhook_secret},
                        {"rates", {{"rate_per_minute", 0.25}, {"call_rate_per_minute", 0.22}}}};
    return {{"telnyx",
             {{"api_key", telnyx_key}, {"connection_id", connection_id}, {"park_seconds", 2}}},
            {"webhooks",
             {{"allow_private_networks", true},
              {"jitter", 0},
              {"retry_schedule_seconds", json::array({1, 1, 1, 1, 1, 1, 1, 1})}}},
            {"orgs", {{{"id", 42}, {"name", "Acme"}, {"tier", "enterprise"}}}},
            {"projects",
             {{{"id", 1}, {"public_id", "proj_00000001"}, {"org_id", 42}, {"name", "Main"}}}},
            {"agents", json::array({agent})}};
}

net::ClientRequest request_for(const std::string& method, std::string url) {
    net::ClientRequest request;
    request.method = method;
    request.url = std::move(url);
    request.response_bytes_max = answer_bytes_max;
    request.timeout = patience;
    return request;
}

std::string last_lines(const std::string& text, std::size_t bytes_max = 6000) {
    return text.size() <= bytes_max ? text : "…" + text.substr(text.size() - bytes_max);
}

}  // namespace

std::string gateway_program() {
    return program("GW_GATEWAY", "telnyx-gateway");
}

std::string simulator_program() {
    return program("GW_SIMULATOR", "telnyx-simulator");
}

ReservedPort::ReservedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* generic = reinterpret_cast<sockaddr*>(&name);
    if (::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket_, generic, size) != 0 || ::getsockname(socket_, generic, &size) != 0) {
        throw std::runtime_error("no loopback port is free");
    }
    number_ = ntohs(name.sin_port);
}

ReservedPort::~ReservedPort() {
    ::close(socket_);
}

void expect_one_winner(const std::vector<Answer>& answers, unsigned accepted) {
    const auto size = static_cast<std::ptrdiff_t>(answers.size());
    EXPECT_EQ(std::ranges::count(answers, accepted, &Answer::status), 1);
    EXPECT_EQ(std::ranges::count(answers, 409U, &Answer::status), size - 1);
}

World::World(WorldOptions options)
    : api_key_("sfy_live_" + sha256_hex(folder_.path().string()).substr(0, 48)) {
    std::vector<std::string> arguments = {simulator_program(),         "--api-key",   telnyx_key,
                                          "--connection-id",           connection_id, "--seed",
                                          std::to_string(options.seed)};
    arguments.insert(arguments.end(), options.simulator_arguments.begin(),
                     options.simulator_arguments.end());
    simulator_ = std::make_unique<Process>(ProcessOptions{.arguments = std::move(arguments),
                                                          .environment = {},
                                                          .log = folder() / "simulator.log",
                                                          .folder = folder()});
    const json ready = simulator_->ready_line();
    control_ = ready.at("control").get<std::string>();
    config_ = usual_config();
    const std::string data = options.data_folder.empty() ? folder().string() : options.data_folder;
    config_.merge_patch(
        {{"http", {{"listen", address(http_port_)}}},
         {"admin", {{"listen", address(admin_port_)}}},
         {"store", {{"url", "sqlite:" + data + "/gateway.db"}}},
         {"telnyx", {{"api_base", ready.at("api")}, {"public_key", ready.at("public_key")}}},
         {"api_keys",
          {{{"key_sha256", sha256_hex(api_key_)}, {"project_id", 1}, {"scope", "full"}}}}});
    config_["agents"][0]["webhook_url"] = control_ + "/receiver/agent";
    set_config(options.config);
    control("PUT", "/webhook_url", {{"url", "http://" + address(http_port_) + "/telnyx/webhooks"}});
    // A gateway that is down for a moment gets the event again soon, and long enough.
    set_faults({{"redelivery", {{"attempts", 300}, {"backoff_ms", {20, 50, 100}}}}});
    if (options.start) {
        start();
    }
}

void World::set_config(const json& patch) {
    config_.merge_patch(patch);
    std::ofstream(config_file()) << config_.dump(2);
}

void World::spawn(Environment environment) {
    gateway_.reset();  // one at a time: the data has one owner
    gateway_ = std::make_unique<Process>(ProcessOptions{
        .arguments = {gateway_program(), "serve", "--config", config_file().string()},
        .environment = std::move(environment),
        .log = folder() / "gateway.log",
        .folder = folder()});
}

void World::start(Environment environment) {
    spawn(std::move(environment));
    (void)gateway_->ready_line();
}

void World::kill() {
    gateway_->kill_and_reap();
}

bool World::is_ready() {
    return gateway_->running() && admin("/readyz").status == 200;
}

Answer World::api(const std::string& path, const std::string& method) {
    return std::move(api_all({path}, method).front());
}

std::vector<Answer> World::api_all(const std::vector<std::string>& paths,
                                   const std::string& method) {
    std::vector<net::ClientRequest> requests;
    for (const std::string& path : paths) {
        net::ClientRequest request = request_for(method, "http://" + address(http_port_) + path);
        request.headers.add("Authorization", "Bearer " + api_key_);
        requests.push_back(std::move(request));
    }
    return door_.insist_all(requests);
}

net::ClientRequest World::json_post(const std::string& path, const json& body) const {
    net::ClientRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(http_port()) + path;
    request.headers.add("Authorization", "Bearer " + api_key_);
    request.headers.add("Content-Type", "application/json");
    request.body = body.dump();
    request.timeout = patience;
    return request;
}

Answer World::admin(const std::string& path, const std::string& method) {
    return door_.send(request_for(method, "http://" + address(admin_port_) + path));
}

double World::metric(std::string_view name_and_labels) {
    std::istringstream lines(admin("/metrics").body);
    for (std::string line; std::getline(lines, line);) {
        if (line.size() > name_and_labels.size() && line.starts_with(name_and_labels) &&
            line[name_and_labels.size()] == ' ') {
            return std::stod(line.substr(name_and_labels.size() + 1));
        }
    }
    throw std::runtime_error("no metric " + std::string(name_and_labels));
}

json World::control(const std::string& method, const std::string& path, const json& body) {
    net::ClientRequest request = request_for(method, control_ + path);
    request.body = body.is_null() ? "" : body.dump();
    const Answer answer = door_.send(std::move(request));
    if (answer.status < 200 || answer.status > 299) {
        throw std::runtime_error("the simulator refused " + method + " " + path + ": " +
                                 answer.body + answer.problem);
    }
    return answer.json();
}

std::string World::place_call(const json& script) {
    json whole = {{"to", number_of_agent}};
    whole.merge_patch(script);
    return control("POST", "/calls", whole).at("call_control_id").get<std::string>();
}

const std::vector<json>& World::carrier() {
    while (true) {
        const std::string after =
            carrier_.empty() ? "0" : std::to_string(carrier_.back()["n"].get<std::uint64_t>());
        json page = control("GET", "/history?limit=2000&after=" + after);
        if (page["entries"].empty()) {
            return carrier_;
        }
        for (json& entry : page["entries"]) {
            carrier_.push_back(std::move(entry));
        }
    }
}

std::vector<json> World::carrier(std::string_view type) {
    std::vector<json> found;
    for (const json& entry : carrier()) {
        if (entry["type"] == type) {
            found.push_back(entry);
        }
    }
    return found;
}

std::size_t World::commands(std::string_view kind, bool executed_only) {
    std::size_t count = 0;
    for (const json& entry : carrier()) {
        count += entry["type"] == "command" && entry["command"] == kind &&
                         (!executed_only || entry.value("executed", false))
                     ? 1
                     : 0;
    }
    return count;
}

std::vector<json> World::received() {
    std::vector<json> events;
    for (const json& entry : carrier("received")) {
        events.push_back(json::parse(entry["body"].get<std::string>()));
    }
    return events;
}

json World::leg(const std::string& call_control_id) {
    const json all = control("GET", "/legs");
    for (const json& leg : all.at("legs")) {
        if (leg["call_control_id"] == call_control_id) {
            return leg;
        }
    }
    return nullptr;
}

std::vector<json> World::calls() {
    std::vector<json> all;
    std::string after;
    while (true) {
        const json page =
            api("/v1/calls?limit=100" + (after.empty() ? "" : "&after=" + after)).json();
        if (!page.is_object() || !page.contains("calls")) {
            return all;
        }
        all.insert(all.end(), page["calls"].begin(), page["calls"].end());
        if (page["next_cursor"].is_null()) {
            return all;
        }
        after = page["next_cursor"].get<std::string>();
    }
}

json World::only_call() {
    const auto all = calls();
    return all.size() == 1 ? api("/v1/calls/" + all[0]["call_id"].get<std::string>()).json()
                           : json(nullptr);
}

json World::events(const std::string& call_id) {
    json all = json::array();
    std::string after = "0";
    while (true) {
        const json page =
            api("/v1/calls/" + call_id + "/events?limit=500&after_seq=" + after).json();
        if (!page.is_object() || !page.contains("events")) {
            return all;
        }
        all.insert(all.end(), page["events"].begin(), page["events"].end());
        if (page["next_after_seq"].is_null()) {
            return all;
        }
        after = page["next_after_seq"].dump();
    }
}

json World::deliveries(const std::string& call_id) {
    const json log = api("/v1/calls/" + call_id + "/webhooks").json();
    return log.is_object() ? log.value("deliveries", json::array()) : json::array();
}

CallView World::view_of(const json& call) {
    const auto id = call["call_id"].get<std::string>();
    return {.call = call, .events = events(id), .deliveries = deliveries(id)};
}

json World::call_of(const std::string& call_control_id) {
    for (const json& call : calls()) {
        for (const json& row : events(call["call_id"].get<std::string>())) {
            const json& data = row["data"];
            if (data.contains("data") &&
                data["data"]["payload"].value("call_control_id", "") == call_control_id) {
                return api("/v1/calls/" + call["call_id"].get<std::string>()).json();
            }
        }
    }
    return nullptr;
}

// Whether each event the timeline speaks of was taken, and the log knows.
bool World::is_told(const CallView& view, const std::set<std::string>& taken) const {
    if (view.call["agent_id"].is_null()) {
        return true;  // the endpoint is the agent's: nobody is told of this call
    }
    std::set<std::string> logged;
    for (const json& row : view.deliveries) {
        if (row["success"].get<bool>()) {
            logged.insert(row["event_id"].get<std::string>());
        }
    }
    for (const json& row : view.events) {
        for (const json& effect : row["effects"]) {
            const auto id = effect.value("event_id", std::string{});
            if (!id.empty() && (!taken.contains(id) || !logged.contains(id))) {
                return false;
            }
        }
    }
    return true;
}

bool World::all_delivered() {
    std::set<std::string> taken;
    for (const json& entry : carrier()) {
        if (entry["type"] == "received" && entry["answered"] == 200) {
            taken.insert(entry["headers"].value("webhook-id", std::string{}));
        }
    }
    for (const json& call : calls()) {
        const auto id = call["call_id"].get<std::string>();
        if (!settled_.contains(id)) {
            if (!is_told(view_of(call), taken)) {
                return false;
            }
            settled_.insert(id);
        }
    }
    return true;
}

bool World::quiesce(milliseconds within) {
    const auto over = [&] {
        if (!control("GET", "/status").value("idle", false)) {
            return false;
        }
        const auto all = calls();
        return std::ranges::none_of(all,
                                    [](const json& call) { return call["ended_at"].is_null(); });
    };
    const auto deadline = std::chrono::steady_clock::now() + within;
    const auto left = [&] {
        return std::chrono::duration_cast<milliseconds>(deadline -
                                                        std::chrono::steady_clock::now());
    };
    return eventually(over, left(), milliseconds{50}) &&
           eventually([&] { return all_delivered(); }, left(), milliseconds{200});
}

History World::history() {
    History history;
    history.numbers = {number_of_agent};
    history.secret = webhook_secret;
    for (const json& call : calls()) {
        history.calls.push_back(view_of(call));
    }
    const json legs = control("GET", "/legs");
    history.legs.assign(legs["legs"].begin(), legs["legs"].end());
    history.carrier = carrier();
    return history;
}

std::string World::verdict(CheckOptions options) {
    std::string wrong;
    for (const std::string& violation : violations_of(history(), options)) {
        wrong += violation + "\n";
    }
    return wrong.empty() ? wrong : wrong + "\nthe gateway's log:\n" + last_lines(gateway_->log());
}

}  // namespace gw::scenario
