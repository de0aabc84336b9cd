#pragma once
// SPDX-License-Identifier: Apache-2.0
// Which hosts, ports and addresses the gateway may be told to connect to by a customer (SECURITY:
// SSRF). Pure: no look-up happens here. The lists follow IANA's special-purpose registries and the
// OWASP SSRF sheet; what is not plainly public is denied.
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::net {

struct Verdict {
    std::string_view denied_because;  // static text; empty: allowed
    [[nodiscard]] bool allowed() const { return denied_because.empty(); }
};

Verdict judge_address(const boost::asio::ip::address& address);

// 80, 443 and 8080 and above, without the ports of well-known internal services.
Verdict judge_port(std::uint16_t port);

// The host of a URL as written, an IPv6 address in its brackets.
struct HostReading {
    Verdict verdict;  // denied: an odd spelling, whoever asks
    std::optional<boost::asio::ip::address>
        literal;  // it is an address; otherwise a name to resolve
};
HostReading read_host(std::string_view host);

}  // namespace gw::net
