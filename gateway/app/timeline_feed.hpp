#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who waits for the next rows of which call. Publishing wakes the waiters and carries nothing: each
// reads what it misses from the store, so no row can be lost or come twice, however many come at
// once. Bounded: a stream beyond the limits is refused. One thread.
#include "gateway/app/alarm.hpp"
#include "gateway/domain/ids.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

namespace gw::app {

struct TimelineFeedLimits {
    std::size_t streams_max = 1'000;
    std::size_t streams_per_org_max = 100;
};

class TimelineFeed {
    struct State;

public:
    enum class Full : std::uint8_t { org, all };

    // A place among the waiters, until it goes. May outlive the feed, and then only times out.
    class Subscription {
    public:
        Subscription(std::shared_ptr<State> state, OrgId org, CallId call);
        ~Subscription();
        Subscription(const Subscription&) = delete;
        Subscription& operator=(const Subscription&) = delete;
        // Returns when something was committed since the last wait, on wake(), or at `at`.
        boost::asio::awaitable<void> wait(MonoTime at) { return alarm_.wait(at); }
        void wake() { alarm_.wake(); }

    private:
        std::shared_ptr<State> state_;
        OrgId org_;
        CallId call_;
        Alarm alarm_;
    };

    TimelineFeed(boost::asio::any_io_executor executor, ports::Clock& clock,
                 TimelineFeedLimits limits = {});

    std::variant<std::unique_ptr<Subscription>, Full> subscribe(OrgId org, CallId call);
    // A commit of this call is on disk. Costs one look-up when nobody waits.
    void publish(CallId call);
    [[nodiscard]] std::size_t streams() const;

private:
    std::shared_ptr<State> state_;
};

}  // namespace gw::app
