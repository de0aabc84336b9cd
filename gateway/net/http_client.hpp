#pragma once
// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 client over keep-alive connections, plain or TLS. One absolute deadline bounds the
// whole exchange; the peer's certificate and name are always verified; redirects are never followed
// and nothing is retried here, except once on an idle pooled connection that the peer closed: when
// it cannot have read the request, or when `replayable` says that it may have. All of it runs on
// one single-threaded executor.
#include "gateway/domain/result.hpp"
#include "gateway/net/http_types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gw::net {

struct ClientRequest {
    std::string method = "GET";
    std::string url;  // absolute http:// or https:// URL without fragment
    Headers headers;  // Host, Content-Length, Connection, User-Agent and Accept-Encoding are set by
                      // the client
    std::string body;
    std::chrono::milliseconds timeout{10'000};   // whole exchange, from now
    std::size_t response_bytes_max = 64 * 1024;  // of the body
    // true: the answer is complete at its header block; up to response_bytes_max of the body are
    // read if they come within `body_patience`, and a body that fails, is late or longer is simply
    // cut.
    bool decide_at_header = false;
    std::chrono::milliseconds body_patience{250};
    // true: may be sent again when a pooled connection ends before a byte of the answer; the peer
    // may then have read it twice. false: sent again only if no byte of it was written.
    bool replayable = true;
    // Asks for a WebSocket, to see who is there: a peer that agrees (101) gives Errc::protocol.
    bool asks_for_websocket = false;
};

struct ClientResponse {
    unsigned status = 0;
    Headers headers;
    std::string body;
};

using Addresses = std::vector<boost::asio::ip::address>;
// Finds the addresses of a host and may block. Called on threads that may outlive the client, so it
// owns what it uses.
using LookUp = std::function<Result<Addresses>(const std::string& host)>;

struct HttpClientOptions {
    // false: only public addresses (SSRF guard, see address_policy); a denied one gives
    // Errc::denied_address.
    bool allow_private_networks = false;
    bool allow_plain_http = true;
    std::string ca_file;                        // extra trusted CA, PEM; empty: the system's only
    std::size_t connections_per_host_max = 16;  // further requests wait, within their deadline
    // Kept open without a request, of all hosts; TLS holds some 100 kB for each.
    std::size_t idle_max = 512;
    std::chrono::milliseconds connect_timeout{5'000};  // TCP; and again for TLS
    std::chrono::milliseconds idle_timeout{
        30'000};                    // a pooled connection older than this is dropped
    LookUp look_up;                 // empty: the system's
    std::size_t look_ups_max = 32;  // at once; further names wait, within their deadline
    // When a look-up fails or hangs, a host's last good addresses serve. For the operator's own
    // hosts: a customer's name must be judged as it stands now.
    bool keep_last_addresses = false;
    std::string user_agent = "telnyx-gateway";
};

class HttpClient {
public:
    virtual ~HttpClient() = default;
    // Errors: invalid (bad URL), dns_failed, full and unavailable (no look-up to be had),
    // denied_address, connect_failed, tls_failed, timeout, reset, protocol, too_large, canceled.
    virtual boost::asio::awaitable<Result<ClientResponse>> send(ClientRequest request) = 0;
    // Cuts everything under way and waits for it; later sends give canceled. A look-up of a name
    // that hangs is let go, never waited for.
    virtual boost::asio::awaitable<void> stop() = 0;
};

std::unique_ptr<HttpClient> make_http_client(boost::asio::any_io_executor executor,
                                             HttpClientOptions options);

}  // namespace gw::net
