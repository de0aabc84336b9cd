// SPDX-License-Identifier: Apache-2.0
// Time, counts and connections: what one peer, or all of them, can make the server hold.
#include "gateway/net/deadline.hpp"
#include "gateway/net/server_connection.hpp"
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

constexpr std::string_view simple = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

asio::awaitable<HttpResponse> hello(HttpRequest request) {
    HttpResponse response;
    response.body = "hello " + request.remote_address;
    co_return response;
}

bool contains(const std::vector<std::string>& all, std::string_view wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
}

TEST(HttpServerLimits, ASlowHeaderIsAnswered408) {
    HttpServerOptions options;
    options.limits.header_timeout = 60ms;
    TestServer server(hello, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("GET / HTTP/1.1\r\n");
    EXPECT_EQ(peer.read_response().status, 408U);
    EXPECT_TRUE(peer.closes());
    EXPECT_TRUE(contains(server.refused.all(), "slow_header"));
}

TEST(HttpServerLimits, ABodyThatStopsIsAnswered408) {
    HttpServerOptions options;
    options.limits.body_timeout = 60ms;
    TestServer server(hello, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(peer.read_response().status, 408U);
    EXPECT_TRUE(peer.closes());
}

TEST(HttpServerLimits, ABodyBelowTheMinimumRateIsAnswered408LongBeforeItsTimeout) {
    HttpServerOptions options;
    options.limits.body_grace = 50ms;
    options.limits.body_rate_min_bytes = 100'000;
    options.limits.body_timeout = 60s;
    TestServer server(hello, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
    EXPECT_EQ(peer.read_response().status, 408U);
    EXPECT_TRUE(contains(server.refused.all(), "slow_body"));
}

TEST(HttpServerLimits, AnIdleConnectionIsClosedWithoutAWord) {
    HttpServerOptions options;
    options.limits.idle_timeout = 60ms;
    TestServer server(hello, std::move(options));
    RawPeer fresh = RawPeer::connect(server.port());
    // One whose request comes too late, as the machine stalls, is closed like the fresh one; the
    // next may be in time.
    std::optional<RawPeer> used;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (bool served = false; !served;) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        used.emplace(RawPeer::connect(server.port()));
        used->send(simple);
        served = used->read_response().body == "hello 127.0.0.1";
    }
    EXPECT_TRUE(used->closes());
    EXPECT_TRUE(fresh.closes());
    EXPECT_TRUE(server.refused.all().empty());
}

TEST(HttpServerLimits, TheLastAllowedRequestOfAConnectionSaysClose) {
    HttpServerOptions options;
    options.limits.requests_per_connection_max = 3;
    TestServer server(hello, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    for (int i = 1; i <= 3; ++i) {
        peer.send(simple);
        const RawPeer::Response response = peer.read_response();
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.head.find("Connection: close") != std::string::npos, i == 3);
    }
    EXPECT_TRUE(peer.closes());
}

asio::awaitable<HttpResponse> large(HttpRequest /*request*/) {
    HttpResponse response;
    response.body.assign(std::size_t{32} * 1024 * 1024, 'x');
    co_return response;
}

TEST(HttpServerLimits, AResponseNobodyReadsIsCut) {
    HttpServerOptions options;
    options.limits.write_timeout = 60ms;
    TestServer server(large, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send(simple);
    RawPeer other = RawPeer::connect(server.port());
    // The connection goes a moment before or after its reason is reported: only the reason counts.
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!contains(server.refused.all(), "write_timeout")) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "not cut, or without the reason";
        peer.send(" ");
        std::this_thread::yield();
    }
}

TEST(HttpServerLimits, WhenFullTheOldestIdleConnectionMakesRoom) {
    HttpServerOptions options;
    options.limits.connections_max = 3;
    TestServer server(hello, std::move(options));
    std::vector<RawPeer> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(RawPeer::connect(server.port()));
        peers.back().send(simple);
        ASSERT_EQ(peers.back().read_response().status, 200U);
    }
    RawPeer late = RawPeer::connect(server.port());
    late.send(simple);
    EXPECT_EQ(late.read_response().status, 200U);
    EXPECT_TRUE(peers[0].closes());
    peers[1].send(simple);
    EXPECT_EQ(peers[1].read_response().status, 200U) << "only one had to go";
    EXPECT_LE(server.connections(), 3U);
}

