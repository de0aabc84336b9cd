// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/task_group.hpp"
#include "tests/simulator/simulator.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <exception>
#include <iostream>
#include <utility>

namespace {

namespace asio = boost::asio;
using gw::simulator::Simulator;

asio::awaitable<void> stop(asio::io_context& io, Simulator& simulator) {
    co_await simulator.stop();
    io.stop();
}

int run(gw::simulator::Options options) {
    asio::io_context io{1};
    gw::net::TaskGroup tasks{io.get_executor()};
    asio::signal_set signals{io, SIGTERM, SIGINT};
    bool ended_by_itself = false;
    bool stopping = false;
    Simulator* running = nullptr;
    const auto begin_stop = [&] {
        if (!std::exchange(stopping, true)) {
            tasks.spawn(stop(io, *running));
        }
    };
    Simulator simulator{io.get_executor(), std::move(options), [&] {
                            ended_by_itself = true;
                            begin_stop();
                        }};
    running = &simulator;
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) {
            begin_stop();
        }
    });
    std::cout << simulator.ready_line() << std::endl;
    simulator.start();
    io.run();
    std::cout << simulator.summary_line() << std::endl;
    return ended_by_itself && !simulator.all_delivered() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto parsed = gw::simulator::parse_options(argc, argv);
        if (!parsed.options) {
            (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text << std::endl;
            return parsed.exit_code;
        }
        return run(*std::move(parsed.options));
    } catch (const std::exception& fault) {
        std::cerr << "telnyx-simulator: " << fault.what() << std::endl;
        return 1;
    }
}
