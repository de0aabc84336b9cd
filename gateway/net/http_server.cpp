// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/http_server.hpp"

#include "gateway/net/server_connection.hpp"
#include "gateway/net/task_group.hpp"
#include "gateway/net/tls_context.hpp"
#include "gateway/net/tokens.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <charconv>
#include <list>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <unordered_map>

namespace gw::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// How often deadlines are looked at; a limit shorter than this (tests) shortens it.
constexpr std::chrono::milliseconds sweep_period_max{250};
constexpr std::chrono::milliseconds sweep_period_min{5};
// The pause after a failed accept, and between two tries to make room.
constexpr std::chrono::milliseconds accept_pause{100};

std::chrono::milliseconds sweep_period(const HttpLimits& limits) {
    const auto shortest =
        std::min({limits.header_timeout, limits.body_timeout, limits.body_grace,
                  limits.idle_timeout, limits.write_timeout, limits.tls_handshake_timeout});
    return std::clamp(shortest / 4, sweep_period_min, sweep_period_max);
}

tcp::endpoint parse_listen(const std::string& listen) {
    const auto bad = [&listen] {
        return std::runtime_error("cannot listen on \"" + listen + "\": not host:port");
    };
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos) {
        throw bad();
    }
    std::string host = listen.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string::npos) {
        throw bad();
    }
    std::uint16_t port = 0;
    const char* end = listen.data() + listen.size();
    const auto [stop, wrong] = std::from_chars(listen.data() + colon + 1, end, port);
    if (wrong != std::errc() || stop != end) {
        throw bad();
    }
    error_code failed;
    const asio::ip::address address =
        asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, failed);
    if (failed) {
        throw bad();
    }
    return {address, port};
}

tcp::acceptor bind_acceptor(const asio::any_io_executor& executor, const std::string& listen) {
    const tcp::endpoint endpoint = parse_listen(listen);
    try {
        return tcp::acceptor(executor, endpoint, true);
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error("cannot listen on \"" + listen + "\": " + e.code().message());
    }
}

// An IPv4 peer on a dual-stack socket is still an IPv4 peer.
std::string address_text(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

class Server final : public HttpServer {
public:
    Server(const asio::any_io_executor& executor, HttpServerOptions options, HttpHandler handler)
        : context_{std::move(options), std::move(handler), false, [this] { handshake_done(); }},
          acceptor_(bind_acceptor(executor, context_.options.listen)),
          port_(acceptor_.local_endpoint().port()),
          room_(executor),
          sweep_timer_(executor),
          grace_timer_(executor),
          tasks_(executor, [this](std::string_view what) { task_threw(what); }) {
        if (context_.options.tls) {
            tls_.emplace(make_server_tls_context(*context_.options.tls));
        }
        tasks_.spawn(accept_loop());
        arm_sweep();
    }
    ~Server() override = default;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    [[nodiscard]] std::size_t connections() const override { return connections_.size(); }
    asio::awaitable<void> stop(std::chrono::milliseconds grace) override;

private:
    using Connections = std::list<ServerConnection>;

    asio::awaitable<void> accept_loop();
    asio::awaitable<void> wait_for_room();
    asio::awaitable<void> serve(Connections::iterator connection);
    void admit(tcp::socket socket);
    void remove(Connections::iterator connection);
    void handshake_done();
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] bool somebody_waits();
    void give_one_up(std::string_view reason);
    void give_handshake_up();
    void arm_sweep();
    void task_threw(std::string_view what) const;
    [[nodiscard]] const HttpLimits& limits() const { return context_.options.limits; }

    ServerContext context_;
    std::optional<asio::ssl::context> tls_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    asio::steady_timer room_;  // a condition: cancelled when a connection or a handshake ends
    asio::steady_timer sweep_timer_;
    // Gone once stopped: a sweep that was already queued then knows that it must do nothing.
    std::shared_ptr<const bool> sweeps_ = std::make_shared<const bool>(true);
    asio::steady_timer grace_timer_;
    Connections connections_;
    std::unordered_map<std::string, std::size_t> per_address_;
    std::size_t handshakes_ = 0;
    TaskGroup tasks_;
};

void Server::task_threw(std::string_view what) const {
    if (context_.options.observer.handler_threw) {
        context_.options.observer.handler_threw(what);
    }
}

asio::awaitable<void> Server::accept_loop() {
    while (!context_.stopping) {
        auto [failed, socket] = co_await acceptor_.async_accept(as_result);
        if (context_.stopping || failed == asio::error::operation_aborted) {
            break;
        }
        if (failed == asio::error::connection_aborted) {
            continue;
        }
        if (failed) {
            // Mostly no file descriptor left, which Linux also says when nobody is waiting. The
            // pause keeps the loop from spinning on an error that stays; giving up an idle
            // connection frees one.
            if (somebody_waits()) {
                give_one_up("accept_failed");
            }
            room_.expires_after(accept_pause);
            co_await room_.async_wait(as_result);
            continue;
        }
        co_await wait_for_room();
        if (!context_.stopping) {
            admit(std::move(socket));
        }
    }
}

