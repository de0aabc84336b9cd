#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs one coroutine to its end on an executor of its own and hands out its value. For coroutines
// over fakes that complete without a socket.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace gw::fakes {

template <class T>
T run_awaitable(boost::asio::awaitable<T> task) {
    boost::asio::io_context context;
    std::optional<T> value;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T result) {
        thrown = error;
        value = std::move(result);
    });
    context.run();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    if (!value) {
        throw std::logic_error("the coroutine never ended");
    }
    return std::move(*value);
}

}  // namespace gw::fakes
