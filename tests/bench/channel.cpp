// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/channel.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace gw::bench {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in address_of(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    unsigned port = 0;
    const char* end = text.data() + text.size();
    if (colon == std::string::npos ||
        std::from_chars(text.data() + colon + 1, end, port).ptr != end || port > 65535 ||
        inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
        throw std::invalid_argument("not an IPv4 address and port: " + text);
    }
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

}  // namespace

int connect_to(const std::string& address) {
    const sockaddr_in peer = address_of(address);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket");
    }
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
        const int error = errno;
        ::close(fd);
        errno = error;
        fail("connect");
    }
    return fd;
}

Listening listen_on_loopback() {
    sockaddr_in address = address_of("127.0.0.1:0");
    socklen_t size = sizeof address;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(fd, SOMAXCONN) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        fail("listen");
    }
    return {fd, ntohs(address.sin_port)};
}

std::string_view header_of(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
            std::string_view value = line.substr(name.size() + 1);
            value = value.substr(0, value.find("\r\n"));
            const std::size_t first = value.find_first_not_of(' ');
            return first == std::string_view::npos ? std::string_view{} : value.substr(first);
        }
    }
    return {};
}

Channel::Channel(Loop& loop, int fd) : loop_(loop), fd_(fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    loop_.watch(fd, EPOLLIN, *this);
}

Channel::~Channel() {
    close();
}

void Channel::close() {
    if (fd_ >= 0) {
        loop_.forget(fd_);
        ::close(fd_);
        fd_ = -1;
    }
}

void Channel::send(std::string_view text) {
    if (fd_ < 0) {
        return;
    }
    if (out_.empty()) {
        const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (text.empty()) {
            return;
        }
        loop_.change(fd_, EPOLLIN | EPOLLOUT, *this);
    }
    out_ += text;
}

void Channel::ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        flush();
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        read();
    }
}

void Channel::flush() {
    const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        out_.erase(0, static_cast<std::size_t>(sent));
    }
    if (out_.empty()) {
        loop_.change(fd_, EPOLLIN, *this);
    }
}

void Channel::read() {
    constexpr std::size_t most = 16 * 1024;
    const std::size_t size = in_.size();
    in_.resize(size + most);
    const ssize_t got = ::recv(fd_, in_.data() + size, most, MSG_DONTWAIT);
    in_.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got > 0) {
        take_messages();
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close();
    }
    if (fd_ < 0) {
        on_closed();
    }
}

void Channel::take_messages() {
    while (fd_ >= 0) {
        const std::string_view left = std::string_view(in_).substr(taken_);
        const std::size_t head_end = left.find("\r\n\r\n");
        if (head_end == std::string_view::npos) {
            break;
        }
        const std::string_view head = left.substr(0, head_end + 2);
        const std::string_view length = header_of(head, "content-length");
        std::size_t body_bytes = 0;
        std::from_chars(length.data(), length.data() + length.size(), body_bytes);
        const std::size_t all = head_end + 4 + body_bytes;
        if (left.size() < all) {
            break;
        }
        taken_ += all;
        on_message(head, left.substr(head_end + 4, body_bytes));
    }
    in_.erase(0, taken_);
    taken_ = 0;
}

}  // namespace gw::bench