// While the newest connection waits here no other is accepted: the kernel's queue is the
// back-pressure.
asio::awaitable<void> Server::wait_for_room() {
    while (!context_.stopping && !has_room()) {
        if (connections_.size() >= limits().connections_max) {
            give_one_up("connections_max");
        } else {
            give_handshake_up();
        }
        room_.expires_after(accept_pause);
        co_await room_.async_wait(as_result);
    }
}

bool Server::somebody_waits() {
    pollfd listener{acceptor_.native_handle(), POLLIN, 0};
    return ::poll(&listener, 1, 0) == 1;
}

bool Server::has_room() const {
    return connections_.size() < limits().connections_max &&
           handshakes_ < limits().tls_handshakes_max;
}

// Idle connections go first, then slow ones, the oldest of each; one that is being served never
// goes.
void Server::give_one_up(std::string_view reason) {
    context_.refused(reason);
    using Phase = ServerConnection::Phase;
    const auto victim = std::min_element(connections_.begin(), connections_.end(),
                                         [](const ServerConnection& a, const ServerConnection& b) {
                                             return std::pair(a.phase(), a.phase_began()) <
                                                    std::pair(b.phase(), b.phase_began());
                                         });
    if (victim != connections_.end() && victim->phase() < Phase::busy) {
        victim->cut({});
    }
}

// The oldest: who says nothing must not keep those out who would.
void Server::give_handshake_up() {
    const auto oldest = std::ranges::find_if(connections_, [](const ServerConnection& connection) {
        return connection.phase() == ServerConnection::Phase::handshake;
    });
    if (oldest != connections_.end()) {
        oldest->cut("tls_handshakes_max");
    }
}

void Server::admit(tcp::socket socket) {
    error_code failed;
    const tcp::endpoint peer = socket.remote_endpoint(failed);
    if (failed) {
        return;
    }
    socket.set_option(tcp::no_delay(true), failed);
    std::string address = address_text(peer.address());
    if (limits().connections_per_address_max != 0) {
        std::size_t& open = per_address_[address];
        if (open >= limits().connections_per_address_max) {
            context_.refused("connections_per_address_max");
            return;
        }
        ++open;
    }
    if (tls_) {
        ++handshakes_;
        connections_.emplace_back(context_, std::move(socket), *tls_, std::move(address));
    } else {
        connections_.emplace_back(context_, std::move(socket), std::move(address));
    }
    tasks_.spawn(serve(std::prev(connections_.end())));
}

asio::awaitable<void> Server::serve(Connections::iterator connection) {
    // Whatever way the coroutine ends, its connection leaves the books.
    struct Leave {
        Server& server;
        Connections::iterator connection;
        ~Leave() { server.remove(connection); }
    } const leave{*this, connection};
    co_await connection->run();
}

void Server::remove(Connections::iterator connection) {
    if (connection->phase() == ServerConnection::Phase::handshake) {
        --handshakes_;  // ended before it reported
    }
    if (const auto open = per_address_.find(connection->remote_address());
        open != per_address_.end() && --open->second == 0) {
        per_address_.erase(open);
    }
    connections_.erase(connection);
    room_.cancel();
    if (connections_.empty()) {
        grace_timer_.cancel();
    }
}

void Server::handshake_done() {
    --handshakes_;
    room_.cancel();
}

void Server::arm_sweep() {
    sweep_timer_.expires_after(sweep_period(limits()));
    sweep_timer_.async_wait([this, sweeps = std::weak_ptr(sweeps_)](const error_code& stopped) {
        if (stopped || sweeps.expired()) {
            return;
        }
        const auto now = Deadline::Clock::now();
        for (ServerConnection& connection : connections_) {
            connection.sweep(now);
        }
        arm_sweep();
    });
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds grace) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    context_.stopping = true;
    error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    for (ServerConnection& connection : connections_) {
        connection.stop_when_idle();
    }
    const Deadline end = Deadline::after(grace);
    while (!connections_.empty() && !end.passed()) {
        grace_timer_.expires_at(end.at());
        co_await grace_timer_.async_wait(as_result);
    }
    for (ServerConnection& connection : connections_) {
        connection.cut("stopped");
    }
    tasks_.cancel();
    co_await tasks_.wait();
    sweeps_.reset();
    sweep_timer_.cancel();
    co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace

std::unique_ptr<HttpServer> make_http_server(asio::any_io_executor executor,
                                             HttpServerOptions options, HttpHandler handler) {
    return std::make_unique<Server>(executor, std::move(options), std::move(handler));
}

}  // namespace gw::net
