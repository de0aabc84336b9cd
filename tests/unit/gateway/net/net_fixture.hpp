#pragma once
// SPDX-License-Identifier: Apache-2.0
// The code under test on a loop of its own thread, as in production; the test's thread talks to it
// over real sockets and waits for futures.
#include "gateway/net/http_client.hpp"
#include "gateway/net/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace gw::net::testing {

using namespace std::chrono_literals;
inline constexpr auto patience = 20s;

class Loop {
public:
    Loop() : work_(io_.get_executor()), thread_([this] { io_.run(); }) {}
    ~Loop() {
        work_.reset();
        thread_.join();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    boost::asio::any_io_executor executor() { return io_.get_executor(); }
    template <class T>
    std::future<T> start(boost::asio::awaitable<T> task) {
        return boost::asio::co_spawn(io_, std::move(task), boost::asio::use_future);
    }
    template <class T>
    static T get(std::future<T> future) {
        if (future.wait_for(patience) != std::future_status::ready) {
            // A future of a coroutine that hangs: nothing sensible can follow in this process.
            throw std::runtime_error("the code under test did not finish");
        }
        return future.get();
    }
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return get(start(std::move(task)));
    }
    // Runs a plain function on the loop's thread.
    template <class F>
    auto call(F function) -> decltype(function()) {
        // Shared, because Asio gives a bare packaged_task a meaning of its own.
        const auto task =
            std::make_shared<std::packaged_task<decltype(function())()>>(std::move(function));
        auto result = task->get_future();
        boost::asio::post(io_, [task] { (*task)(); });
        return get(std::move(result));
    }

private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

// Strings reported from the loop's thread.
class Reports {
public:
    void add(std::string_view what) {
        const std::lock_guard lock(mutex_);
        all_.emplace_back(what);
    }
    std::vector<std::string> all() const {
        const std::lock_guard lock(mutex_);
        return all_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> all_;
};

class TestServer {
public:
    explicit TestServer(HttpHandler handler, HttpServerOptions options = {}) {
        options.listen = "127.0.0.1:0";
        options.observer.refused = [this](std::string_view reason) { refused.add(reason); };
        options.observer.handler_threw = [this](std::string_view what) { threw.add(what); };
        server_ = loop_.call([&] {
            return make_http_server(loop_.executor(), std::move(options), std::move(handler));
        });
    }
    ~TestServer() {
        if (server_) {
            stop(0ms);
        }
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    std::size_t connections() {
        return loop_.call([this] { return server_->connections(); });
    }
    std::future<void> start_stop(std::chrono::milliseconds grace) {
        return loop_.start(server_->stop(grace));
    }
    void stop(std::chrono::milliseconds grace) {
        Loop::get(start_stop(grace));
        loop_.call([this] { server_.reset(); });
    }
    Loop& loop() { return loop_; }

    Reports refused;
    Reports threw;

private:
    Loop loop_;
    std::unique_ptr<HttpServer> server_;
};

class TestClient {
public:
    explicit TestClient(HttpClientOptions options = local()) {
        client_ =
            loop_.call([&] { return make_http_client(loop_.executor(), std::move(options)); });
    }
    ~TestClient() { stop(); }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;
    static HttpClientOptions local() {
        HttpClientOptions options;
        options.allow_private_networks = true;
        return options;
    }

    std::future<Result<ClientResponse>> start(ClientRequest request) {
        return loop_.start(client_->send(std::move(request)));
    }
    Result<ClientResponse> send(ClientRequest request) {
        return Loop::get(start(std::move(request)));
    }
    Result<ClientResponse> get(std::string url) {
        ClientRequest request;
        request.url = std::move(url);
        return send(std::move(request));
    }
    void stop() {
        if (client_) {
            loop_.run(client_->stop());
            loop_.call([this] { client_.reset(); });
        }
    }
    HttpClient& client() { return *client_; }
    Loop& loop() { return loop_; }

private:
    Loop loop_;
    std::unique_ptr<HttpClient> client_;
};

inline std::string code_of(const Result<ClientResponse>& result) {
    return result ? "ok " + std::to_string(result->status)
                  : std::string(name_of(result.error().code()));
}

// A door the test opens: handlers wait at it, so that "under way" is a fact, not a guess.
class Gate {
public:
    boost::asio::awaitable<void> pass() {
        // The coroutine's own, because a gate may outlive the loop.
        boost::asio::steady_timer waiting(co_await boost::asio::this_coro::executor,
                                          boost::asio::steady_timer::time_point::max());
        waiting_ = &waiting;
        reached_.set_value();
        while (!open_) {
            try {
                co_await waiting.async_wait(boost::asio::use_awaitable);
            } catch (const boost::system::system_error&) {
                if (!open_) {
                    throw;
                }
            }
        }
    }
    std::future<void> reached() { return reached_.get_future(); }
    void open() {  // on the loop's thread, once it was reached
        open_ = true;
        waiting_->cancel();
    }

private:
    boost::asio::steady_timer* waiting_ = nullptr;
    std::promise<void> reached_;
    bool open_ = false;
};

// Handlers that answer when `wanted` of them are there: that many requests are under way at once.
class Meeting {
public:
    explicit Meeting(std::size_t wanted) : wanted_(wanted) {}
    HttpHandler handler() {
        return [this](HttpRequest) { return attend(); };
    }

private:
    boost::asio::awaitable<HttpResponse> attend() {
        boost::asio::steady_timer waiting(co_await boost::asio::this_coro::executor,
                                          boost::asio::steady_timer::time_point::max());
        waiting_.push_back(&waiting);
        if (waiting_.size() < wanted_) {
            co_await waiting.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        } else {
            for (boost::asio::steady_timer* other : waiting_) {
                other->cancel();
            }
        }
        co_return HttpResponse();
    }

    std::size_t wanted_;
    std::vector<boost::asio::steady_timer*> waiting_;  // each lives until all are there
};

}  // namespace gw::net::testing
