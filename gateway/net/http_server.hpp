#pragma once
// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server, plain or TLS, that bounds everything a peer can make it hold: sizes, counts,
// time and connections (SECURITY: HTTP server limits). It hides Beast and the stream. All of it
// runs on the executor it is given, which must be single-threaded or a strand.
#include "gateway/net/http_types.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gw::net {

struct HttpLimits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t header_fields_max = 100;
    std::chrono::milliseconds header_timeout{5'000};  // from the first byte to the blank line
    std::chrono::milliseconds body_timeout{10'000};   // whole body ...
    std::size_t body_rate_min_bytes = 1024;  // ... and this much per second after body_grace
    std::chrono::milliseconds body_grace{2'000};
    std::chrono::milliseconds idle_timeout{60'000};  // keep-alive without a request
    std::chrono::milliseconds write_timeout{
        10'000};  // a response not taken by then: connection cut
    std::size_t requests_per_connection_max = 10'000;
    std::size_t connections_max = 4'096;
    std::size_t connections_per_address_max = 0;  // 0: no limit
    std::chrono::milliseconds tls_handshake_timeout{5'000};
    std::size_t tls_handshakes_max = 200;
};

struct TlsServerFiles {
    std::string certificate_chain_file;  // PEM
    std::string private_key_file;        // PEM
};

// What the server reports about itself; every member may be empty.
struct HttpServerObserver {
    std::function<void(std::string_view reason)>
        refused;  // a request or connection cut short by a limit
    std::function<void(std::string_view what)> handler_threw;  // a bug of ours: answered 500
};

struct HttpServerOptions {
    std::string listen = "127.0.0.1:8080";  // "host:port", "[v6]:port"; port 0 = any free one
    HttpLimits limits;
    std::optional<TlsServerFiles> tls;
    // The most bytes a body of this request may have; asked after the header is read. A larger one
    // is answered by `too_large` (status 413) without reading it.
    std::function<std::size_t(std::string_view method, std::string_view target)> body_bytes_max;
    // Makes the answer for a request refused before any handler: 400, 408, 413, 417, 431, 503 ...
    // The request's header fields are passed when they were read. Lets the API keep one error
    // format.
    std::function<HttpResponse(unsigned status, std::string_view reason, const Headers& seen)>
        refusal;
    HttpServerObserver observer;
};

class HttpServer {
public:
    virtual ~HttpServer() = default;
    // The port bound, also when 0 was asked for.
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::size_t connections() const = 0;
    // Stops accepting at once, lets requests under way finish (answered with Connection: close),
    // closes idle connections, and cuts what is left after `grace`. Returns when every connection
    // is gone.
    virtual boost::asio::awaitable<void> stop(std::chrono::milliseconds grace) = 0;
};

// Binds and starts accepting. Throws std::runtime_error with the address in it when it cannot.
std::unique_ptr<HttpServer> make_http_server(boost::asio::any_io_executor executor,
                                             HttpServerOptions options, HttpHandler handler);

}  // namespace gw::net
