// SPDX-License-Identifier: Apache-2.0
// Bodies that are made while they are sent: framing, and every way in which they end.
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <gtest/gtest.h>

#include <deque>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

// Gives what the test puts in, and tells the test what becomes of it.
class QueueSource final : public BodySource {
public:
    ~QueueSource() override { gone_.set_value(); }
    asio::awaitable<std::optional<std::string>> next() override {
        asio::steady_timer waiting(co_await asio::this_coro::executor,
                                   asio::steady_timer::time_point::max());
        waiting_ = &waiting;
        if (pieces_.empty() && !ended_) {
            (void)co_await waiting.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        waiting_ = nullptr;
        if (fails_) {
            throw std::runtime_error("planted");
        }
        if (pieces_.empty()) {
            co_return std::nullopt;
        }
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        co_return piece;
    }
    void stop() noexcept override {
        if (!stopped_) {
            stopped_ = true;
            ended_ = true;
            wake();
            stop_seen_.set_value();
        }
    }

    // On the loop's thread.
    void put(std::string piece) {
        pieces_.push_back(std::move(piece));
        wake();
    }
    void end() {
        ended_ = true;
        wake();
    }
    void fail() {
        fails_ = true;
        end();
    }
    std::future<void> stop_seen() { return stop_seen_.get_future(); }
    std::future<void> gone() { return gone_.get_future(); }

private:
    void wake() {
        if (waiting_ != nullptr) {
            waiting_->cancel();
        }
    }
    std::deque<std::string> pieces_;
    asio::steady_timer* waiting_ = nullptr;
    bool ended_ = false;
    bool fails_ = false;
    bool stopped_ = false;
    std::promise<void> stop_seen_;
    std::promise<void> gone_;
};

// "/stream" is the source's, anything else a plain answer.
class StreamServer {
public:
    explicit StreamServer(HttpServerOptions options = {})
        : server_([this](HttpRequest request) { return answer(std::move(request)); },
                  std::move(options)) {}

    template <class F>
    void on_source(F act) {
        server_.loop().call([this, &act] {
            if (const auto source = source_.lock()) {
                act(*source);
            }
        });
    }
    void put(std::string piece) {
        on_source([&piece](QueueSource& source) { source.put(std::move(piece)); });
    }
    TestServer& server() { return server_; }
    std::future<void> stop_seen() { return std::move(stop_seen_); }
    std::future<void> gone() { return std::move(gone_); }

private:
    asio::awaitable<HttpResponse> answer(HttpRequest request) {
        HttpResponse response;
        if (request.target == "/stream") {
            auto source = std::make_shared<QueueSource>();
            source_ = source;
            stop_seen_ = source->stop_seen();
            gone_ = source->gone();
            response.headers.add("Content-Type", "text/plain");
            response.stream = std::move(source);
        } else {
            response.body = "plain";
        }
        co_return response;
    }

    std::weak_ptr<QueueSource> source_;
    std::future<void> stop_seen_;
    std::future<void> gone_;
    TestServer server_;
};

constexpr std::string_view ask = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view ask_plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(HttpServerStream, SendsEachPieceAsItComesAndThenServesTheNextRequest) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    const auto head = peer.read_until("\r\n\r\n").value_or("");
    EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
    stream.put("first");
    EXPECT_EQ(peer.read_until("first\r\n"), "5\r\nfirst\r\n");
    stream.put("");  // is not the end
    stream.put(std::string(300, 'x'));
    EXPECT_EQ(peer.read_exactly(5 + 300 + 2), "12c\r\n" + std::string(300, 'x') + "\r\n");
    stream.on_source([](QueueSource& source) { source.end(); });
    EXPECT_EQ(peer.read_exactly(5), "0\r\n\r\n");
    peer.send(ask_plain);
    EXPECT_EQ(peer.read_response().body, "plain");
}

TEST(HttpServerStream, AnHttp10BodyEndsWithItsConnection) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto head = peer.read_until("\r\n\r\n").value_or("");
    EXPECT_EQ(head.find("Transfer-Encoding"), std::string::npos) << head;
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
    stream.put("one");
    stream.put("two");
    EXPECT_EQ(peer.read_exactly(6), "onetwo");
    stream.on_source([](QueueSource& source) { source.end(); });
    EXPECT_TRUE(peer.closes());
}

TEST(HttpServerStream, HeadSendsTheHeadAndLetsTheSourceGo) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto head = peer.read_until("\r\n\r\n").value_or("");
    EXPECT_NE(head.find("200"), std::string::npos);
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
    peer.send(ask_plain);
    EXPECT_EQ(peer.read_response().body, "plain");
    Loop::get(stream.gone());
}

TEST(HttpServerStream, AReaderThatDoesNotReadIsCut) {
    HttpServerOptions options;
    options.limits.write_timeout = 40ms;
    StreamServer stream(options);
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    for (int i = 0; i < 64; ++i) {  // more than the kernel keeps for a loopback connection
        stream.put(std::string(256 * 1024, 'x'));
    }
    Loop::get(stream.stop_seen());
    Loop::get(stream.gone());
    const auto refused = stream.server().refused.all();
    EXPECT_NE(std::find(refused.begin(), refused.end(), "write_timeout"), refused.end());
}

TEST(HttpServerStream, AReaderThatLeavesIsSeenWithoutAPiece) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    peer.close();
    Loop::get(stream.stop_seen());
    Loop::get(stream.gone());
}

TEST(HttpServerStream, AReaderThatLeavesAfterSayingMoreIsSeenWithoutAPiece) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    peer.send("what the goodbye of TLS is from outside");
    peer.close();
    Loop::get(stream.stop_seen());
    Loop::get(stream.gone());
}

TEST(HttpServerStream, StoppingTheServerEndsTheBodyProperly) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    stream.put("never lost");
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    stream.put("last");
    ASSERT_TRUE(peer.read_until("last\r\n"));
    auto stopped = stream.server().start_stop(10'000ms);
    EXPECT_EQ(peer.read_until("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_TRUE(peer.closes());
    peer.close();
    Loop::get(std::move(stopped));
}

TEST(HttpServerStream, ASourceThatThrowsLeavesTheBodyWithoutItsEnd) {
    StreamServer stream;
    auto peer = RawPeer::connect(stream.server().port());
    peer.send(ask);
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    stream.on_source([](QueueSource& source) { source.fail(); });
    EXPECT_TRUE(peer.closes());
    EXPECT_EQ(stream.server().threw.all(), std::vector<std::string>{"planted"});
}

}  // namespace
}  // namespace gw::net::testing
