#pragma once
// SPDX-License-Identifier: Apache-2.0
// The least that a gateway needs of Telnyx and of a customer during a measurement: commands are
// accepted, every call is alive, webhooks are taken. It tells when a command has arrived. The full
// stand-in, telnyx-simulator, validates and scripts; here it would cost more than the gateway under
// test.
#include "tests/bench/channel.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace gw::bench {

struct StubCounts {
    std::uint64_t commands = 0;
    std::uint64_t questions = 0;  // GET of a call
    std::uint64_t webhooks = 0;   // POST to any other path
};

class TelnyxStub final : public Handler {
public:
    struct Command {
        std::int64_t call = -1;  // its number; -1 when it is none of ours
        std::string_view action;
        std::string_view body;
    };
    // Called for each command, at once when it is read.
    using CommandHandler = std::function<void(const Command&)>;

    explicit TelnyxStub(Loop& loop);
    ~TelnyxStub() override;

    [[nodiscard]] std::uint16_t port() const { return listening_.port; }
    void on_command(CommandHandler handler) { command_ = std::move(handler); }
    [[nodiscard]] const StubCounts& counts() const { return counts_; }

    void ready(std::uint32_t events) override;

private:
    class Connection;
    void answer(Connection& connection, std::string_view head, std::string_view body);
    void drop(const Connection& connection);

    Loop& loop_;
    Listening listening_;
    CommandHandler command_;
    StubCounts counts_;
    std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
};

}  // namespace gw::bench
