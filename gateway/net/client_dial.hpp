#pragma once
// SPDX-License-Identifier: Apache-2.0
// Opens one connection of the HTTP client: resolve once, judge every address, connect to a judged
// one, look at who answered, shake hands. Used from one executor.
#include "gateway/net/client_pool.hpp"
#include "gateway/net/client_target.hpp"
#include "gateway/net/resolver.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace gw::net {

class ClientDialer {
public:
    ClientDialer(boost::asio::any_io_executor executor, const HttpClientOptions& options)
        : executor_(std::move(executor)),
          options_(options),
          resolver_(executor_, options),
          tls_(options.ca_file) {}

    // dns_failed, full, unavailable, denied_address, connect_failed, tls_failed; timeout or
    // canceled when the watch ends it. `target` and `watch` must outlive the coroutine.
    boost::asio::awaitable<Result<std::unique_ptr<ClientConnection>>> dial(
        const ClientTarget& target, Watch& watch);

private:
    boost::asio::awaitable<Result<Addresses>> resolve(const ClientTarget& target, Watch& watch);
    boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> connect(const Addresses& addresses,
                                                                         const ClientTarget& target,
                                                                         Watch& watch);
    boost::asio::awaitable<Result<std::unique_ptr<ClientConnection>>> secure(
        boost::asio::ip::tcp::socket socket, const ClientTarget& target, Watch& watch);
    [[nodiscard]] Result<void> judge(const Addresses& addresses, const ClientTarget& target) const;

    boost::asio::any_io_executor executor_;
    const HttpClientOptions& options_;
    Resolver resolver_;
    ClientTls tls_;
};

}  // namespace gw::net
