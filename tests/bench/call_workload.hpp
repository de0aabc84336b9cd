#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a load run sends next. Calls keep the order of their events: the next one goes out only when
// the one before was answered 200 and, after call.initiated, when the gateway's answer command has
// arrived too, as at Telnyx. Refused events are sent again later.
#include "tests/bench/call_script.hpp"
#include "tests/bench/loop.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::bench {

struct Job {
    std::uint32_t call = 0;
    std::uint16_t step = 0;
    std::string_view request;
};

class Workload {
public:
    virtual ~Workload() = default;
    // Nothing: everything that could be sent is under way.
    virtual std::optional<Job> next() = 0;
    virtual void sent(const Job& job, TimePoint intended) = 0;
    virtual void answered(const Job& job, unsigned status) = 0;
    // Everything was sent and answered.
    [[nodiscard]] virtual bool is_done() const = 0;
    // What was prepared no longer suffices to keep the load up.
    [[nodiscard]] virtual bool is_short() const = 0;
};

// The same requests over and over.
class RepeatWorkload final : public Workload {
public:
    explicit RepeatWorkload(std::vector<std::string> requests) : requests_(std::move(requests)) {}
    std::optional<Job> next() override;
    void sent(const Job&, TimePoint) override {}
    void answered(const Job&, unsigned) override {}
    [[nodiscard]] bool is_done() const override { return false; }
    [[nodiscard]] bool is_short() const override { return false; }

private:
    std::vector<std::string> requests_;
    std::size_t at_ = 0;
};

struct CallWorkloadOptions {
    CallShape shape;
    std::uint32_t first_number = 0;
    std::uint32_t calls = 0;   // prepared in advance; the run ends early when they are used up
    std::uint32_t live = 256;  // in turn at any time
    bool wait_for_answer = true;
    std::string path = "/telnyx/webhooks";
};

class CallWorkload final : public Workload {
public:
    CallWorkload(const EventSigner& signer, CallWorkloadOptions options);

    std::optional<Job> next() override;
    void sent(const Job& job, TimePoint intended) override;
    void answered(const Job& job, unsigned status) override;
    [[nodiscard]] bool is_done() const override { return finished_ == calls_.size(); }
    [[nodiscard]] bool is_short() const override {
        return begun_ == calls_.size() && ready_.empty();
    }
    // The gateway told the carrier to answer. When call.initiated was to be sent, the first time.
    std::optional<TimePoint> answer_arrived(std::int64_t number);
    [[nodiscard]] std::uint32_t waiting_for_answer() const { return waiting_; }

private:
    struct PreparedCall {
        std::string text;
        std::vector<std::uint32_t> ends;
        std::uint16_t step = 0;
        bool answer_seen = false;
        bool waits = false;
        TimePoint rang{};
    };

    void begin_one();
    [[nodiscard]] Job job_of(std::uint32_t call) const;

    CallWorkloadOptions options_;
    std::vector<PreparedCall> calls_;
    std::deque<std::uint32_t> ready_;
    std::uint32_t begun_ = 0;
    std::uint32_t finished_ = 0;
    std::uint32_t waiting_ = 0;
};

}  // namespace gw::bench
