#pragma once
// SPDX-License-Identifier: Apache-2.0
// Keep-alive connections of the HTTP client by host. At most `connections_per_host_max` are open to
// a host; who comes later waits in line, within its own deadline. At most `idle_max` are kept of
// all hosts. Used from one executor.
#include "gateway/domain/result.hpp"
#include "gateway/net/any_stream.hpp"
#include "gateway/net/client_tls.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/net/read_buffer.hpp"
#include "gateway/net/watch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gw::net {

struct ClientConnection {
    explicit ClientConnection(boost::asio::ip::tcp::socket socket) : stream(std::move(socket)) {}
    ClientConnection(boost::asio::ip::tcp::socket socket, ClientTls& tls, std::string key)
        : session{&tls, std::move(key)}, stream(std::move(socket), tls.context()) {}

    ClientTls::Session session{nullptr, {}};  // before the stream, whose TLS points at it
    AnyStream stream;
    ReadBuffer buffer;
    Deadline::Clock::time_point vetted = Deadline::Clock::now();  // its address was judged
    Deadline::Clock::time_point idle_since;
    bool reused = false;
};

class ClientPool {
    struct Host;

public:
    // The right to one connection to a host. It may come with a connection; without one its holder
    // dials.
    class Lease {
    public:
        Lease(ClientPool& pool, Host& host, std::unique_ptr<ClientConnection> connection)
            : pool_(&pool), host_(&host), connection_(std::move(connection)) {}
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)),
              host_(other.host_),
              connection_(std::move(other.connection_)) {}
        Lease& operator=(Lease&&) = delete;
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();

        [[nodiscard]] ClientConnection* connection() const { return connection_.get(); }
        void put(std::unique_ptr<ClientConnection> connection) {
            connection_ = std::move(connection);
        }
        // The exchange left the connection clean: others may use it.
        void keep() { keep_ = true; }

    private:
        ClientPool* pool_;
        Host* host_;
        std::unique_ptr<ClientConnection> connection_;
        bool keep_ = false;
    };

    ClientPool(const boost::asio::any_io_executor& executor, const HttpClientOptions& options);

    // timeout or canceled when the watch ends the wait.
    boost::asio::awaitable<Result<Lease>> lease(std::string key, Watch& watch);
    // Closes what is idle; what comes back later is closed too.
    void stop();

private:
    struct Waiter {
        explicit Waiter(const boost::asio::any_io_executor& executor) : called(executor) {}
        boost::asio::steady_timer called;  // a condition
        bool granted = false;
        std::unique_ptr<ClientConnection> connection;
    };
    struct Host {
        std::string key;
        std::size_t open = 0;  // leases and idle connections
        std::vector<std::unique_ptr<ClientConnection>> idle;
        std::list<Waiter*> waiting;
    };

    void give_back(Host& host, std::unique_ptr<ClientConnection> connection);
    std::unique_ptr<ClientConnection> take_idle(Host& host);
    [[nodiscard]] bool too_old(const ClientConnection& connection,
                               Deadline::Clock::time_point now) const;
    void forget_if_unused(Host& host);
    void closed_idle(Host& host, std::size_t count);
    void arm_sweep();
    void sweep();

    const HttpClientOptions& options_;
    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer sweep_timer_;
    // Gone once stopped: a sweep that was already queued then knows that it must do nothing.
    std::shared_ptr<const bool> sweeps_ = std::make_shared<const bool>(true);
    std::unordered_map<std::string, std::unique_ptr<Host>> hosts_;
    std::size_t idle_ = 0;  // of all hosts
    bool sweeping_ = false;
    bool stopped_ = false;
};

}  // namespace gw::net
