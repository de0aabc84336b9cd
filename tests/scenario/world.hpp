#pragma once
// SPDX-License-Identifier: Apache-2.0
// A small world around the real gateway: the real simulator as carrier and as the customer's
// endpoint, a configuration, a data folder, and the gateway, which can be killed and started again
// on the same addresses. Everything on loopback ports that were free. Main thread only.
#include "tests/scenario/history_checker.hpp"
#include "tests/scenario/http_door.hpp"
#include "tests/scenario/process.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::scenario {

constexpr const char* number_of_agent = "+31850012345";
constexpr const char* webhook_secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

std::string gateway_program();
std::string simulator_program();

struct WorldOptions {
    nlohmann::json config = nlohmann::json::object();  // merged over the usual configuration
    std::vector<std::string> simulator_arguments;
    std::uint64_t seed = 1;   // of the simulator: its ids and the chance of its faults
    std::string data_folder;  // empty: one of the world's own
    bool start = true;        // the gateway too
};

// A free loopback port, kept from others for as long as this lives: the socket is bound and does
// not listen, which on Linux leaves the port to whoever listens with SO_REUSEADDR, and to nobody by
// chance.
class ReservedPort {
public:
    ReservedPort();
    ~ReservedPort();
    ReservedPort(const ReservedPort&) = delete;
    ReservedPort& operator=(const ReservedPort&) = delete;
    [[nodiscard]] std::uint16_t number() const { return number_; }

private:
    int socket_ = -1;
    std::uint16_t number_ = 0;
};

// Of equal requests sent at once one was accepted, with this status, and the others were told 409.
void expect_one_winner(const std::vector<Answer>& answers, unsigned accepted);

class World {
public:
    explicit World(WorldOptions options = {});

    // The gateway's process. `environment` may arm a crash point, which may hit before it is ready:
    // spawn does not wait, start does.
    using Environment = std::vector<std::pair<std::string, std::string>>;
    void spawn(Environment environment = {});
    void start(Environment environment = {});
    void kill();
    [[nodiscard]] Process& gateway() { return *gateway_; }
    [[nodiscard]] Process& simulator() { return *simulator_; }
    [[nodiscard]] bool is_ready();

    // The gateway's doors. A path begins with "/". The public one is asked again while it says 503,
    // see HttpDoor::insist; `door` sends once.
    Answer api(const std::string& path, const std::string& method = "GET");
    // A write with a JSON body and the usual key, to be sent by any door.
    [[nodiscard]] net::ClientRequest json_post(const std::string& path,
                                               const nlohmann::json& body) const;
    std::vector<Answer> api_all(const std::vector<std::string>& paths, const std::string& method);
    Answer admin(const std::string& path, const std::string& method = "GET");
    [[nodiscard]] double metric(std::string_view name_and_labels);
    Answer send(const net::ClientRequest& request) { return door_.insist(request); }
    [[nodiscard]] HttpDoor& door() { return door_; }
    [[nodiscard]] std::uint16_t http_port() const { return http_port_.number(); }
    [[nodiscard]] const std::string& api_key() const { return api_key_; }

    // The simulator's control API; throws when it refuses.
    nlohmann::json control(const std::string& method, const std::string& path,
                           const nlohmann::json& body = nullptr);
    // Places a call and gives back its call_control_id.
    std::string place_call(const nlohmann::json& script);
    void set_faults(const nlohmann::json& faults) { control("PUT", "/faults", faults); }
    // All entries of the simulator's history, or those of one type.
    const std::vector<nlohmann::json>& carrier();
    std::vector<nlohmann::json> carrier(std::string_view type);
    // Commands of one kind, optionally only those that were carried out.
    std::size_t commands(std::string_view kind, bool executed_only = true);
    // The events the customer received, in order; repeated ones stand again.
    std::vector<nlohmann::json> received();
    nlohmann::json leg(const std::string& call_control_id);

    // The API's view.
    std::vector<nlohmann::json> calls();
    nlohmann::json only_call();  // the call, when there is exactly one; else null
    nlohmann::json events(const std::string& call_id);
    nlohmann::json deliveries(const std::string& call_id);
    // The call of a leg as the timelines tell; null when there is none.
    nlohmann::json call_of(const std::string& call_control_id);

    // True when every leg is over and told, every call final, and each webhook was taken.
    bool quiesce(milliseconds within = patience);
    History history();
    // Empty when quiet and without a violation; else all that is wrong, and the gateway's log.
    std::string verdict(CheckOptions options = {});

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path config_file() const { return folder() / "gateway.json"; }
    [[nodiscard]] nlohmann::json config() const { return config_; }
    void set_config(const nlohmann::json& patch);

private:
    CallView view_of(const nlohmann::json& call);
    [[nodiscard]] bool all_delivered();
    [[nodiscard]] bool is_told(const CallView& view, const std::set<std::string>& taken) const;

    TemporaryFolder folder_;
    ReservedPort http_port_;
    ReservedPort admin_port_;
    std::string api_key_;
    nlohmann::json config_;
    std::string control_;
    std::vector<nlohmann::json> carrier_;
    std::set<std::string> settled_;  // final calls all of whose webhooks were taken
    HttpDoor door_;
    std::unique_ptr<Process> simulator_;
    std::unique_ptr<Process> gateway_;
};

}  // namespace gw::scenario
