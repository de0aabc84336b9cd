// SPDX-License-Identifier: Apache-2.0
// The client against a peer that says exactly what the test wants it to say.
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

constexpr std::string_view end_of_head = "\r\n\r\n";

// Answers every request of every connection with the same bytes and then closes.
ScriptedPeer::Script say_and_close(std::string bytes) {
    return [bytes = std::move(bytes)](RawPeer& peer, int) {
        if (peer.read_until(end_of_head)) {
            peer.send(bytes);
        }
    };
}

ClientRequest get(const ScriptedPeer& peer, std::chrono::milliseconds timeout = 20s) {
    ClientRequest request;
    request.url = peer.url("/p?q=1");
    request.timeout = timeout;
    return request;
}

TEST(HttpClient, SendsTheRequestAndReadsTheResponse) {
    std::string seen;
    ScriptedPeer peer([&seen](RawPeer& from, int) {
        seen = from.read_until(end_of_head).value_or("") + from.read_exactly(4).value_or("");
        from.send("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello");
        from.closes();
    });
    TestClient client;
    ClientRequest request = get(peer);
    request.method = "POST";
    request.headers = {{"Content-Type", "text/plain"}};
    request.body = "body";
    const auto result = client.send(std::move(request));
    ASSERT_EQ(code_of(result), "ok 201");
    EXPECT_EQ(result->body, "hello");
    EXPECT_EQ(result->headers.find("x-a"), "b");
    client.stop();
    EXPECT_EQ(seen,
              "POST /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                  "\r\nUser-Agent: telnyx-gateway\r\nAccept-Encoding: identity\r\nContent-Length: "
                  "4\r\nContent-Type: text/plain\r\n\r\nbody");
}

struct AnswerCase {
    std::string name;
    std::string bytes;
    std::string outcome;
    std::string body;
};
void PrintTo(const AnswerCase& row, std::ostream* out) {
    *out << row.name;
}

class Answer : public ::testing::TestWithParam<AnswerCase> {};

TEST_P(Answer, HasThisOutcome) {
    ScriptedPeer peer(say_and_close(GetParam().bytes));
    TestClient client;
    ClientRequest request = get(peer);
    request.response_bytes_max = 20;
    const auto result = client.send(std::move(request));
    EXPECT_EQ(code_of(result), GetParam().outcome) << (result ? "" : result.error().context());
    if (result) {
        EXPECT_EQ(result->body, GetParam().body);
    }
}

