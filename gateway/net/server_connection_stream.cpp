// SPDX-License-Identifier: Apache-2.0
// A body that is made while it is sent.
#include "gateway/net/server_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <charconv>
#include <exception>

namespace gw::net {

namespace asio = boost::asio;

namespace {

void append_chunk(std::string& out, std::string_view piece) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16);
    out.append(digits.data(), end.ptr);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

}  // namespace

// Each piece has the write deadline; the wait for the next one has none, but for the sweep's look
// at the peer.
asio::awaitable<bool> ServerConnection::write_pieces(bool chunked) {
    for (;;) {
        enter(Phase::stream);
        if (context_.stopping) {
            stream_source_->stop();
        }
        const std::optional<std::string> piece = co_await stream_source_->next();
        if (cut_ != Cut::none) {
            co_return false;
        }
        if (piece && piece->empty()) {
            continue;  // an empty chunk would be the end
        }
        out_.clear();
        if (!chunked) {
            out_ = piece.value_or("");
        } else if (piece) {
            append_chunk(out_, *piece);
        } else {
            out_ = "0\r\n\r\n";
        }
        if (!co_await write({})) {
            co_return false;
        }
        if (!piece) {
            co_return true;
        }
    }
}

asio::awaitable<bool> ServerConnection::write_stream(bool chunked) {
    std::string what;
    try {
        co_return co_await write_pieces(chunked);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) {
            throw;  // we are being cancelled
        }
        what = e.what();
    } catch (const std::exception& e) {
        what = e.what();
    }
    if (context_.options.observer.handler_threw && cut_ == Cut::none) {
        context_.options.observer.handler_threw(what);
    }
    co_return false;
}

}  // namespace gw::net
