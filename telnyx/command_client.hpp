#pragma once
// SPDX-License-Identifier: Apache-2.0
// Commands to Telnyx over HTTP: the same bytes under the same command_id until there is an answer
// or the budget is spent. It hides Telnyx's JSON and error codes. Used from the HTTP client's
// executor only.
#include "gateway/net/http_client.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"
#include "gateway/ports/metrics.hpp"
#include "gateway/ports/telnyx_commands.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gw::telnyx {

struct CommandClientOptions {
    std::string api_base = "https://api.telnyx.com/v2";  // without a trailing slash
    std::string api_key;
    std::string connection_id = {};  // the application that dials
    std::chrono::milliseconds attempt_timeout{2'000};
    // From the first request of a command to its last answer. A command that has none by then is
    // `unknown` and the call's state is asked for instead. Telnyx forgets a command_id after 60 s,
    // so a budget must stay well below that.
    std::chrono::milliseconds budget{10'000};
};

// All references must outlive the object and its coroutines.
std::unique_ptr<ports::TelnyxCommands> make_command_client(net::HttpClient& http,
                                                           ports::Clock& clock, ports::Log& log,
                                                           ports::Metrics& metrics,
                                                           CommandClientOptions options);

}  // namespace gw::telnyx
