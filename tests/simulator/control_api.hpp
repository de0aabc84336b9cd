#pragma once
// SPDX-License-Identifier: Apache-2.0
// The simulator's own API, for tests and people: places calls, presses keys, sets faults, sends
// hand-made webhooks, and shows what happened. Requests and answers as values; no authentication,
// so it belongs on a loopback address. One thread.
#include "gateway/net/http_types.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/history.hpp"
#include "tests/simulator/load.hpp"
#include "tests/simulator/outbox.hpp"
#include "tests/simulator/receiver.hpp"
#include "tests/simulator/url.hpp"
#include "tests/simulator/world.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace gw::simulator {

class ControlApi {
public:
    struct Parts {
        Schedule& schedule;
        World& world;
        Faults& faults;
        Outbox& outbox;
        History& history;
        Load& load;
        std::uint64_t seed;
        FaultSettings faults_at_start = {};  // what a reset goes back to
    };
    explicit ControlApi(Parts parts) : parts_(parts), receiver_(parts.schedule, parts.history) {}
    net::HttpResponse handle(const net::HttpRequest& request);

private:
    static net::HttpResponse problem(unsigned status, const std::string& text);
    net::HttpResponse answer(const net::HttpRequest& request, const RequestTarget& target,
                             const std::optional<nlohmann::json>& body);
    net::HttpResponse route(const net::HttpRequest& request, const RequestTarget& target,
                            const nlohmann::json& body);
    net::HttpResponse place(const nlohmann::json& body);
    net::HttpResponse act(const std::string& control_id, const nlohmann::json& body);
    net::HttpResponse legs(const RequestTarget& target) const;
    net::HttpResponse history(const RequestTarget& target) const;
    net::HttpResponse set_faults(const nlohmann::json& body);
    net::HttpResponse set_scenario(const nlohmann::json& body);
    net::HttpResponse start_load(const nlohmann::json& body);
    net::HttpResponse status() const;
    net::HttpResponse reset();

    // control_events.cpp: webhooks by hand, and where they go
    net::HttpResponse send_event(const nlohmann::json& body);
    net::HttpResponse set_webhook_url(const nlohmann::json& body);

    Parts parts_;
    Receiver receiver_;
    std::uint64_t hand_made_ = 0;
};

}  // namespace gw::simulator