asio::awaitable<HttpResponse> wait_at(Gate* gate) {
    co_await gate->pass();
    HttpResponse response;
    response.body = "passed";
    co_return response;
}

TEST(HttpServerLimits, WhenAllAreBusyTheNewestWaitsAndNoneIsCut) {
    HttpServerOptions options;
    options.limits.connections_max = 1;
    Gate gate;
    TestServer server(
        [&gate](HttpRequest request) {
            return request.target == "/wait" ? wait_at(&gate) : hello(std::move(request));
        },
        std::move(options));
    std::future<void> reached = gate.reached();
    RawPeer busy = RawPeer::connect(server.port());
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ASSERT_EQ(reached.wait_for(patience), std::future_status::ready);
    RawPeer late = RawPeer::connect(server.port());
    late.send(simple);
    while (!contains(server.refused.all(), "connections_max")) {
        std::this_thread::yield();
    }
    server.loop().call([&] { gate.open(); });
    EXPECT_EQ(busy.read_response().body, "passed");
    busy.close();
    EXPECT_EQ(late.read_response().status, 200U);
}

TEST(HttpServerLimits, ConnectionsOfOneAddressAreCounted) {
    HttpServerOptions options;
    options.limits.connections_per_address_max = 2;
    TestServer server(hello, std::move(options));
    RawPeer first = RawPeer::connect(server.port());
    RawPeer second = RawPeer::connect(server.port());
    for (RawPeer* peer : {&first, &second}) {
        peer->send(simple);
        ASSERT_EQ(peer->read_response().status, 200U);
    }
    EXPECT_TRUE(RawPeer::connect(server.port()).closes());
    first.close();
    // The place is free once the server has seen the end.
    for (;;) {
        RawPeer next = RawPeer::connect(server.port());
        next.send(simple);
        if (next.read_response().status == 200U) {
            break;
        }
    }
}

TEST(HttpServerLimits, WithoutDescriptorsTheServerPausesAndRecovers) {
    TestServer server(hello);
    RawPeer idle = RawPeer::connect(server.port());
    idle.send(simple);
    ASSERT_EQ(idle.read_response().status, 200U);
    RawPeer late = RawPeer(-1);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    // Take every descriptor but the one the client's end needs.
    std::vector<int> taken;
    const rlimit small{256, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &small);
    for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
         fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
        taken.push_back(fd);
    }
    ASSERT_FALSE(taken.empty());
    ::close(taken.back());
    taken.pop_back();
    {
        RawPeer waiting = RawPeer::connect(server.port());
        waiting.send(simple);
        // The idle one is given up for it.
        EXPECT_TRUE(idle.closes());
        EXPECT_EQ(waiting.read_response().status, 200U);
    }
    for (const int fd : taken) {
        ::close(fd);
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
    const auto reports = server.refused.all();
    EXPECT_TRUE(contains(reports, "accept_failed"));
    EXPECT_LT(reports.size(), 50U) << "the accept loop spins";
}

TEST(HttpServerLimits, ACutThatMetNoReadIsRepeatedByTheNextSweep) {
    Loop loop;
    asio::ip::tcp::acceptor acceptor(loop.executor(), {asio::ip::address_v4::loopback(), 0});
    RawPeer peer = RawPeer::connect(acceptor.local_endpoint().port());
    ServerContext context{{}, hello, false, [] {}};
    ServerConnection connection(context, acceptor.accept(), "127.0.0.1");
    const auto late = Deadline::Clock::now() + 1h;
    connection.sweep(late);  // before the first read: there is nothing to call off
    auto over = loop.start(connection.run());
    for (int sweeps = 0; sweeps < 3; ++sweeps) {
        loop.call([&] { connection.sweep(late); });
    }
    const bool ended = over.wait_for(patience) == std::future_status::ready;
    peer.close();
    over.wait();
    EXPECT_TRUE(ended);
}

