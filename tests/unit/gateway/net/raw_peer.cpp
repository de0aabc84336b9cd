// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace gw::net::testing {

namespace {

constexpr int patience_ms = 20'000;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The C interface wants the general type.
sockaddr* general(sockaddr_in& address) {
    return static_cast<sockaddr*>(static_cast<void*>(&address));
}

std::uint16_t bound_port(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, general(address), &size);
    return ntohs(address.sin_port);
}

int bound_socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    if (fd < 0 || ::bind(fd, general(address), sizeof address) != 0) {
        throw std::runtime_error("cannot bind a test socket");
    }
    return fd;
}

}  // namespace

RawPeer RawPeer::connect(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(port);
    if (fd < 0 || ::connect(fd, general(address), sizeof address) != 0) {
        throw std::runtime_error("cannot connect a test socket");
    }
    return RawPeer(fd);
}

bool RawPeer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawPeer::end_sending() {
    ::shutdown(fd_, SHUT_WR);
}

void RawPeer::reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

void RawPeer::close() {
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

bool RawPeer::fill() {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, patience_ms) != 1) {
        return false;
    }
    std::array<char, 4096> bytes;
    const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        return false;
    }
    pending_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<std::string> RawPeer::read_until(std::string_view mark) {
    for (;;) {
        if (const std::size_t at = pending_.find(mark); at != std::string::npos) {
            return read_exactly(at + mark.size());
        }
        if (!fill()) {
            return std::nullopt;
        }
    }
}

std::optional<std::string> RawPeer::read_exactly(std::size_t bytes) {
    while (pending_.size() < bytes) {
        if (!fill()) {
            return std::nullopt;
        }
    }
    std::string taken = pending_.substr(0, bytes);
    pending_.erase(0, bytes);
    return taken;
}

RawPeer::Response RawPeer::read_response(bool to_head) {
    Response response;
    const auto head = read_until("\r\n\r\n");
    if (!head || head->size() < 12) {
        return response;
    }
    response.head = *head;
    response.status = static_cast<unsigned>(std::stoul(head->substr(9, 3)));
    if (const std::size_t at = head->find("Content-Length: ");
        at != std::string::npos && !to_head) {
        response.body =
            read_exactly(std::stoul(head->substr(at + 16))).value_or("(body cut short)");
    }
    return response;
}

bool RawPeer::closes() {
    if (!pending_.empty()) {
        return false;
    }
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, patience_ms) != 1) {
        return false;
    }
    char byte = 0;
    return ::recv(fd_, &byte, 1, 0) <= 0;
}

ScriptedPeer::ScriptedPeer(Script script) : listener_(bound_socket()), script_(std::move(script)) {
    ::listen(listener_, 64);
    port_ = bound_port(listener_);
    thread_ = std::thread([this] {
        for (int number = 0;; ++number) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) {
                return;
            }
            RawPeer peer(fd);
            script_(peer, number);
        }
    });
}

ScriptedPeer::~ScriptedPeer() {
    ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    ::close(listener_);
}

std::uint16_t closed_port() {
    const int fd = bound_socket();
    const std::uint16_t port = bound_port(fd);
    ::close(fd);
    return port;
}

}  // namespace gw::net::testing
