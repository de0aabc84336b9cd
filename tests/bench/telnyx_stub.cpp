// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/telnyx_stub.hpp"

#include "tests/bench/call_script.hpp"

#include <fmt/format.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gw::bench {
namespace {

constexpr std::string_view calls_path = "/v2/calls/";
constexpr std::string_view actions = "/actions/";

std::string json_answer(std::string_view body) {
    return fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        body.size(), body);
}

// "POST /v2/calls/v3:x HTTP/1.1" -> "/v2/calls/v3:x"
std::string_view target_of(std::string_view head) {
    const std::size_t begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
}

}  // namespace

class TelnyxStub::Connection final : public Channel {
public:
    Connection(TelnyxStub& stub, Loop& loop, int fd) : Channel(loop, fd), stub_(stub) {}

private:
    void on_message(std::string_view head, std::string_view body) override {
        stub_.answer(*this, head, body);
    }
    void on_closed() override { stub_.drop(*this); }
    TelnyxStub& stub_;
};

TelnyxStub::TelnyxStub(Loop& loop) : loop_(loop), listening_(listen_on_loopback()) {
    loop_.watch(listening_.fd, EPOLLIN, *this);
}

TelnyxStub::~TelnyxStub() {
    loop_.forget(listening_.fd);
    ::close(listening_.fd);
}

void TelnyxStub::ready(std::uint32_t) {
    for (;;) {
        const int fd = ::accept4(listening_.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            return;
        }
        auto connection = std::make_unique<Connection>(*this, loop_, fd);
        const Connection* key = connection.get();
        connections_.emplace(key, std::move(connection));
    }
}

void TelnyxStub::answer(Connection& connection, std::string_view head, std::string_view body) {
    static const std::string accepted = json_answer(R"({"data":{"result":"ok"}})");
    static const std::string taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    std::string_view target = target_of(head);
    if (!target.starts_with(calls_path)) {
        ++counts_.webhooks;
        connection.send(taken);
        return;
    }
    target.remove_prefix(calls_path.size());
    const std::size_t at = target.find(actions);
    if (at == std::string_view::npos) {
        ++counts_.questions;
        connection.send(json_answer(fmt::format(
            R"({{"data":{{"record_type":"call","call_control_id":"{}","is_alive":true}}}})",
            target)));
        return;
    }
    ++counts_.commands;
    if (command_) {
        command_({.call = number_of_leg(target.substr(0, at)),
                  .action = target.substr(at + actions.size()),
                  .body = body});
    }
    connection.send(accepted);
}

void TelnyxStub::drop(const Connection& connection) {
    const auto found = connections_.find(&connection);
    if (found != connections_.end()) {
        loop_.bury(std::move(found->second));
        connections_.erase(found);
    }
}

}  // namespace gw::bench
