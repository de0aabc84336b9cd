// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/server_connection.hpp"

#include "gateway/net/response_text.hpp"
#include "gateway/net/tokens.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <array>
#include <exception>

namespace gw::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 32 * 1024;
// A body up to this size travels in one piece with its header block.
constexpr std::size_t joined_body_bytes_max = 16 * 1024;
constexpr std::size_t kept_out_bytes_max = 64 * 1024;
constexpr std::size_t default_body_bytes_max = 1024 * 1024;
// After the last answer: how long and how much of what the peer still sends is read away, so that
// the answer is not destroyed by a reset.
constexpr std::chrono::milliseconds linger_time{2'000};
constexpr std::chrono::milliseconds linger_time_stopping{250};
constexpr std::size_t linger_bytes_max = 1024 * 1024;

constexpr Refusal bad_request{400, "bad request"};
constexpr Refusal body_too_large{413, "body too large"};
constexpr Refusal handler_failed{500, "internal error"};

bool is_end(const error_code& failed) {
    return failed == asio::error::eof || failed == asio::ssl::error::stream_truncated;
}

}  // namespace

void ServerContext::refused(std::string_view reason) const {
    if (options.observer.refused) {
        options.observer.refused(reason);
    }
}

HttpResponse ServerContext::refusal(Refusal why, const Headers& seen) const {
    if (options.refusal) {
        return options.refusal(why.status, why.reason, seen);
    }
    HttpResponse response;
    response.status = why.status;
    response.headers.add("Content-Type", "text/plain");
    response.body = std::string(why.reason) + "\n";
    return response;
}

std::size_t ServerContext::body_bytes_max(std::string_view method, std::string_view target) const {
    return options.body_bytes_max ? options.body_bytes_max(method, target) : default_body_bytes_max;
}

ServerConnection::ServerConnection(ServerContext& context, asio::ip::tcp::socket socket,
                                   std::string remote_address)
    : context_(context), stream_(std::move(socket)), remote_address_(std::move(remote_address)) {
    enter(Phase::idle, context_.options.limits.idle_timeout);
}

ServerConnection::ServerConnection(ServerContext& context, asio::ip::tcp::socket socket,
                                   asio::ssl::context& tls, std::string remote_address)
    : context_(context),
      stream_(std::move(socket), tls),
      remote_address_(std::move(remote_address)) {
    enter(Phase::handshake, context_.options.limits.tls_handshake_timeout);
}

void ServerConnection::enter(Phase phase) {
    phase_ = phase;
    deadline_ = TimePoint::max();
}

void ServerConnection::enter(Phase phase, std::chrono::milliseconds span) {
    phase_ = phase;
    began_ = Deadline::Clock::now();
    deadline_ = began_ + span;
}

asio::awaitable<void> ServerConnection::run() {
    if (phase_ == Phase::handshake && !co_await handshake()) {
        stream_.close();
        co_return;
    }
    while (co_await serve_one() == Next::keep) {
    }
    if (answered_last_ && cut_ == Cut::none) {
        co_await linger();
    }
    stream_.close();
}

asio::awaitable<bool> ServerConnection::handshake() {
    const auto [failed] = co_await stream_.async_handshake(TlsRole::server, as_result);
    enter(Phase::idle, context_.options.limits.idle_timeout);
    context_.handshake_done();
    if (failed && cut_ == Cut::none) {
        context_.refused("tls_handshake_failed");
    }
    co_return !failed && cut_ == Cut::none;
}

// Books what a read brought. False: nothing more will come, or nothing more is wanted.
bool ServerConnection::took(error_code failed, std::size_t bytes) {
    buffer_.commit(bytes);
    if (cut_ == Cut::idle_stop && bytes != 0) {
        cut_ = Cut::none;  // the request was there before we stopped: it is answered
    }
    ended_by_peer_ = is_end(failed);
    return !failed && cut_ == Cut::none;
}

Refusal ServerConnection::why_no_more(std::string_view part) const {
    if (cut_ == Cut::timeout) {
        return {408, part};
    }
    // The peer may have ended only its own direction and still listen.
    return cut_ == Cut::none && ended_by_peer_ ? Refusal{400, "incomplete request"} : Refusal{};
}

