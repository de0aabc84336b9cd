#pragma once
// SPDX-License-Identifier: Apache-2.0
// Blocking sockets for tests that care about single bytes. Every wait is bounded (generously), so a
// fault shows as a failed expectation, not as a hang.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gw::net::testing {

// One connection of either side.
class RawPeer {
public:
    explicit RawPeer(int descriptor) : fd_(descriptor) {}
    static RawPeer connect(std::uint16_t port);
    RawPeer(RawPeer&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), pending_(std::move(other.pending_)) {}
    RawPeer& operator=(RawPeer&&) = delete;
    ~RawPeer() { close(); }

    bool send(std::string_view bytes);
    void end_sending();
    void reset();  // closes with RST
    void close();
    // Bytes up to and with `mark`, or nothing when the peer ended (or the wait was too long)
    // before.
    std::optional<std::string> read_until(std::string_view mark);
    std::optional<std::string> read_exactly(std::size_t bytes);
    // One response by its Content-Length: header block and body.
    struct Response {
        unsigned status = 0;
        std::string head;
        std::string body;
    };
    // status 0: the connection ended first. `to_head`: there is no body whatever the length says.
    Response read_response(bool to_head = false);
    // Whether the peer closes (or resets) without another byte.
    bool closes();
    // For a protocol above this one; it still belongs to the peer.
    [[nodiscard]] int descriptor() const { return fd_; }

private:
    bool fill();

    int fd_ = -1;
    std::string pending_;
};

// A listener on a loopback port whose connections are given, one after the other, to a script.
class ScriptedPeer {
public:
    using Script = std::function<void(RawPeer& peer, int number)>;
    explicit ScriptedPeer(Script script);
    ~ScriptedPeer();
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }

private:
    int listener_;
    std::uint16_t port_ = 0;
    Script script_;
    std::thread thread_;
};

// A port that nobody listens on.
std::uint16_t closed_port();

}  // namespace gw::net::testing
