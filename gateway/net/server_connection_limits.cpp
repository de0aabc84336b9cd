// SPDX-License-Identifier: Apache-2.0
// How a connection is watched from outside: deadlines, a reader that went away, and the ways to end
// it.
#include "gateway/net/server_connection.hpp"

#include <poll.h>

namespace gw::net {

bool ServerConnection::body_too_slow(TimePoint now) const {
    const HttpLimits& limits = context_.options.limits;
    if (phase_ != Phase::body || now < began_ + limits.body_grace) {
        return false;
    }
    const auto since = std::chrono::duration<double>(now - began_ - limits.body_grace);
    return static_cast<double>(body_bytes_) <
           since.count() * static_cast<double>(limits.body_rate_min_bytes);
}

// A reader that closes while nothing is sent is seen by looking, not by a read that would have to
// be called off for every piece. One that has ended only its own direction counts as gone, too. The
// end is asked for itself: before it there may be bytes, such as the goodbye of TLS.
bool ServerConnection::peer_is_gone() {
    pollfd look{stream_.socket().native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) == 1;
}

void ServerConnection::sweep(TimePoint now) {
    if (phase_ == Phase::stream && cut_ == Cut::none && peer_is_gone()) {
        cut({});
    }
    if (cut_ == Cut::timeout || cut_ == Cut::idle_stop) {
        // Not heard yet: a TLS read has moments between two parts of a record in which there is
        // nothing to call off, and then goes on.
        stream_.cancel();
        return;
    }
    if (cut_ != Cut::none || (now < deadline_ && !body_too_slow(now))) {
        return;
    }
    switch (phase_) {
        case Phase::idle:
        case Phase::header:
        case Phase::body:
            // The coroutine sees the cut and answers 408 where a request has begun.
            cut_ = Cut::timeout;
            stream_.cancel();
            break;
        case Phase::handshake:
            cut("tls_handshake_timeout");
            break;
        case Phase::write:
            cut("write_timeout");
            break;
        case Phase::linger:
            cut({});
            break;
        case Phase::busy:
        case Phase::stream:
            break;
    }
}

void ServerConnection::stop_when_idle() {
    if (phase_ == Phase::idle && cut_ == Cut::none) {
        cut_ = Cut::idle_stop;
        stream_.cancel();
    }
    if (stream_source_) {
        stream_source_->stop();
    }
}

void ServerConnection::cut(std::string_view reason) {
    if (cut_ == Cut::hard) {
        return;
    }
    cut_ = Cut::hard;
    if (!reason.empty()) {
        context_.refused(reason);
    }
    stream_.close();
    if (stream_source_) {
        stream_source_->stop();
    }
}

}  // namespace gw::net
