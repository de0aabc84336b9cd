#pragma once
// SPDX-License-Identifier: Apache-2.0
// The command line of telnyx-simulator.
#include "tests/simulator/faults.hpp"
#include "tests/simulator/script.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gw::simulator {

// Not secret: made for tests. Its public key is in the README.
inline constexpr std::string_view test_seed_hex =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";  // RFC 8032, 7.1, test 1
inline constexpr std::string_view test_api_key = "KEY_SIMULATOR";

struct Options {
    std::string listen = "127.0.0.1:0";
    std::string control = "127.0.0.1:0";
    std::string webhook_url;
    std::string webhook_failover_url;
    std::string webhook_ca_file;
    std::size_t webhook_connections = 64;
    std::string api_key{test_api_key};
    std::string public_url;  // empty: the address listened on
    std::string connection_id = "2811212257810187001";
    std::uint64_t seed = 0;
    std::string seed_hex{test_seed_hex};
    std::string record_file;
    std::optional<Scenario> scenario;
    FaultSettings faults;
    std::size_t dials_max = 150;
    std::uint64_t load_calls = 0;
    double load_rate = 10;
    bool once = false;
    bool exit_when_idle = false;
};

struct Parsed {
    std::optional<Options> options;  // absent: print `text` and exit with `exit_code`
    std::string text;
    int exit_code = 0;
};

Parsed parse_options(int argc, const char* const* argv);

}  // namespace gw::simulator
