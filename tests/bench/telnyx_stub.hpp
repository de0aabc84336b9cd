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
    // Called with the number of the call and the action of each command, at once when it is read.
    using CommandHandler = std::function<void(std::int64_t call, std::string_view action)>;

    explicit TelnyxStub(Loop& loop);
    ~TelnyxStub() override;

    [[nodiscard]] std::uint16_t port() const { return listening_.port; }
    void on_command(CommandHandler handler) { command_ = std::move(handler); }
    [[nodiscard]] const StubCounts& counts() const { return counts_; }

    void ready(std::uint32_t events) override;

private:
    class Connection;
    void answer(Connection& connection, std::string_view head);
    void drop(const Connection& connection);

    Loop& loop_;
    Listening listening_;
    CommandHandler command_;
    StubCounts counts_;
    std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
};

}  // namespace gw::bench
