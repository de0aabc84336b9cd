#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whose request it is when proxies stand in front: the last address of `X-Forwarded-For` that no
// trusted proxy wrote. What an untrusted peer says there is not believed. Pure after construction;
// any thread.
#include "gateway/net/http_types.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::http {

class ClientAddress {
public:
    // Addresses or networks such as "10.0.0.0/8"; throws std::invalid_argument for anything else
    // (the configuration has been checked).
    explicit ClientAddress(std::span<const std::string> trusted_proxies);
    [[nodiscard]] bool trusts_nobody() const { return trusted_.empty(); }
    [[nodiscard]] std::string of(const net::HttpRequest& request) const;

private:
    using Bits = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
    struct Network {
        Bits address{};
        unsigned prefix = 128;
    };
    static std::optional<Bits> bits_of(std::string_view text);
    [[nodiscard]] bool trusts(std::string_view address) const;

    std::vector<Network> trusted_;
};

}  // namespace gw::http
