#pragma once
// SPDX-License-Identifier: Apache-2.0
// One byte stream type for plain TCP and for TLS, so that everything above is instantiated once. It
// hides OpenSSL. A plain operation goes straight to the socket; a TLS one passes an erased handler
// (its memory is recycled by Asio). Not movable, used from its executor only; at most one read and
// one write at a time.
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace gw::net {

enum class TlsRole : bool { client, server };

class AnyStream {
public:
    using executor_type = boost::asio::any_io_executor;
    using error_code = boost::system::error_code;

    explicit AnyStream(boost::asio::ip::tcp::socket socket);
    // TLS: nothing but async_handshake may be called before the handshake is done. `context` is
    // copied by reference count inside OpenSSL.
    AnyStream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context);
    ~AnyStream();
    AnyStream(const AnyStream&) = delete;
    AnyStream& operator=(const AnyStream&) = delete;

    executor_type get_executor() noexcept { return socket_.get_executor(); }
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
    // OpenSSL's handle, null for a plain stream.
    [[nodiscard]] SSL* native_tls();

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [](auto handler, AnyStream* self, const Buffers& to) {
                if (self->tls_ == nullptr) {
                    self->socket_.async_read_some(to, std::move(handler));
                } else {
                    self->tls_read(first_of<boost::asio::mutable_buffer>(to),
                                   self->erase(std::move(handler)));
                }
            },
            token, this, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [](auto handler, AnyStream* self, const Buffers& from) {
                if (self->tls_ == nullptr) {
                    self->socket_.async_write_some(from, std::move(handler));
                    return;
                }
                Gathered list;
                for (auto it = boost::asio::buffer_sequence_begin(from);
                     it != boost::asio::buffer_sequence_end(from) && list.count < list.parts.size();
                     ++it) {
                    list.parts[list.count++] = *it;
                }
                self->tls_write({list.parts.data(), list.count}, self->erase(std::move(handler)));
            },
            token, this, buffers);
    }

    template <class Token>
    auto async_handshake(TlsRole role, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code)>(
            [](auto handler, AnyStream* self, TlsRole as) {
                self->tls_handshake(as, EndHandler(boost::asio::bind_executor(self->get_executor(),
                                                                              std::move(handler))));
            },
            token, this, role);
    }

    // Says goodbye: TLS close_notify both ways, then the end of our TCP direction.
    template <class Token>
    auto async_shutdown(Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code)>(
            [](auto handler, AnyStream* self) {
                self->start_shutdown(EndHandler(
                    boost::asio::bind_executor(self->get_executor(), std::move(handler))));
            },
            token, this);
    }

    // Whether the peer is still there and has said nothing but what TLS says to itself (session
    // tickets). Only without an operation under way; whatever else came is taken and lost.
    [[nodiscard]] bool is_quiet();
    void cancel();  // operations under way end with operation_aborted; the stream stays usable
    void close();

private:
    // any_completion_handler of Boost 1.81 cannot stand in for a handler without an executor of its
    // own, so the real one is bound to the stream's first.
    using IoHandler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    using EndHandler = boost::asio::any_completion_handler<void(error_code)>;
    struct Tls;
    struct Gathered {
        std::array<boost::asio::const_buffer, 16> parts;
        std::size_t count = 0;
    };

    template <class Handler>
    IoHandler erase(Handler handler) {
        return IoHandler(boost::asio::bind_executor(get_executor(), std::move(handler)));
    }
    // TLS reads into one place at a time anyway: the first that has room.
    template <class Buffer, class Buffers>
    static Buffer first_of(const Buffers& buffers) {
        for (auto it = boost::asio::buffer_sequence_begin(buffers);
             it != boost::asio::buffer_sequence_end(buffers); ++it) {
            if (Buffer part(*it); part.size() != 0) {
                return part;
            }
        }
        return Buffer();
    }
    void tls_read(boost::asio::mutable_buffer to, IoHandler handler);
    void tls_write(std::span<const boost::asio::const_buffer> from, IoHandler handler);
    void tls_handshake(TlsRole role, EndHandler handler);
    void start_shutdown(EndHandler handler);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<Tls> tls_;
};

// What Beast's WebSocket asks of a stream it did not write.
template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, AnyStream& stream, Handler&& handler) {
    stream.async_shutdown(std::forward<Handler>(handler));
}
inline void beast_close_socket(AnyStream& stream) {
    stream.close();
}

}  // namespace gw::net