INSTANTIATE_TEST_SUITE_P(
    HttpClient, Answer,
    ::testing::Values(
        AnswerCase{"Length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "ok 200", "abc"},
        AnswerCase{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", "ok 204", ""},
        AnswerCase{
            "Chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n",
            "ok 200", "abc"},
        AnswerCase{"UntilClose", "HTTP/1.1 200 OK\r\n\r\nabc", "ok 200", "abc"},
        AnswerCase{"UntilCloseHttp10", "HTTP/1.0 200 OK\r\n\r\nabc", "ok 200", "abc"},
        AnswerCase{
            "InterimFirst",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n"
            "Content-Length: 1\r\n\r\nx",
            "ok 200", "x"},
        AnswerCase{
            "RedirectIsNotFollowed",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            "ok 302", ""},
        AnswerCase{"LengthAtTheLimit",
                   "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n12345678901234567890", "ok 200",
                   "12345678901234567890"},
        AnswerCase{"LengthOverTheLimit", "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n",
                   "too_large", ""},
        AnswerCase{"ChunksOverTheLimit",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                   "chunked\r\n\r\nb\r\n12345678901\r\na\r\n1234567890\r\n0\r\n\r\n",
                   "too_large", ""},
        AnswerCase{"UntilCloseOverTheLimit", "HTTP/1.1 200 OK\r\n\r\n" + std::string(21, 'x'),
                   "too_large", ""},
        AnswerCase{"CutInTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "reset", ""},
        AnswerCase{"CutInAChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
                   "reset", ""},
        AnswerCase{"CutInTheHeader", "HTTP/1.1 200 OK\r\nContent-", "reset", ""},
        AnswerCase{"NoAnswer", "", "reset", ""},
        AnswerCase{"NotHttp", "220 smtp.example ESMTP\r\n", "protocol", ""},
        AnswerCase{"BothFramings",
                   "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
                   "protocol", ""},
        AnswerCase{"TwoLengths",
                   "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
                   "protocol", ""},
        AnswerCase{"OtherCoding",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                   "protocol", ""},
        AnswerCase{"UnaskedUpgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                   "protocol", ""},
        AnswerCase{"HeaderTooLarge",
                   "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n", "protocol",
                   ""},
        AnswerCase{"BadChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
                   "protocol", ""}),
    [](const auto& row) { return row.param.name; });

TEST(HttpClient, BadRequestsAreInvalidBeforeAnyConnection) {
    TestClient client;
    EXPECT_EQ(code_of(client.get("https://user:pw@example.com/")), "invalid");
    EXPECT_EQ(code_of(client.get("http://0x7f.1/")), "invalid");
    ClientRequest request;
    request.url = "http://127.0.0.1/";
    request.headers = {{"X", "a\r\nY: b"}};
    EXPECT_EQ(code_of(client.send(std::move(request))), "invalid");
}

TEST(HttpClient, ARefusedConnectionIsConnectFailed) {
    TestClient client;
    EXPECT_EQ(code_of(client.get("http://127.0.0.1:" + std::to_string(closed_port()) + "/")),
              "connect_failed");
}

TEST(HttpClient, AResetIsAReset) {
    ScriptedPeer peer([](RawPeer& from, int) {
        from.read_until(end_of_head);
        from.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        from.reset();
    });
    TestClient client;
    EXPECT_EQ(code_of(client.send(get(peer))), "reset");
}

TEST(HttpClient, OneDeadlineBoundsAPeerThatHangsAndOneThatDrips) {
    ScriptedPeer hangs([](RawPeer& from, int) { from.read_until("never"); });
    ScriptedPeer drips([](RawPeer& from, int) {
        from.read_until(end_of_head);
        from.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
        while (from.send("x")) {
            std::this_thread::yield();
        }
    });
    TestClient client;
    EXPECT_EQ(code_of(client.send(get(hangs, 100ms))), "timeout");
    ClientRequest request = get(drips, 100ms);
    request.response_bytes_max = 200'000'000;
    EXPECT_EQ(code_of(client.send(std::move(request))), "timeout");
}

TEST(HttpClient, DecidedAtTheHeaderABodyIsOnlyAnExtra) {
    ScriptedPeer endless([](RawPeer& from, int) {
        from.read_until(end_of_head);
        from.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (from.send("4\r\nabcd\r\n")) {
        }
    });
    ScriptedPeer stalls([](RawPeer& from, int) {
        from.read_until(end_of_head);
        from.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        from.closes();
    });
    ScriptedPeer cut(say_and_close("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nabc"));
    TestClient client;
    const auto decided = [&client](const ScriptedPeer& peer, std::chrono::milliseconds timeout) {
        ClientRequest request = get(peer, timeout);
        request.decide_at_header = true;
        request.body_patience = 20s;
        request.response_bytes_max = 10;
        return client.send(std::move(request));
    };
    const auto first = decided(endless, 20s);
    ASSERT_EQ(code_of(first), "ok 200");
    EXPECT_EQ(first->body, "abcdabcdab");
    // Within the whole time there must be an answer to cut: more of it on a machine that stalls.
    auto second = decided(stalls, 100ms);
    for (auto timeout = 200ms; code_of(second) == "timeout" && timeout < patience; timeout *= 2) {
        second = decided(stalls, timeout);
    }
    ASSERT_EQ(code_of(second), "ok 200");
    EXPECT_EQ(second->body, "abc");
    const auto third = decided(cut, 20s);
    ASSERT_EQ(code_of(third), "ok 500");
    EXPECT_EQ(third->body, "abc");
}

// Serves each connection for `per_connection` requests, and counts connections and requests.
struct Counted {
    std::atomic<int> connections = 0;
    std::atomic<int> requests = 0;
    ScriptedPeer::Script script(int per_connection) {
        return [this, per_connection](RawPeer& peer, int) {
            ++connections;
            for (int i = 0; i < per_connection && peer.read_until(end_of_head); ++i) {
                ++requests;
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        };
    }
};

TEST(HttpClientPool, AConnectionIsUsedAgain) {
    Counted counted;
    ScriptedPeer peer(counted.script(1000));
    TestClient client;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(code_of(client.send(get(peer))), "ok 200");
    }
    EXPECT_EQ(counted.connections, 1);
    EXPECT_EQ(counted.requests, 20);
    client.stop();
}

TEST(HttpClientPool, AConnectionThePeerClosedIsReplacedUnseen) {
    Counted counted;
    ScriptedPeer peer(counted.script(1));  // closes after each answer without a word
    TestClient client;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(code_of(client.send(get(peer))), "ok 200");
    }
    EXPECT_EQ(counted.connections, 20);
}

// The peer reads a second request and closes without an answer: from outside the same as an idle
// close that crossed the request.
ScriptedPeer::Script answer_once_then_swallow(std::atomic<int>& requests) {
    return [&requests](RawPeer& peer, int) {
        for (int i = 0; peer.read_until(end_of_head); ++i) {
            ++requests;
            if (i == 1) {
                return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    };
}

TEST(HttpClientPool, ARequestIsReplayedOnceOnAPooledConnectionAndOnlyIfItMay) {
    std::atomic<int> requests = 0;
    ScriptedPeer peer(answer_once_then_swallow(requests));
    TestClient client;
    ASSERT_EQ(code_of(client.send(get(peer))), "ok 200");
    EXPECT_EQ(code_of(client.send(get(peer))), "ok 200");
    EXPECT_EQ(requests, 3);
    ClientRequest once = get(peer);
    once.replayable = false;
    EXPECT_EQ(code_of(client.send(std::move(once))), "reset");
    EXPECT_EQ(requests, 4);
}

TEST(HttpClientPool, ANewConnectionIsNeverReplayed) {
    std::atomic<int> requests = 0;
    ScriptedPeer peer([&requests](RawPeer& from, int) {
        from.read_until(end_of_head);
        ++requests;
    });
    TestClient client;
    EXPECT_EQ(code_of(client.send(get(peer))), "reset");
    EXPECT_EQ(requests, 1);
}

TEST(HttpClientPool, AConnectionWithUnaskedBytesIsNotUsedAgain) {
    std::atomic<int> connections = 0;
    ScriptedPeer peer([&connections](RawPeer& from, int) {
        ++connections;
        from.read_until(end_of_head);
        from.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: "
            "4\r\n\r\nevil");
        from.read_until(end_of_head);
    });
    TestClient client;
    EXPECT_EQ(client.send(get(peer))->body, "ok");
    EXPECT_EQ(client.send(get(peer))->body, "ok");
    EXPECT_EQ(connections, 2);
}

TEST(HttpClientPool, AtTheLimitRequestsWaitInLineWithinTheirDeadline) {
    Counted counted;
    std::promise<void> arrived;
    std::promise<void> go_on;
    ScriptedPeer peer([&](RawPeer& from, int number) {
        if (number == 0) {
            ++counted.connections;
            from.read_until(end_of_head);
            arrived.set_value();
            go_on.get_future().wait();
            from.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
        counted.script(1000)(from, number);
    });
    HttpClientOptions options = TestClient::local();
    options.connections_per_host_max = 1;
    TestClient client(std::move(options));
    auto first = client.start(get(peer));
    arrived.get_future().wait();
    auto second = client.start(get(peer));
    auto third = client.start(get(peer));
    EXPECT_EQ(code_of(client.send(get(peer, 50ms))), "timeout")
        << "its deadline passed in the line";
    go_on.set_value();
    EXPECT_EQ(code_of(Loop::get(std::move(first))), "ok 200");
    EXPECT_EQ(code_of(Loop::get(std::move(second))), "ok 200");
    EXPECT_EQ(code_of(Loop::get(std::move(third))), "ok 200");
    EXPECT_EQ(counted.requests, 2) << "the one that gave up was never sent";
    client.stop();
}

TEST(HttpClientStop, CutsWhatIsUnderWay) {
    std::promise<void> arrived;
    ScriptedPeer peer([&arrived](RawPeer& from, int) {
        from.read_until(end_of_head);
        arrived.set_value();
        EXPECT_TRUE(from.closes());
    });
    TestClient client;
    auto result = client.start(get(peer));
    arrived.get_future().wait();
    client.loop().run(client.client().stop());
    EXPECT_EQ(code_of(Loop::get(std::move(result))), "canceled");
    EXPECT_EQ(code_of(client.send(get(peer))), "canceled");
}

asio::awaitable<void> send_into(HttpClient* client, ClientRequest request, std::string* outcome) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const Result<ClientResponse> result = co_await client->send(std::move(request));
    *outcome = code_of(result);
}

TEST(HttpClientStop, TheCallersCancellationEndsTheExchange) {
    std::promise<void> arrived;
    ScriptedPeer peer([&arrived](RawPeer& from, int) {
        from.read_until(end_of_head);
        arrived.set_value();
        EXPECT_TRUE(from.closes());
    });
    TestClient client;
    std::string outcome;
    asio::cancellation_signal signal;
    std::promise<void> ended;
    client.loop().call([&] {
        asio::co_spawn(client.loop().executor(), send_into(&client.client(), get(peer), &outcome),
                       asio::bind_cancellation_slot(
                           signal.slot(), [&](std::exception_ptr) { ended.set_value(); }));
    });
    arrived.get_future().wait();
    client.loop().call([&] { signal.emit(asio::cancellation_type::terminal); });
    Loop::get(ended.get_future());
    EXPECT_EQ(outcome, "canceled");
}

asio::awaitable<void> clean_up_with(HttpClient* client, ClientRequest request,
                                    std::string* outcome) {
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
    const Result<ClientResponse> result = co_await client->send(std::move(request));
    *outcome = code_of(result);
}

TEST(HttpClientStop, ACallerThatWasCancelledBeforeMaySendToCleanUp) {
    ScriptedPeer peer(say_and_close("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    TestClient client;
    std::string outcome;
    asio::cancellation_signal signal;
    std::promise<void> ended;
    client.loop().call([&] {
        asio::co_spawn(client.loop().executor(),
                       clean_up_with(&client.client(), get(peer), &outcome),
                       asio::bind_cancellation_slot(
                           signal.slot(), [&](std::exception_ptr) { ended.set_value(); }));
    });
    client.loop().call([&] { signal.emit(asio::cancellation_type::terminal); });
    Loop::get(ended.get_future());
    EXPECT_EQ(outcome, "ok 200");
}

TEST(HttpClientGuard, PrivateAddressesAndOddPortsAreDeniedBeforeAPacketIsSent) {
    std::atomic<int> connections = 0;
    ScriptedPeer peer([&connections](RawPeer&, int) { ++connections; });
    TestClient client{HttpClientOptions()};
    const std::string port = std::to_string(peer.port());
    for (const std::string& host :
         {"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port, "[::ffff:127.0.0.1]:" + port,
          "[64:ff9b::7f00:1]:" + port, std::string("10.0.0.1"), std::string("169.254.169.254"),
          std::string("8.8.8.8:25")}) {
        EXPECT_EQ(code_of(client.get("http://" + host + "/")), "denied_address") << host;
    }
    EXPECT_EQ(connections, 0);
}

TEST(HttpClientDns, AnUnknownNameIsDnsFailedAndAKnownOneFallsBackOverItsAddresses) {
    Counted counted;
    ScriptedPeer peer(counted.script(10));  // on 127.0.0.1 only; "localhost" may be ::1 first
    TestClient client;
    EXPECT_EQ(code_of(client.get("http://localhost:" + std::to_string(peer.port()) + "/")),
              "ok 200");
    EXPECT_EQ(code_of(client.get("http://no-such-host.invalid/")), "dns_failed");
    client.stop();
}

}  // namespace
}  // namespace gw::net::testing
