// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/any_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <algorithm>
#include <vector>

namespace gw::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
// One TLS record; a message written in pieces would otherwise become as many records and packets.
constexpr std::size_t record_bytes_max = 16 * 1024;
}  // namespace

struct AnyStream::Tls {
    Tls(tcp::socket& socket, asio::ssl::context& context) : stream(socket, context) {}
    asio::ssl::stream<tcp::socket&> stream;
    std::vector<char> record;  // what the write under way sends when it was given in pieces
};

AnyStream::AnyStream(tcp::socket socket) : socket_(std::move(socket)) {}

AnyStream::AnyStream(tcp::socket socket, asio::ssl::context& context)
    : socket_(std::move(socket)), tls_(std::make_unique<Tls>(socket_, context)) {}

AnyStream::~AnyStream() = default;

SSL* AnyStream::native_tls() {
    return tls_ == nullptr ? nullptr : tls_->stream.native_handle();
}

void AnyStream::tls_read(asio::mutable_buffer to, IoHandler handler) {
    tls_->stream.async_read_some(to, asio::bind_executor(get_executor(), std::move(handler)));
}

void AnyStream::tls_write(std::span<const asio::const_buffer> from, IoHandler handler) {
    asio::const_buffer whole = from.empty() ? asio::const_buffer() : from.front();
    if (from.size() > 1) {
        tls_->record.clear();
        for (const asio::const_buffer& part : from) {
            const auto* data = static_cast<const char*>(part.data());
            const std::size_t taken = std::min(part.size(), record_bytes_max - tls_->record.size());
            tls_->record.insert(tls_->record.end(), data, data + taken);
        }
        whole = asio::buffer(tls_->record);
    }
    tls_->stream.async_write_some(whole, asio::bind_executor(get_executor(), std::move(handler)));
}

void AnyStream::tls_handshake(TlsRole role, EndHandler handler) {
    const auto type =
        role == TlsRole::client ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
    tls_->stream.async_handshake(type, asio::bind_executor(get_executor(), std::move(handler)));
}

void AnyStream::start_shutdown(EndHandler handler) {
    if (tls_ != nullptr) {
        tls_->stream.async_shutdown(asio::bind_executor(get_executor(), std::move(handler)));
        return;
    }
    error_code failed;
    socket_.shutdown(tcp::socket::shutdown_send, failed);
    asio::post(get_executor(),
               [handler = std::move(handler), failed]() mutable { std::move(handler)(failed); });
}

// A TLS peer says its end in a record, so that bytes wait in the socket although nothing will come:
// only reading them as TLS tells them from a ticket.
bool AnyStream::is_quiet() {
    error_code seen;
    if (!socket_.non_blocking()) {
        socket_.non_blocking(true, seen);  // asynchronous operations are indifferent to it
    }
    if (seen) {
        return false;
    }
    char byte = 0;
    const asio::mutable_buffer place(&byte, 1);
    if (tls_ != nullptr) {
        tls_->stream.read_some(place, seen);
    } else {
        socket_.read_some(place, seen);
    }
    return seen == asio::error::would_block;
}

void AnyStream::cancel() {
    error_code ignored;
    socket_.cancel(ignored);
}

void AnyStream::close() {
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace gw::net
