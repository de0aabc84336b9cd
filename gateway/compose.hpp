#pragma once
// SPDX-License-Identifier: Apache-2.0
// The composition root: builds every object of a running gateway in order, one after the other, and
// takes them down in reverse. The only place that knows all layers. One thread: the io_context's.
#include "config/settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>

namespace gw {

class Gateway {
public:
    // Opens the store and seeds it. Throws std::runtime_error that says what is wrong with which
    // part.
    Gateway(boost::asio::io_context& io, const config::Settings& settings);
    ~Gateway();

    // Recovers what a former process left, then opens the ports. Throws as above.
    boost::asio::awaitable<void> start();
    // Not ready from now on, new inbound calls are refused; live ones go on. More than once is
    // once.
    void drain();
    [[nodiscard]] bool draining() const;
    // Returns when no call is live, at the drain's time limit, or when `hurry` is called.
    boost::asio::awaitable<void> drained();
    void hurry();
    // A last attempt for the webhooks due now (at most 5 s), then everything stops.
    boost::asio::awaitable<void> stop();

    [[nodiscard]] std::uint16_t http_port() const;
    [[nodiscard]] std::uint16_t admin_port() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace gw
