#pragma once
// SPDX-License-Identifier: Apache-2.0
// How MemoryStore completes; for its own files only.
#include "tests/fakes/memory_store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gw::fakes {

namespace asio = boost::asio;

// As the real store: not to be cancelled once it waits, resumed on the waiter's executor.
struct DoLater {
    template <class Handler, class T, class Work>
    void operator()(Handler&& handler, Result<T>*, Work work) const {
        auto executor = asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                                     asio::execution::outstanding_work.tracked);
        asio::post(executor, [executor, work = std::move(work),
                              waiting = std::forward<Handler>(handler)]() mutable {
            Result<T> result = work();
            asio::post(executor,
                       [waiting = std::move(waiting), result = std::move(result)]() mutable {
                           std::move(waiting)(std::move(result));
                       });
        });
    }
};

template <class T, class Work>
asio::awaitable<Result<T>> later(Work work) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        DoLater{}, asio::use_awaitable, static_cast<Result<T>*>(nullptr), std::move(work));
}

template <class T, class Work>
asio::awaitable<Result<T>> MemoryStore::write(Work work) {
    if (throws_ > 0) {
        --throws_;
        throw std::bad_alloc();
    }
    most_waiting_ = std::max(most_waiting_, ++waiting_);
    return later<T>([this, work = std::move(work)]() -> Result<T> {
        --waiting_;
        const auto fault = fault_of_next_write();
        if (!fault) {
            return work();
        }
        switch (*fault) {
            case WriteFault::full:
                return Error(Errc::full, "planned fault");
            case WriteFault::unavailable:
                return Error(Errc::unavailable, "planned fault");
            case WriteFault::refused:
                return Error(Errc::internal, "planned fault");
            case WriteFault::outcome_unknown:
                static_cast<void>(work());
                return Error(Errc::unavailable, "planned fault");
        }
        return Error(Errc::internal, "unknown fault");
    });
}

template <class T, class Work>
asio::awaitable<Result<T>> MemoryStore::read(Work work) {
    return later<T>([this, work = std::move(work)]() -> Result<T> {
        if (reads_fail_) {
            return Error(Errc::unavailable, "planned fault");
        }
        return work();
    });
}

}  // namespace gw::fakes
