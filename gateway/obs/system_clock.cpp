// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/system_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace gw::obs {
namespace {

class SystemClock final : public ports::Clock {
public:
    [[nodiscard]] UtcTime utc() const override {
        return std::chrono::time_point_cast<UtcTime::duration>(std::chrono::system_clock::now());
    }
    [[nodiscard]] MonoTime mono() const override { return std::chrono::steady_clock::now(); }

    boost::asio::awaitable<bool> sleep_until(MonoTime deadline) override {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, deadline);
        const auto [error] =
            co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        co_return !error;
    }
};

}  // namespace

std::unique_ptr<ports::Clock> make_system_clock() {
    return std::make_unique<SystemClock>();
}

}  // namespace gw::obs
