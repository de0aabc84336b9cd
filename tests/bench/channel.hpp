#pragma once
// SPDX-License-Identifier: Apache-2.0
// One keep-alive HTTP/1.1 connection over loopback, either side of it: cuts what arrives into
// messages by Content-Length and sends ready-made text. It does not check messages; both peers are
// under test elsewhere.
#include "tests/bench/loop.hpp"

#include <string>
#include <string_view>

namespace gw::bench {

// "127.0.0.1:8080" -> a connected, non-blocking socket; throws when nobody listens.
int connect_to(const std::string& address);
// A listening socket on a free loopback port, and that port.
struct Listening {
    int fd;
    std::uint16_t port;
};
Listening listen_on_loopback();

// The value of a header, or nothing; names are compared without regard to case.
std::string_view header_of(std::string_view head, std::string_view name);

class Channel : public Handler {
public:
    Channel(Loop& loop, int fd);
    ~Channel() override;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    void send(std::string_view text);
    void ready(std::uint32_t events) override;
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }

protected:
    virtual void on_message(std::string_view head, std::string_view body) = 0;
    // The peer is gone. The last thing that a channel calls.
    virtual void on_closed() = 0;
    void close();

private:
    void read();
    void flush();
    void take_messages();

    Loop& loop_;
    int fd_;
    std::string in_;
    std::size_t taken_ = 0;
    std::string out_;
};

}  // namespace gw::bench
