// SPDX-License-Identifier: Apache-2.0
// Pooled connections that end while nobody uses them, and what may be sent again then.
#include "gateway/net/client_exchange.hpp"
#include "gateway/net/tls_context.hpp"
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"
#include "tests/unit/gateway/net/test_ca.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// One connection of a TLS server, step by step.
class TlsPeer {
public:
    TlsPeer(asio::ssl::context& context, const RawPeer& peer)
        : tls_(SSL_new(context.native_handle())) {
        SSL_set_fd(tls_, peer.descriptor());
        SSL_accept(tls_);
    }
    ~TlsPeer() { SSL_free(tls_); }
    TlsPeer(const TlsPeer&) = delete;
    TlsPeer& operator=(const TlsPeer&) = delete;

    bool serve_one() {
        std::array<char, 4096> request;
        return SSL_read(tls_, request.data(), request.size()) > 0 &&
               SSL_write(tls_, answer.data(), answer.size()) > 0;
    }
    void say_goodbye() { SSL_shutdown(tls_); }  // TCP stays open
    void give_ticket() {
        SSL_new_session_ticket(tls_);
        SSL_do_handshake(tls_);
    }

private:
    SSL* tls_;
};

ClientRequest only_once(const ScriptedPeer& peer, const std::string& scheme) {
    ClientRequest request;
    request.method = "POST";
    request.url = scheme + "://127.0.0.1:" + std::to_string(peer.port()) + "/";
    request.timeout = 20s;
    request.replayable = false;
    return request;
}

struct TlsServerSide {
    TestCa ca;
    TestCa::Files files = ca.issue({});
    asio::ssl::context context = make_server_tls_context({files.certificate, files.key});
    HttpClientOptions trusted() {
        HttpClientOptions options = TestClient::local();
        options.ca_file = ca.ca_file();
        return options;
    }
};

TEST(HttpClientIdle, AnEndSaidInTlsIsSeenBeforeTheNextRequestIsWritten) {
    TlsServerSide side;
    std::promise<void> said;
    ScriptedPeer peer([&](RawPeer& from, int number) {
        TlsPeer tls(side.context, from);
        tls.serve_one();
        if (number == 0) {
            tls.say_goodbye();
            said.set_value();
            EXPECT_TRUE(from.closes()) << "without another byte";
        }
    });
    TestClient client(side.trusted());
    ASSERT_EQ(code_of(client.send(only_once(peer, "https"))), "ok 200");
    said.get_future().wait();
    EXPECT_EQ(code_of(client.send(only_once(peer, "https"))), "ok 200");
}

TEST(HttpClientIdle, ATicketThatCameWhileIdleEndsNoConnection) {
    TlsServerSide side;
    std::promise<void> given;
    std::atomic<int> connections = 0;
    ScriptedPeer peer([&](RawPeer& from, int) {
        ++connections;
        TlsPeer tls(side.context, from);
        tls.serve_one();
        tls.give_ticket();
        given.set_value();
        tls.serve_one();
    });
    TestClient client(side.trusted());
    ASSERT_EQ(code_of(client.send(only_once(peer, "https"))), "ok 200");
    given.get_future().wait();
    EXPECT_EQ(code_of(client.send(only_once(peer, "https"))), "ok 200");
    EXPECT_EQ(connections, 1);
}

TEST(HttpClientIdle, APlainEndIsSeenBeforeTheNextRequestIsWritten) {
    std::promise<void> ended;
    std::atomic<int> requests = 0;
    ScriptedPeer peer([&](RawPeer& from, int number) {
        requests += from.read_until(end_of_head) ? 1 : 0;
        from.send(answer);
        if (number == 0) {
            from.end_sending();
            ended.set_value();
            EXPECT_TRUE(from.closes()) << "without another byte";
        }
    });
    TestClient client;
    ASSERT_EQ(code_of(client.send(only_once(peer, "http"))), "ok 200");
    ended.get_future().wait();
    EXPECT_EQ(code_of(client.send(only_once(peer, "http"))), "ok 200");
    EXPECT_EQ(requests, 2);
}

TEST(HttpClientIdle, TheConnectionsKeptAreBounded) {
    Meeting meeting(5);
    TestServer server(meeting.handler());
    HttpClientOptions options = TestClient::local();
    options.idle_max = 2;
    TestClient client(std::move(options));
    std::vector<std::future<Result<ClientResponse>>> answers;
    for (int i = 0; i < 5; ++i) {
        ClientRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
        answers.push_back(client.start(std::move(request)));
    }
    for (auto& one : answers) {
        ASSERT_EQ(code_of(Loop::get(std::move(one))), "ok 200");
    }
    const Deadline end = Deadline::after(patience);
    while (server.connections() > 2 && !end.passed()) {
        std::this_thread::yield();
    }
    EXPECT_EQ(server.connections(), 2U);
}

asio::awaitable<ExchangeOutcome> exchange_over(ClientConnection* connection, std::string head) {
    const ClientRequest request;
    const auto watch =
        std::make_shared<Watch>(co_await asio::this_coro::executor, Deadline::after(20s));
    watch->end_stage();
    ExchangeOutcome outcome = co_await exchange(*connection, head, request, *watch);
    watch->finish();
    co_return outcome;
}

ExchangeOutcome exchange_once(ScriptedPeer& peer, std::future<void> ready) {
    Loop loop;
    tcp::socket socket(loop.executor());
    socket.connect({asio::ip::address_v4::loopback(), peer.port()});
    ClientConnection connection(std::move(socket));
    ready.wait();
    return loop.run(exchange_over(&connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
}

TEST(HttpClientExchange, APeerThatWasGoneBeforeTheFirstByteCannotHaveReadTheRequest) {
    std::promise<void> gone;
    ScriptedPeer peer([&gone](RawPeer& from, int) {
        from.reset();
        gone.set_value();
    });
    const ExchangeOutcome outcome = exchange_once(peer, gone.get_future());
    EXPECT_TRUE(outcome.unheard);
    EXPECT_TRUE(outcome.unsent);
}

TEST(HttpClientExchange, APeerThatClosesOnceBytesWereWrittenMayHaveReadThem) {
    std::promise<void> listening;
    listening.set_value();
    ScriptedPeer peer([](RawPeer& from, int) { from.read_until(end_of_head); });
    const ExchangeOutcome outcome = exchange_once(peer, listening.get_future());
    EXPECT_TRUE(outcome.unheard);
    EXPECT_FALSE(outcome.unsent);
}

}  // namespace
}  // namespace gw::net::testing
