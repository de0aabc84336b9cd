#pragma once
// SPDX-License-Identifier: Apache-2.0
// A customer's own check of a webhook's two signatures, written from the published rules and not
// from the gateway's code. Pure.
#include <nlohmann/json.hpp>

#include <string>

namespace gw::scenario {

// `headers` as the simulator's receiver kept them. Empty when both signatures hold, else what is
// wrong.
std::string fault_of_signatures(const nlohmann::json& headers, const std::string& body,
                                const std::string& secret);

// The header fields of a rightly signed webhook; for planted faults.
nlohmann::json signed_headers(const std::string& id, const std::string& timestamp,
                              const std::string& body, const std::string& secret);

std::string sha256_hex(const std::string& text);

}  // namespace gw::scenario