TEST(HttpServerStop, LetsARequestUnderWayFinishAndClosesIdleConnections) {
    Gate gate;
    TestServer server([&gate](HttpRequest request) {
        return request.target == "/wait" ? wait_at(&gate) : hello(std::move(request));
    });
    std::future<void> reached = gate.reached();
    RawPeer idle = RawPeer::connect(server.port());
    idle.send(simple);
    ASSERT_EQ(idle.read_response().status, 200U);
    RawPeer busy = RawPeer::connect(server.port());
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(reached.wait_for(patience), std::future_status::ready);

    std::future<void> stopped = server.start_stop(20s);
    EXPECT_TRUE(idle.closes());
    EXPECT_THROW(
        {
            RawPeer refused = RawPeer::connect(server.port());
            (void)refused;
        },
        std::runtime_error);
    EXPECT_EQ(stopped.wait_for(0s), std::future_status::timeout);
    server.loop().call([&] { gate.open(); });
    const RawPeer::Response response = busy.read_response();
    EXPECT_EQ(response.body, "passed");
    EXPECT_NE(response.head.find("Connection: close"), std::string::npos);
    busy.close();
    Loop::get(std::move(stopped));
}

TEST(HttpServerStop, CutsWhatIsLeftAfterTheGrace) {
    Gate gate;
    TestServer server([&gate](HttpRequest) { return wait_at(&gate); });
    std::future<void> reached = gate.reached();
    RawPeer busy = RawPeer::connect(server.port());
    busy.send(simple);
    RawPeer half = RawPeer::connect(server.port());
    half.send("GET / HTTP");
    ASSERT_EQ(reached.wait_for(patience), std::future_status::ready);
    Loop::get(server.start_stop(30ms));
    EXPECT_TRUE(busy.closes());
    EXPECT_EQ(server.connections(), 0U);
}

// Keeps its loop busy for longer than the server's sweep period, each time right after a sweep: at
// every look at the clock the next sweep is due, so one is always queued when stop() ends.
class BusyTurns {
public:
    explicit BusyTurns(asio::io_context& io) : turn_(io) {}
    void start() {
        turn_.expires_after(0s);
        turn_.async_wait([this](const boost::system::error_code&) {
            const auto until = Deadline::Clock::now() + 6ms;
            while (Deadline::Clock::now() < until) {
            }
            if (!over_) {
                start();
            }
        });
    }
    void end() { over_ = true; }

private:
    asio::steady_timer turn_;
    bool over_ = false;
};

asio::awaitable<void> stop_then_destroy(std::unique_ptr<HttpServer>* server, BusyTurns* turns) {
    co_await (*server)->stop(0ms);
    server->reset();
    turns->end();
}

TEST(HttpServerStop, LeavesNoSweepBehindThatWasDueMeanwhile) {
    asio::io_context io{1};
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.limits.idle_timeout = 4ms;  // the shortest sweep period
    auto server = make_http_server(io.get_executor(), std::move(options), hello);
    BusyTurns turns(io);
    turns.start();
    auto stopped = asio::co_spawn(io, stop_then_destroy(&server, &turns), asio::use_future);
    io.run_for(patience);
    EXPECT_TRUE(io.stopped());  // it ran out of work
    EXPECT_EQ(stopped.wait_for(0s), std::future_status::ready);
}

TEST(HttpServerStart, SaysWhichAddressItCannotHave) {
    TestServer server(hello);
    Loop loop;
    for (const std::string& listen :
         {"127.0.0.1:" + std::to_string(server.port()), std::string("nonsense"),
          std::string("127.0.0.1:70000"), std::string("127.0.0.1:"), std::string("::1:80"),
          std::string("256.0.0.1:0")}) {
        HttpServerOptions options;
        options.listen = listen;
        std::string what;
        loop.call([&] {
            try {
                make_http_server(loop.executor(), options, hello);
            } catch (const std::runtime_error& e) {
                what = e.what();
            }
        });
        EXPECT_NE(what.find(listen), std::string::npos) << what;
    }
}

}  // namespace
}  // namespace gw::net::testing
