// SPDX-License-Identifier: Apache-2.0
#include "gateway/app/timeline_feed.hpp"

#include <unordered_map>
#include <utility>

namespace gw::app {

struct TimelineFeed::State {
    boost::asio::any_io_executor executor;
    ports::Clock& clock;
    TimelineFeedLimits limits;
    std::unordered_multimap<CallId, Subscription*> by_call;
    std::unordered_map<OrgId, std::size_t> by_org;
};

TimelineFeed::Subscription::Subscription(std::shared_ptr<State> state, OrgId org, CallId call)
    : state_(std::move(state)), org_(org), call_(call), alarm_(state_->executor, state_->clock) {
    state_->by_call.emplace(call_, this);
    ++state_->by_org[org_];
}

TimelineFeed::Subscription::~Subscription() {
    const auto [first, last] = state_->by_call.equal_range(call_);
    for (auto at = first; at != last; ++at) {
        if (at->second == this) {
            state_->by_call.erase(at);
            break;
        }
    }
    if (const auto count = state_->by_org.find(org_); --count->second == 0) {
        state_->by_org.erase(count);
    }
}

TimelineFeed::TimelineFeed(boost::asio::any_io_executor executor, ports::Clock& clock,
                           TimelineFeedLimits limits)
    : state_(std::make_shared<State>(State{std::move(executor), clock, limits, {}, {}})) {}

std::variant<std::unique_ptr<TimelineFeed::Subscription>, TimelineFeed::Full>
TimelineFeed::subscribe(OrgId org, CallId call) {
    if (state_->by_call.size() >= state_->limits.streams_max) {
        return Full::all;
    }
    const auto count = state_->by_org.find(org);
    if (count != state_->by_org.end() && count->second >= state_->limits.streams_per_org_max) {
        return Full::org;
    }
    return std::make_unique<Subscription>(state_, org, call);
}

void TimelineFeed::publish(CallId call) {
    const auto [first, last] = state_->by_call.equal_range(call);
    for (auto at = first; at != last; ++at) {
        at->second->wake();
    }
}

std::size_t TimelineFeed::streams() const {
    return state_->by_call.size();
}

}  // namespace gw::app
