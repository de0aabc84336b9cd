#pragma once
// SPDX-License-Identifier: Apache-2.0
// The addresses of a host, for one HTTP client alone, so that no client waits behind the look-ups
// of another. At most one look-up of a host is under way: who asks meanwhile waits for the same
// answer, within its own deadline. A look-up that all have given up is called off if it has not
// begun, else let go. Nothing is remembered, but for `keep_last_addresses`. Used from one executor.
#include "gateway/net/deadline.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/net/look_up_threads.hpp"
#include "gateway/net/watch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace gw::net {

class Resolver {
public:
    Resolver(const boost::asio::any_io_executor& executor, const HttpClientOptions& options);

    // dns_failed; full when too many names are being looked up; timeout or canceled when the watch
    // ends the wait. `watch` must outlive the coroutine.
    boost::asio::awaitable<Result<Addresses>> resolve(std::string host, Watch& watch);

private:
    struct Question {
        Deadline::Clock::time_point began = Deadline::Clock::now();
        std::optional<Result<Addresses>> answer;
        std::list<boost::asio::steady_timer*> waiting;
    };
    struct Seat;

    Result<std::shared_ptr<Question>> ask(const std::string& host);
    void answer(const std::string& host, Result<Addresses> found);
    void keep(const std::string& host, const Addresses& addresses);
    [[nodiscard]] const Addresses* last_of(const std::string& host) const;
    [[nodiscard]] std::chrono::milliseconds patience(const std::string& host,
                                                     const Question& question) const;

    boost::asio::any_io_executor executor_;
    const HttpClientOptions& options_;
    std::unordered_map<std::string, std::shared_ptr<Question>> asked_;
    std::unordered_map<std::string, Addresses> last_;
    LookUpThreads threads_;
};

}  // namespace gw::net