asio::awaitable<ServerConnection::HeadRead> ServerConnection::read_head() {
    const HttpLimits& limits = context_.options.limits;
    HeadEnd end;
    enter(Phase::idle, limits.idle_timeout);
    for (;;) {
        const std::size_t size = end.find(buffer_.data());
        if (end.bare_line_feed()) {
            co_return HeadRead{0, {400, "line ends without CR"}};
        }
        if (std::max(size, size == 0 ? buffer_.size() : 0) > limits.header_bytes_max) {
            co_return HeadRead{0, {431, "header block too large"}};
        }
        if (size != 0) {
            co_return HeadRead{size, {}};
        }
        if (buffer_.empty()) {
            if (context_.stopping) {
                co_return HeadRead{};
            }
        } else if (phase_ == Phase::idle) {
            enter(Phase::header, limits.header_timeout);
        }
        const auto [failed, bytes] =
            co_await stream_.async_read_some(buffer_.room(read_bytes), as_result);
        if (!took(failed, bytes)) {
            const bool begun = !buffer_.empty() && phase_ != Phase::idle;
            co_return HeadRead{0, begun ? why_no_more("slow_header") : Refusal{}};
        }
    }
}

asio::awaitable<ServerConnection::Next> ServerConnection::serve_one() {
    const HttpLimits& limits = context_.options.limits;
    const HeadRead read = co_await read_head();
    if (read.size == 0) {
        co_return read.refusal ? co_await refuse(read.refusal, Headers(), false) : Next::close;
    }
    ++requests_;
    const std::string_view block = buffer_.data().substr(0, read.size);
    const RequestHead head = judge_request_head(block, limits.header_fields_max);
    const bool head_only = head.method == "HEAD";
    if (head.refusal && head.refusal.status != 417) {
        co_return co_await refuse(head.refusal, Headers(), head_only);
    }

    HttpRequest request;
    request.method = head.method;
    request.target = head.target;
    request.remote_address = remote_address_;
    request.headers.reserve(16);
    MessageParser<true> parser(request.headers, request.body, limits.header_fields_max);
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + 1));
    parser.body_limit(boost::none);
    error_code bad;
    buffer_.consume(parser.put(asio::buffer(block.data(), block.size()), bad));
    if (bad || !parser.is_header_done()) {
        co_return co_await refuse(bad_request, Headers(), head_only);
    }
    if (head.refusal) {
        co_return co_await refuse(head.refusal, std::move(request.headers), head_only);
    }
    if (head.has_body()) {
        const std::size_t most = context_.body_bytes_max(request.method, request.target);
        if (head.content_length.value_or(0) > most) {
            co_return co_await refuse(body_too_large, std::move(request.headers), head_only);
        }
        parser.body_limit(most);
        if (const Refusal why = co_await read_body(head.expects_continue, parser)) {
            co_return co_await refuse(why, std::move(request.headers), head_only);
        }
        if (!parser.is_done()) {
            co_return Next::close;
        }
    }
    const Exchange exchange{head.http10, head_only, parser.keep_alive()};
    enter(Phase::busy);
    HttpResponse response = co_await handle(std::move(request));
    co_return co_await answer(std::move(response), exchange);
}

// No refusal and the parser not done: the connection was cut.
asio::awaitable<Refusal> ServerConnection::read_body(bool send_continue,
                                                     MessageParser<true>& parser) {
    const HttpLimits& limits = context_.options.limits;
    parser.eager(true);
    if (send_continue && buffer_.empty()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        if (!co_await write({})) {
            co_return Refusal{};
        }
    }
    body_bytes_ = 0;
    enter(Phase::body, limits.body_timeout);
    for (;;) {
        if (!buffer_.empty()) {
            error_code bad;
            const std::string_view data = buffer_.data();
            buffer_.consume(parser.put(asio::buffer(data.data(), data.size()), bad));
            if (bad == http::error::body_limit) {
                co_return body_too_large;
            }
            if (bad && bad != http::error::need_more) {
                co_return Refusal{400, "bad chunk"};
            }
            if (parser.is_done()) {
                co_return Refusal{};
            }
            // What the parser leaves is a chunk header or a trailer that has no end yet.
            if (buffer_.size() > limits.header_bytes_max) {
                co_return Refusal{400, "chunk header too large"};
            }
        }
        const auto [failed, bytes] =
            co_await stream_.async_read_some(buffer_.room(body_read_bytes), as_result);
        body_bytes_ += bytes;
        if (!took(failed, bytes)) {
            co_return why_no_more("slow_body");
        }
    }
}

