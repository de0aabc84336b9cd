// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_dial.hpp"

#include "gateway/net/address_policy.hpp"
#include "gateway/net/tokens.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace gw::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

asio::awaitable<Result<std::unique_ptr<ClientConnection>>> ClientDialer::dial(
    const ClientTarget& target, Watch& watch) {
    const Result<Addresses> addresses = co_await resolve(target, watch);
    if (!addresses) {
        co_return addresses.error();
    }
    if (const Result<void> judged = judge(*addresses, target); !judged) {
        co_return judged.error();
    }
    Result<tcp::socket> socket = co_await connect(*addresses, target, watch);
    if (!socket) {
        co_return socket.error();
    }
    if (!target.tls) {
        co_return std::make_unique<ClientConnection>(std::move(*socket));
    }
    co_return co_await secure(std::move(*socket), target, watch);
}

asio::awaitable<Result<Addresses>> ClientDialer::resolve(const ClientTarget& target, Watch& watch) {
    if (target.literal) {
        co_return Addresses{*target.literal};
    }
    co_return co_await resolver_.resolve(target.host, watch);
}

// One denied address among good ones is a name that lies: all are refused.
Result<void> ClientDialer::judge(const Addresses& addresses, const ClientTarget& target) const {
    if (options_.allow_private_networks) {
        return {};
    }
    if (!judge_port(target.port).allowed()) {
        return Error(Errc::denied_address, "port not allowed for " + target.host);
    }
    for (const asio::ip::address& address : addresses) {
        if (!judge_address(address).allowed()) {
            return Error(Errc::denied_address, "address not allowed for " + target.host);
        }
    }
    return {};
}

asio::awaitable<Result<tcp::socket>> ClientDialer::connect(const Addresses& addresses,
                                                           const ClientTarget& target,
                                                           Watch& watch) {
    const Deadline all = Deadline::after(options_.connect_timeout);
    std::string reason = "no address";
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        // Each address gets its share of what is left, so that one black hole cannot take it all.
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            all.at() - Deadline::Clock::now());
        if (left.count() <= 0) {
            break;
        }
        watch.begin_stage(left / static_cast<int>(addresses.size() - i));
        tcp::socket socket(executor_);
        const Watch::Abort abort(watch, [&socket] {
            error_code ignored;
            socket.close(ignored);
        });
        const tcp::endpoint endpoint(addresses[i], target.port);
        const auto [failed] = co_await socket.async_connect(endpoint, as_result);
        if (watch.cut()) {
            break;
        }
        reason = watch.stage_over() ? "timed out" : failed.message();
        if (failed || watch.stage_over()) {
            continue;
        }
        error_code bad;
        socket.set_option(tcp::no_delay(true), bad);
        const tcp::endpoint peer = socket.remote_endpoint(bad);
        if (bad) {
            reason = bad.message();
            continue;
        }
        if (peer.address() != addresses[i]) {
            co_return Error(Errc::denied_address, "another address answered for " + target.host);
        }
        watch.end_stage();
        co_return std::move(socket);
    }
    watch.end_stage();
    co_return Error(watch.cut().value_or(Errc::connect_failed),
                    "connecting to " + target.host_field + ": " + reason);
}

asio::awaitable<Result<std::unique_ptr<ClientConnection>>> ClientDialer::secure(
    tcp::socket socket, const ClientTarget& target, Watch& watch) {
    auto connection = std::make_unique<ClientConnection>(std::move(socket), tls_, target.key());
    AnyStream& stream = connection->stream;
    if (!tls_.prepare(stream.native_tls(), target, connection->session)) {
        co_return Error(Errc::tls_failed, "TLS cannot verify the name " + target.host);
    }
    watch.begin_stage(options_.connect_timeout);
    const Watch::Abort abort(watch, [&stream] { stream.close(); });
    const auto [failed] = co_await stream.async_handshake(TlsRole::client, as_result);
    const std::string context = "TLS with " + target.host_field;
    const Error failure = watch.ended(
        Errc::tls_failed,
        watch.over() ? context : context + ": " + ClientTls::failure(stream.native_tls(), failed));
    const bool good = !failed && !watch.over();
    watch.end_stage();
    if (!good) {
        co_return failure;
    }
    co_return connection;
}

}  // namespace gw::net
