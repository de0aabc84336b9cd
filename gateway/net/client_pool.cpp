// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_pool.hpp"

#include "gateway/net/tokens.hpp"

#include <algorithm>

namespace gw::net {

namespace asio = boost::asio;

namespace {

// SECURITY, SSRF: an address counts as judged this long; the name may point elsewhere afterwards.
constexpr std::chrono::seconds vetting_lasts{60};
constexpr std::chrono::milliseconds sweep_period{5'000};

// The peer has closed the connection or has said something nobody asked for.
bool is_dead(ClientConnection& connection) {
    return !connection.buffer.empty() || !connection.stream.is_quiet();
}

}  // namespace

ClientPool::ClientPool(const asio::any_io_executor& executor, const HttpClientOptions& options)
    : options_(options), executor_(executor), sweep_timer_(executor) {}

ClientPool::Lease::~Lease() {
    if (pool_ != nullptr) {
        pool_->give_back(*host_, keep_ ? std::move(connection_) : nullptr);
    }
}

asio::awaitable<Result<ClientPool::Lease>> ClientPool::lease(std::string key, Watch& watch) {
    std::unique_ptr<Host>& entry = hosts_[key];
    if (!entry) {
        entry = std::make_unique<Host>();
        entry->key = std::move(key);
    }
    Host& host = *entry;
    if (host.waiting.empty()) {
        if (std::unique_ptr<ClientConnection> idle = take_idle(host)) {
            co_return Lease(*this, host, std::move(idle));
        }
        if (host.open < options_.connections_per_host_max) {
            ++host.open;
            co_return Lease(*this, host, nullptr);
        }
    }
    Waiter waiter(executor_);
    waiter.called.expires_at(asio::steady_timer::time_point::max());
    // Leaves the line however the wait ends; a grant nobody took goes on to the next.
    struct Leave {
        ClientPool& pool;
        Host& host;
        Waiter& waiter;
        ~Leave() {
            if (waiter.granted) {
                pool.give_back(host, std::move(waiter.connection));
            } else {
                host.waiting.remove(&waiter);
            }
        }
    } const leave{*this, host, waiter};
    host.waiting.push_back(&waiter);
    const Watch::Abort abort(watch, [&waiter] { waiter.called.cancel(); });
    while (!waiter.granted && !watch.over()) {
        co_await waiter.called.async_wait(as_result);
    }
    if (watch.over()) {
        co_return Error(watch.cut().value_or(Errc::timeout),
                        "waiting for a free connection to " + host.key);
    }
    waiter.granted = false;
    if (waiter.connection && is_dead(*waiter.connection)) {
        waiter.connection.reset();
    }
    co_return Lease(*this, host, std::move(waiter.connection));
}

void ClientPool::give_back(Host& host, std::unique_ptr<ClientConnection> connection) {
    if (connection && Deadline::Clock::now() - connection->vetted >= vetting_lasts) {
        connection.reset();
    }
    if (!host.waiting.empty()) {
        Waiter& next = *host.waiting.front();
        host.waiting.pop_front();
        next.granted = true;
        next.connection = std::move(connection);
        if (next.connection) {
            next.connection->reused = true;
        }
        next.called.cancel();
        return;
    }
    if (connection && !stopped_ && idle_ < options_.idle_max) {
        connection->idle_since = Deadline::Clock::now();
        connection->reused = true;
        host.idle.push_back(std::move(connection));
        ++idle_;
        arm_sweep();
        return;
    }
    --host.open;
    forget_if_unused(host);
}

std::unique_ptr<ClientConnection> ClientPool::take_idle(Host& host) {
    const auto now = Deadline::Clock::now();
    while (!host.idle.empty()) {
        // The last used is the least likely to have been closed by the peer.
        std::unique_ptr<ClientConnection> connection = std::move(host.idle.back());
        host.idle.pop_back();
        if (!too_old(*connection, now) && !is_dead(*connection)) {
            --idle_;
            return connection;
        }
        closed_idle(host, 1);
    }
    return nullptr;
}

bool ClientPool::too_old(const ClientConnection& connection,
                         Deadline::Clock::time_point now) const {
    return now - connection.idle_since >= options_.idle_timeout ||
           now - connection.vetted >= vetting_lasts;
}

void ClientPool::closed_idle(Host& host, std::size_t count) {
    host.open -= count;
    idle_ -= count;
}

void ClientPool::forget_if_unused(Host& host) {
    if (host.open == 0 && host.waiting.empty()) {
        hosts_.erase(std::string(host.key));
    }
}

void ClientPool::arm_sweep() {
    if (sweeping_ || stopped_) {
        return;
    }
    sweeping_ = true;
    sweep_timer_.expires_after(std::min(options_.idle_timeout, sweep_period));
    sweep_timer_.async_wait(
        [this, sweeps = std::weak_ptr(sweeps_)](const boost::system::error_code& stopped) {
            if (!stopped && !sweeps.expired()) {
                sweep();
            }
        });
}

void ClientPool::sweep() {
    sweeping_ = false;
    const auto now = Deadline::Clock::now();
    bool any_left = false;
    for (auto entry = hosts_.begin(); entry != hosts_.end();) {
        Host& host = *(entry++)->second;  // the host may be forgotten below
        const auto ended = [&](const std::unique_ptr<ClientConnection>& idle) {
            return too_old(*idle, now) || is_dead(*idle);
        };
        closed_idle(host, std::erase_if(host.idle, ended));
        any_left = any_left || !host.idle.empty();
        forget_if_unused(host);
    }
    if (any_left) {
        arm_sweep();
    }
}

void ClientPool::stop() {
    stopped_ = true;
    sweeps_.reset();
    sweep_timer_.cancel();
    for (auto entry = hosts_.begin(); entry != hosts_.end();) {
        Host& host = *(entry++)->second;
        closed_idle(host, host.idle.size());
        host.idle.clear();
        forget_if_unused(host);
    }
}

}  // namespace gw::net