asio::awaitable<HttpResponse> ServerConnection::handle(HttpRequest request) {
    std::string what;
    try {
        co_return co_await context_.handler(std::move(request));
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
        what = "not a std::exception";
    }
    if (context_.options.observer.handler_threw && cut_ == Cut::none) {
        context_.options.observer.handler_threw(what);
    }
    co_return context_.refusal(handler_failed, Headers());
}

asio::awaitable<ServerConnection::Next> ServerConnection::answer(HttpResponse response,
                                                                 Exchange exchange) {
    const bool close = !exchange.keep_alive || context_.stopping || asks_to_close(response) ||
                       requests_ >= context_.options.limits.requests_per_connection_max ||
                       (exchange.http10 && response.stream);
    const ResponseFraming framing{exchange.http10, close};
    out_.clear();
    if (!append_response_head(out_, response, framing)) {
        if (context_.options.observer.handler_threw) {
            context_.options.observer.handler_threw("a response that cannot be sent");
        }
        response = HttpResponse{500, {}, {}};
        append_response_head(out_, response, framing);
    }
    std::string_view body = response.body;
    stream_source_ = std::move(response.stream);
    if (exchange.head_only || !may_have_body(response.status) || stream_source_) {
        body = {};
    }
    if (exchange.head_only || !may_have_body(response.status)) {
        stream_source_.reset();
    }
    if (body.size() <= joined_body_bytes_max) {
        out_ += body;
        body = {};
    }
    bool written = co_await write(body);
    if (written && stream_source_) {
        written = co_await write_stream(!exchange.http10);
    }
    stream_source_.reset();
    if (out_.capacity() > kept_out_bytes_max) {
        out_ = std::string();
    }
    answered_last_ = written && close;
    co_return written && !close ? Next::keep : Next::close;
}

asio::awaitable<ServerConnection::Next> ServerConnection::refuse(Refusal why, Headers seen,
                                                                 bool head_only) {
    if (cut_ == Cut::hard) {
        co_return Next::close;
    }
    cut_ = Cut::none;
    context_.refused(why.reason);
    const Exchange exchange{false, head_only, false};
    HttpResponse response = context_.refusal(why, seen);
    co_return co_await answer(std::move(response), exchange);
}

// Sends out_ and then `body`.
asio::awaitable<bool> ServerConnection::write(std::string_view body) {
    enter(Phase::write, context_.options.limits.write_timeout);
    std::array<asio::const_buffer, 2> parts{asio::buffer(out_),
                                            asio::buffer(body.data(), body.size())};
    while (parts[0].size() + parts[1].size() != 0) {
        const auto [failed, sent] = co_await stream_.async_write_some(parts, as_result);
        if (failed || cut_ != Cut::none) {
            co_return false;
        }
        const std::size_t of_first = std::min(sent, parts[0].size());
        parts[0] += of_first;
        parts[1] += sent - of_first;
    }
    co_return true;
}

asio::awaitable<void> ServerConnection::linger() {
    enter(Phase::linger, context_.stopping ? linger_time_stopping : linger_time);
    if (stream_.native_tls() != nullptr) {
        co_await stream_.async_shutdown(as_result);
    }
    asio::ip::tcp::socket& socket = stream_.socket();
    error_code failed;
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    std::size_t dropped = 0;
    while (!failed && cut_ == Cut::none && dropped < linger_bytes_max) {
        std::size_t bytes = 0;
        std::tie(failed, bytes) =
            co_await socket.async_read_some(buffer_.room(read_bytes), as_result);
        dropped += bytes;
    }
}

}  // namespace gw::net
