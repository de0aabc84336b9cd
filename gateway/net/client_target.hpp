#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where a request goes, read out of its URL, and the bytes of the request itself. Pure.
#include "gateway/domain/result.hpp"
#include "gateway/net/http_client.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gw::net {

struct ClientTarget {
    bool tls = false;
    std::string host;  // lower case; an IPv6 address without brackets
    std::uint16_t port = 0;
    std::optional<boost::asio::ip::address> literal;  // the host is this address
    std::string host_field;                           // as the Host field wants it
    std::string path;                                 // with the query; never empty
    // Connections to equal keys may be shared.
    [[nodiscard]] std::string key() const;
};

Result<ClientTarget> read_target(const std::string& url, bool allow_plain_http);

// The header block of the request; Errc::invalid when a field could not be sent as it is.
Result<std::string> request_head(const ClientRequest& request, const ClientTarget& target,
                                 const std::string& user_agent);

}  // namespace gw::net
