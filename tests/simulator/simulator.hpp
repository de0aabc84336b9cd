#pragma once
// SPDX-License-Identifier: Apache-2.0
// The running simulator: the two servers, the webhook client and the wall clock around the pure
// parts. All of it runs on the one thread of the given executor.
#include "tests/simulator/options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gw::simulator {

class Simulator {
public:
    // Binds both ports and loads the script. Throws std::runtime_error or std::invalid_argument
    // with a sentence for the user. `on_idle` is called once, when the options asked to end then.
    Simulator(boost::asio::any_io_executor executor, Options options,
              std::function<void()> on_idle);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    // The line printed when ready, and the one printed at the end.
    [[nodiscard]] std::string ready_line() const;
    [[nodiscard]] std::string summary_line() const;
    // Every webhook was accepted in the end.
    [[nodiscard]] bool all_delivered() const;
    // Begins the calls of the script and of the load.
    void start();
    // Finishes requests under way, cuts webhooks under way, returns when nothing runs any more.
    boost::asio::awaitable<void> stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gw::simulator
