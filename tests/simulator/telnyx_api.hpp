#pragma once
// SPDX-License-Identifier: Apache-2.0
// The HTTP face of the simulated Telnyx: routes, authentication, command faults, answers. It takes
// a request as values and gives a reply as values; holding a reply back is left to the caller. One
// thread.
#include "gateway/net/http_types.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/history.hpp"
#include "tests/simulator/world.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::simulator {

struct Reply {
    net::HttpResponse response;
    milliseconds hold{0};              // the answer comes only after this
    std::function<Reply()> then = {};  // if set: run after the hold, and its reply is sent instead
};

struct CommandTotals {
    std::uint64_t received = 0;
    std::uint64_t executed = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;
    std::uint64_t faulted = 0;
};

class TelnyxApi {
public:
    // An empty `api_key` takes any bearer token.
    TelnyxApi(Schedule& schedule, World& world, Faults& faults, History& history,
              std::string api_key);
    Reply handle(const net::HttpRequest& request);
    [[nodiscard]] const CommandTotals& totals() const { return totals_; }

private:
    [[nodiscard]] bool is_authentic(std::string_view authorization) const;
    Reply command(const net::HttpRequest& request, const CommandSpec& spec,
                  const std::string& control_id);
    Reply run(const CommandSpec& spec, const std::string& control_id, const nlohmann::json& body,
              nlohmann::json entry);
    std::optional<Reply> failed(const nlohmann::json& entry, CommandFault fault);
    Reply read(const net::HttpRequest& request, const std::vector<std::string>& segments,
               const std::map<std::string, std::string>& query);
    Reply read_unless_failed(const std::string& name, const std::string& scope,
                             const nlohmann::json& entry, std::function<Reply()> ask);
    Reply recording_file(const net::HttpRequest& request,
                         const std::map<std::string, std::string>& query);
    Reply record(nlohmann::json entry, const Answer& answer, CommandFault fault);

    Schedule& schedule_;
    World& world_;
    Faults& faults_;
    History& history_;
    std::string api_key_;
    CommandTotals totals_;
};

net::HttpResponse json_response(unsigned status, const nlohmann::json& body);
net::HttpResponse text_response(unsigned status, std::string body);

}  // namespace gw::simulator
