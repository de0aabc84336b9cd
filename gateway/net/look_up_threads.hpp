#pragma once
// SPDX-License-Identifier: Apache-2.0
// Blocking look-ups of host names, each on a thread of its own, a bounded number at once. The
// system's look-up can neither be interrupted nor given a time, so a thread is never waited for:
// whoever stops needing it lets it go, and what it finds then is thrown away. Threads start on
// demand and end when nothing is in line; the line is the owner's to bound. Used from one executor.
#include "gateway/net/http_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace gw::net {

// What the system knows of a host: the file of hosts, then DNS. Blocks; any thread.
Result<Addresses> look_up_by_system(const std::string& host);

class LookUpThreads {
public:
    using Found = std::function<void(const std::string& host, Result<Addresses> found)>;

    // `found` is called on the executor, once for each host started and not withdrawn, as long as
    // this object lives.
    LookUpThreads(boost::asio::any_io_executor executor, LookUp look_up, std::size_t at_once_max,
                  Found found);
    ~LookUpThreads();
    LookUpThreads(const LookUpThreads&) = delete;
    LookUpThreads& operator=(const LookUpThreads&) = delete;

    // False: the system gives no thread, and none is at work that could take it.
    [[nodiscard]] bool start(const std::string& host);
    // Takes a host out of the line. False: its look-up has begun and will be told.
    bool withdraw(const std::string& host);

private:
    struct Desk;
    static void work(const std::shared_ptr<Desk>& desk);

    std::shared_ptr<Desk> desk_;
};

}  // namespace gw::net
