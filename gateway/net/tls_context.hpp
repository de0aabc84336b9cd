#pragma once
// SPDX-License-Identifier: Apache-2.0
// The two OpenSSL contexts of this layer: TLS 1.2 or later, no renegotiation, no compression, ALPN
// "http/1.1". Both throw std::runtime_error naming the file that could not be used.
#include "gateway/net/http_server.hpp"

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace gw::net {

boost::asio::ssl::context make_server_tls_context(const TlsServerFiles& files);

// Verifies the peer against the system's authorities and those of `ca_file` (may be empty).
boost::asio::ssl::context make_client_tls_context(const std::string& ca_file);

}  // namespace gw::net
