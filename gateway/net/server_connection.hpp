#pragma once
// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP server: reads requests, has them answered, in order, and keeps to the
// limits. It has no timer of its own: the server sweeps all connections, and `deadline` is what it
// looks at. Used from the server's executor only.
#include "gateway/net/any_stream.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/net/message_parser.hpp"
#include "gateway/net/read_buffer.hpp"
#include "gateway/net/request_head.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gw::net {

// What the connections of a server have in common.
struct ServerContext {
    HttpServerOptions options;
    HttpHandler handler;
    bool stopping = false;
    std::function<void()> handshake_done;  // set by the server

    void refused(std::string_view reason) const;
    [[nodiscard]] HttpResponse refusal(Refusal why, const Headers& seen) const;
    [[nodiscard]] std::size_t body_bytes_max(std::string_view method,
                                             std::string_view target) const;
};

class ServerConnection {
public:
    using TimePoint = Deadline::Clock::time_point;
    // In this order the server gives connections up when it is full; `busy` ones never.
    // `stream` waits for the next piece of a body.
    enum class Phase : std::uint8_t { idle, linger, handshake, header, body, busy, write, stream };

    ServerConnection(ServerContext& context, boost::asio::ip::tcp::socket socket,
                     std::string remote_address);
    ServerConnection(ServerContext& context, boost::asio::ip::tcp::socket socket,
                     boost::asio::ssl::context& tls, std::string remote_address);

    // Ends when the connection is over.
    boost::asio::awaitable<void> run();
    // Called every now and then: acts when a deadline has passed.
    void sweep(TimePoint now);
    // Closes the connection if it is between requests and ends its stream; a busy one sees the
    // context's `stopping` itself.
    void stop_when_idle();
    // Gives the connection up as it is.
    void cut(std::string_view reason);

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] TimePoint phase_began() const { return began_; }
    [[nodiscard]] const std::string& remote_address() const { return remote_address_; }

private:
    enum class Cut : std::uint8_t { none, timeout, idle_stop, hard };
    enum class Next : bool { close, keep };
    struct HeadRead {
        std::size_t size = 0;  // 0 without a refusal: the connection ended
        Refusal refusal;
    };
    // What the answer needs to know of its request; the request itself went to the handler.
    struct Exchange {
        bool http10 = false;
        bool head_only = false;
        bool keep_alive = false;
    };

    void enter(Phase phase);
    void enter(Phase phase, std::chrono::milliseconds span);
    bool took(boost::system::error_code failed, std::size_t bytes);
    [[nodiscard]] bool body_too_slow(TimePoint now) const;
    [[nodiscard]] Refusal why_no_more(std::string_view part) const;

    boost::asio::awaitable<bool> handshake();
    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<HeadRead> read_head();
    boost::asio::awaitable<Refusal> read_body(bool send_continue, MessageParser<true>& parser);
    boost::asio::awaitable<HttpResponse> handle(HttpRequest request);
    boost::asio::awaitable<Next> answer(HttpResponse response, Exchange exchange);
    boost::asio::awaitable<Next> refuse(Refusal why, Headers seen, bool head_only);
    boost::asio::awaitable<bool> write(std::string_view body);
    boost::asio::awaitable<bool> write_stream(bool chunked);
    boost::asio::awaitable<bool> write_pieces(bool chunked);
    [[nodiscard]] bool peer_is_gone();
    boost::asio::awaitable<void> linger();

    ServerContext& context_;
    AnyStream stream_;
    std::string remote_address_;
    ReadBuffer buffer_;
    std::string out_;                            // the response under way; its memory is kept
    std::shared_ptr<BodySource> stream_source_;  // of the response under way
    TimePoint began_;
    TimePoint deadline_;
    std::size_t body_bytes_ = 0;
    std::size_t requests_ = 0;
    Phase phase_ = Phase::idle;
    Cut cut_ = Cut::none;
    bool ended_by_peer_ = false;
    bool answered_last_ = false;  // our last response may still be on its way
};

}  // namespace gw::net
