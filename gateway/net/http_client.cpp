// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/http_client.hpp"

#include "gateway/net/client_dial.hpp"
#include "gateway/net/client_exchange.hpp"
#include "gateway/net/client_pool.hpp"
#include "gateway/net/client_target.hpp"
#include "gateway/net/tokens.hpp"
#include "gateway/net/watch.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <list>

namespace gw::net {

namespace asio = boost::asio;

namespace {

class Client final : public HttpClient {
public:
    Client(const asio::any_io_executor& executor, HttpClientOptions options)
        : options_(std::move(options)),
          executor_(executor),
          dialer_(executor, options_),
          pool_(executor, options_),
          emptied_(executor) {
        emptied_.expires_at(asio::steady_timer::time_point::max());
    }
    ~Client() override = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    asio::awaitable<Result<ClientResponse>> send(ClientRequest request) override;
    asio::awaitable<void> stop() override;

private:
    // Books an exchange under way, so that stop() can cut it and wait.
    class Active {
    public:
        Active(Client& client, std::shared_ptr<Watch> watch)
            : client_(client), at_(client.active_.insert(client.active_.end(), std::move(watch))) {}
        ~Active() {
            (*at_)->finish();
            client_.active_.erase(at_);
            if (client_.active_.empty()) {
                client_.emptied_.cancel();
            }
        }
        Active(const Active&) = delete;
        Active& operator=(const Active&) = delete;
        [[nodiscard]] Watch& watch() const { return **at_; }

    private:
        Client& client_;
        std::list<std::shared_ptr<Watch>>::iterator at_;
    };

    asio::awaitable<Result<ClientResponse>> run(const ClientRequest& request,
                                                const ClientTarget& target, const std::string& head,
                                                Watch& watch);

    HttpClientOptions options_;
    asio::any_io_executor executor_;
    ClientDialer dialer_;  // before the pool, whose connections use its TLS context
    ClientPool pool_;
    asio::steady_timer emptied_;  // a condition
    std::list<std::shared_ptr<Watch>> active_;
    bool stopped_ = false;
};

asio::awaitable<Result<ClientResponse>> Client::send(ClientRequest request) {
    if (stopped_) {
        co_return Error(Errc::canceled, "the client is stopped");
    }
    const Result<ClientTarget> target = read_target(request.url, options_.allow_plain_http);
    if (!target) {
        co_return target.error();
    }
    const Result<std::string> head = request_head(request, *target, options_.user_agent);
    if (!head) {
        co_return head.error();
    }
    const auto watch = std::make_shared<Watch>(executor_, Deadline::after(request.timeout));
    const Active active(*this, watch);
    watch->end_stage();  // arms it for the whole
    // A cancellation that arrives between two operations is only seen by a coroutine that asks for
    // it. A caller that goes on although it was cancelled before is cleaning up: its exchange is
    // not disturbed.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() == asio::cancellation_type::none) {
        co_await asio::this_coro::throw_if_cancelled(true);
    }
    Result<ClientResponse> result = Error(Errc::canceled, "the caller was cancelled");
    try {
        result = co_await run(request, *target, *head, *watch);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) {
            throw;
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return result;
}

asio::awaitable<Result<ClientResponse>> Client::run(const ClientRequest& request,
                                                    const ClientTarget& target,
                                                    const std::string& head, Watch& watch) {
    Result<ClientPool::Lease> lease = co_await pool_.lease(target.key(), watch);
    if (!lease) {
        co_return lease.error();
    }
    for (;;) {
        if (lease->connection() == nullptr) {
            auto fresh = co_await dialer_.dial(target, watch);
            if (!fresh) {
                co_return fresh.error();
            }
            lease->put(std::move(*fresh));
        }
        ExchangeOutcome outcome = co_await exchange(*lease->connection(), head, request, watch);
        if (outcome.reusable) {
            lease->keep();
        }
        // An idle connection that the peer seems to have closed before it knew of us: once more, on
        // a new one. Only when no write succeeded is it certain that the peer did not read.
        const bool may_repeat = outcome.unsent || (outcome.unheard && request.replayable);
        if (may_repeat && lease->connection()->reused) {
            lease->put(nullptr);
            continue;
        }
        co_return std::move(outcome.response);
    }
}

asio::awaitable<void> Client::stop() {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    stopped_ = true;
    for (const std::shared_ptr<Watch>& watch : active_) {
        watch->cut(Errc::canceled);
    }
    pool_.stop();
    while (!active_.empty()) {
        co_await emptied_.async_wait(as_result);
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace

std::unique_ptr<HttpClient> make_http_client(asio::any_io_executor executor,
                                             HttpClientOptions options) {
    return std::make_unique<Client>(executor, std::move(options));
}

}  // namespace gw::net
