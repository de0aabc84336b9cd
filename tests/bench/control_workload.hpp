#pragma once
// SPDX-License-Identifier: Apache-2.0
// Live calls that a customer's program transfers, or gathers keys from, again and again. After the
// API's answer and the command the carrier tells how it went (the target is busy, the keys were
// pressed), so that every call stays live and free for the next order. What the carrier tells goes
// before new orders, so orders are spread over the time and do not come in waves.
#include "tests/bench/call_script.hpp"
#include "tests/bench/call_workload.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace gw::bench {

enum class ControlAction : std::uint8_t { transfer, gather };

struct LiveCall {
    std::uint32_t number = 0;  // by which the carrier's side knows it
    std::string id;            // by which the API does
};

struct ControlWorkloadOptions {
    ControlAction action = ControlAction::transfer;
    std::string api_key;
    std::vector<LiveCall> calls;
    CallShape shape;
    std::string path = "/telnyx/webhooks";
};

class ControlWorkload final : public Workload {
public:
    ControlWorkload(const EventSigner& signer, ControlWorkloadOptions options);

    std::optional<Job> next() override;
    void sent(const Job& job, TimePoint intended) override;
    void answered(const Job& job, unsigned status) override;
    [[nodiscard]] bool is_done() const override { return false; }
    [[nodiscard]] bool is_short() const override { return false; }
    // A command for the call with this number. When its order was due; nothing when the command is
    // of another kind or was seen already.
    std::optional<TimePoint> command_arrived(std::int64_t number, std::string_view action,
                                             std::string_view body);
    // Orders that were accepted, but whose command has not come.
    [[nodiscard]] std::uint32_t waiting_for_command() const { return waiting_; }

private:
    struct OrderedCall {
        std::string order;
        std::vector<std::string> events;  // what the carrier has to tell after the order
        std::uint16_t step = 0;           // 0: the order; n: the n-th event
        TimePoint due{};
        bool commanded = false;
        bool accepted = false;
    };

    void make_ready(std::uint32_t call);
    [[nodiscard]] std::string order_of(const LiveCall& call) const;
    [[nodiscard]] std::vector<std::string> events_after(std::uint32_t number,
                                                        std::string_view body) const;

    const EventSigner& signer_;
    ControlWorkloadOptions options_;
    std::vector<OrderedCall> calls_;
    std::unordered_map<std::int64_t, std::uint32_t> by_number_;
    std::deque<std::uint32_t> telling_;  // the carrier's next event is due
    std::deque<std::uint32_t> free_;     // may be given an order
    std::uint32_t waiting_ = 0;
};

}  // namespace gw::bench
