#include "gateway/serve.hpp"

#include "gateway/compose.hpp"
#include "gateway/net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <optional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gw {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> obey_signals(asio::signal_set& signals, Gateway& gateway) {
    const auto [ended, first] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (ended) {
        co_return;  // drained without a signal; waiting for a second one would keep the loop alive
    }
    gateway.drain();
    const auto [error, signal] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!error) {
        gateway.hurry();
    }
}

asio::awaitable<void> live(Gateway& gateway, asio::signal_set& signals, net::TaskGroup& tasks,
                           std::exception_ptr& fault) {
    try {
        co_await gateway.start();
        tasks.spawn(obey_signals(signals, gateway));
        co_await gateway.drained();
    } catch (...) {
        fault = std::current_exception();
    }
    signals.cancel();
    co_await gateway.stop();
}

// Descriptors 0 to 2 are the standard streams whatever is opened later: a log line must not end in
// a database.
void fill_standard_streams() {
    int fd = 0;
    while (fd >= 0 && fd <= 2) {
        fd = ::open("/dev/null", O_RDWR);
    }
    if (fd > 2) {
        ::close(fd);
    }
}

// Every connection and file of a busy gateway needs a descriptor: take all the system allows.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace

int serve(const config::Settings& settings) {
    fill_standard_streams();
    raise_descriptor_limit();
    prctl(PR_SET_DUMPABLE, 0);      // keys and phone numbers must not end in a core file
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error code
    std::signal(SIGXFSZ, SIG_IGN);  // so is a file at the limit of its size: a full disk
    std::signal(SIGHUP, SIG_IGN);   // a terminal that closes must not take calls along
    asio::io_context io(1);
    asio::signal_set signals(io, SIGTERM, SIGINT);
    std::exception_ptr fault;
    try {
        Gateway gateway(io, settings);
        net::TaskGroup tasks(io.get_executor());
        tasks.spawn(live(gateway, signals, tasks, fault));
        io.run();
    } catch (...) {
        fault = std::current_exception();
    }
    if (!fault) {
        return 0;
    }
    try {
        std::rethrow_exception(fault);
    } catch (const std::exception& e) {
        std::cerr << "telnyx-gateway: cannot start: " << e.what() << '\n';
    }
    return 1;
}

}  // namespace gw
