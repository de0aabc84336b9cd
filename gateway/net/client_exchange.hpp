#pragma once
// SPDX-License-Identifier: Apache-2.0
// One request and its response on one open connection.
#include "gateway/domain/result.hpp"
#include "gateway/net/client_pool.hpp"
#include "gateway/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::net {

struct ExchangeOutcome {
    Result<ClientResponse> response;
    bool reusable = false;  // the connection is clean
    bool unheard = false;   // the peer closed before a byte of the answer
    bool unsent = false;    // and the peer cannot have read the request: no write of it succeeded
};

// `head` is the request's header block. All arguments must outlive the coroutine.
boost::asio::awaitable<ExchangeOutcome> exchange(ClientConnection& connection,
                                                 const std::string& head,
                                                 const ClientRequest& request, Watch& watch);

}  // namespace gw::net
