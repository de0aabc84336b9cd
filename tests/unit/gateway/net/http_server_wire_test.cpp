// SPDX-License-Identifier: Apache-2.0
// What the server does with bytes as they are: framing, refusals, order.
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <gtest/gtest.h>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

asio::awaitable<HttpResponse> echo(HttpRequest request) {
    HttpResponse response;
    response.headers.add("X-Fields", std::to_string(request.headers.size()));
    response.body = request.method + " " + request.target + " " + request.body;
    co_return response;
}

HttpServerOptions small_bodies() {
    HttpServerOptions options;
    options.body_bytes_max = [](std::string_view, std::string_view target) {
        return target == "/big" ? std::size_t{100'000} : std::size_t{64};
    };
    return options;
}

struct RefusedCase {
    std::string name;
    std::string bytes;
    unsigned status;
};

std::string get_with(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string chunked(std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}
std::string many_fields(int count) {
    std::string fields;
    for (int i = 0; i < count; ++i) {
        fields += "A: b\r\n";
    }
    return fields;
}

std::vector<RefusedCase> refused_cases() {
    using namespace std::string_literals;
    return {
        {"BothLengthAndEncoding", get_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
         400},
        {"EncodingThenLength", get_with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
         400},
        {"RepeatedLength", get_with("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
        {"RepeatedEqualLength", get_with("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
        {"CommaLength", get_with("Content-Length: 3, 3\r\n"), 400},
        {"SignedLength", get_with("Content-Length: +3\r\n"), 400},
        {"NegativeLength", get_with("Content-Length: -3\r\n"), 400},
        {"HexLength", get_with("Content-Length: 0x3\r\n"), 400},
        {"EmptyLength", get_with("Content-Length: \r\n"), 400},
        {"SpacedLength", get_with("Content-Length: 1 2\r\n"), 400},
        {"OverflowingLength", get_with("Content-Length: 18446744073709551617\r\n"), 400},
        {"OtherEncoding", get_with("Transfer-Encoding: gzip\r\n"), 400},
        {"EncodingList", get_with("Transfer-Encoding: gzip, chunked\r\n"), 400},
        {"ChunkedTwice", get_with("Transfer-Encoding: chunked, chunked\r\n"), 400},
        {"RepeatedEncoding",
         get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        {"IdentityEncoding", get_with("Transfer-Encoding: identity\r\n"), 400},
        {"QuotedEncoding", get_with("Transfer-Encoding: \"chunked\"\r\n"), 400},
        {"EncodingWithTab", get_with("Transfer-Encoding: \x0b"s + "chunked\r\n"), 400},
        {"EmptyEncoding", get_with("Transfer-Encoding:\r\n"), 400},
        {"SpaceBeforeColon", get_with("Content-Length : 3\r\n"), 400},
        {"TabBeforeColon", get_with("X\t: 3\r\n"), 400},
        {"NoColon", get_with("Garbage\r\n"), 400},
        {"EmptyName", get_with(": x\r\n"), 400},
        {"FoldedLine", get_with("A: b\r\n c\r\n"), 400},
        {"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {"NulInValue", get_with("A: b\0c\r\n"s), 400},
        {"NulInName", get_with("A\0: b\r\n"s), 400},
        {"ControlInValue", get_with("A: b\x01\r\n"), 400},
        {"DeleteInValue", get_with("A: b\x7f\r\n"), 400},
        {"HighByteInName", get_with("A\xe4: b\r\n"), 400},
        {"BareCarriageReturn", get_with("A: b\rc\r\n"), 400},
        {"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"BareLineFeedInFields", "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", 400},
        {"BlankLineFirst", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        {"TwoHosts", get_with("Host: a\r\n"), 400},
        {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"HostWithUser", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"TwoHostsInHttp10", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"OtherHostInTarget", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"OtherPortInTarget", "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TargetWithoutSlash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TargetWithFragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TargetWithSpace", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TargetWithHighByte", "GET /\xe4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"ConnectMethod", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
        {"BadMethod", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NoVersion", "GET /\r\nHost: a\r\n\r\n", 400},
        {"LowerCaseVersion", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"Http2", "PRI * HTTP/2.0\r\n\r\n", 505},
        {"Http12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"EncodingInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"UnknownExpectation", get_with("Expect: wonders\r\n"), 417},
        {"TooManyFields", get_with(many_fields(100)), 431},
        {"HeaderTooLarge", get_with("A: " + std::string(17'000, 'x') + "\r\n"), 431},
        {"HeaderTooLargeWithoutEnd", "GET / HTTP/1.1\r\nA: " + std::string(17'000, 'x'), 431},
        {"TargetTooLarge", "GET /" + std::string(17'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
         431},
        {"BodyTooLarge", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65\r\n\r\n", 413},
        {"BodyHuge", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999\r\n\r\n", 413},
        {"ChunkedBodyTooLarge", chunked("41\r\n" + std::string(65, 'x') + "\r\n0\r\n\r\n"), 413},
        {"ChunksTooLargeTogether",
         chunked("21\r\n" + std::string(33, 'x') + "\r\n20\r\n" + std::string(32, 'x') +
                 "\r\n0\r\n\r\n"),
         413},
        {"ChunkSizeNotHex", chunked("x\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkSizeEmpty", chunked("\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkSizeNegative", chunked("-1\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkSizePrefixed", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkSizeSpaced", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkSizeOverflowing", chunked("fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkLineFeedOnly", chunked("3\nabc\n0\n\n\r\n"), 400},
        {"ChunkDataTooLong", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
        {"ChunkBareCarriageReturn", chunked("3\rx\r\nabc\r\n0\r\n\r\n"), 400},
        {"ChunkExtensionTooLong", chunked("3;a=" + std::string(260, 'b') + "\r\nabc\r\n0\r\n\r\n"),
         400},
        {"ChunkExtensionBad", chunked("3;=\r\nabc\r\n0\r\n\r\n"), 400},
        {"LastChunkExtensionTooLong", chunked("0;a=" + std::string(260, 'b') + "\r\n\r\n"), 400},
        {"EndlessChunkHeader", chunked("3;a=" + std::string(40'000, 'b')), 400},
        {"EndlessTrailer", chunked("0\r\nA: " + std::string(40'000, 'b')), 400},
        {"LengthInTrailer", chunked("0\r\nContent-Length: 3\r\n\r\n"), 400},
        {"NulInTrailer", chunked("0\r\nA: b\0c\r\n\r\n"s), 400},
        {"BadConnection", get_with("Connection: \"\r\n"), 400},
    };
}

// Names the row in a failure.
void PrintTo(const RefusedCase& row, std::ostream* out) {
    *out << row.name;
}

class RefusedRequest : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedRequest, IsAnsweredClosedAndNotHandled) {
    TestServer server(echo, small_bodies());
    RawPeer peer = RawPeer::connect(server.port());
    // What a smuggler would want to be taken for a request of its own.
    peer.send(GetParam().bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    const RawPeer::Response response = peer.read_response();
    EXPECT_EQ(response.status, GetParam().status) << response.head << response.body;
    EXPECT_NE(response.head.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(peer.closes());
    EXPECT_EQ(server.refused.all().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(HttpServer, RefusedRequest, ::testing::ValuesIn(refused_cases()),
                         [](const auto& row) { return row.param.name; });

struct TakenCase {
    std::string name;
    std::string bytes;
    std::string body;
};

void PrintTo(const TakenCase& row, std::ostream* out) {
    *out << row.name;
}

class TakenRequest : public ::testing::TestWithParam<TakenCase> {};

TEST_P(TakenRequest, IsHandledAndTheConnectionGoesOn) {
    TestServer server(echo, small_bodies());
    RawPeer peer = RawPeer::connect(server.port());
    peer.send(GetParam().bytes + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    const RawPeer::Response response = peer.read_response();
    EXPECT_EQ(response.status, 200U) << response.body;
    EXPECT_EQ(response.body, GetParam().body);
    EXPECT_EQ(peer.read_response().body, "GET /next ");
    EXPECT_TRUE(server.refused.all().empty());
}

INSTANTIATE_TEST_SUITE_P(
    HttpServer, TakenRequest,
    ::testing::Values(
        TakenCase{"Length", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
                  "POST /p abc"},
        TakenCase{"LengthZero", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                  "POST /p "},
        TakenCase{"LeadingZeros", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabc",
                  "POST /p abc"},
        TakenCase{"Chunks", chunked("1\r\na\r\n02\r\nbc\r\n0\r\n\r\n"), "POST / abc"},
        TakenCase{
            "EncodingUpperCase",
            "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "POST / abc"},
        TakenCase{"ChunkExtension", chunked("3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n"), "POST / abc"},
        TakenCase{"TrailerDropped", chunked("3\r\nabc\r\n0\r\nHost: evil\r\nX: y\r\n\r\n"),
                  "POST / abc"},
        TakenCase{"BodyAtItsLimit",
                  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 64\r\n\r\n" + std::string(64, 'x'),
                  "POST / " + std::string(64, 'x')},
        TakenCase{"LargerLimitByTarget",
                  "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
                      std::string(100'000, 'x'),
                  "POST /big " + std::string(100'000, 'x')},
        TakenCase{"FieldsAtTheirLimit", get_with(many_fields(99)), "GET / "},
        TakenCase{"AbsoluteTarget", "GET http://a/b HTTP/1.1\r\nHost: A\r\n\r\n", "GET /b "},
        TakenCase{"OptionsStar", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * "},
        TakenCase{"HostWithPortV6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / "},
        TakenCase{"Http10KeepAlive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / "}),
    [](const auto& row) { return row.param.name; });

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
    TestServer server(echo);
    RawPeer peer = RawPeer::connect(server.port());
    std::string bytes;
    for (int i = 0; i < 200; ++i) {
        bytes += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }
    peer.send(bytes);
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(peer.read_response().body, "GET /" + std::to_string(i) + " ");
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpServer, ARequestMayArriveByteByByte) {
    TestServer server(echo);
    RawPeer peer = RawPeer::connect(server.port());
    for (const char byte : chunked("3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n")) {
        peer.send(std::string_view(&byte, 1));
    }
    EXPECT_EQ(peer.read_response().body, "POST / abc");
}

TEST(HttpServer, ConnectionsEndWhereTheProtocolSaysSo) {
    TestServer server(echo);
    for (const std::string bytes :
         {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n"}) {
        RawPeer peer = RawPeer::connect(server.port());
        peer.send(bytes + "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
        const RawPeer::Response response = peer.read_response();
        EXPECT_EQ(response.status, 200U);
        EXPECT_NE(response.head.find("Connection: close"), std::string::npos) << bytes;
        EXPECT_TRUE(peer.closes());
    }
}

TEST(HttpServer, HeadIsAnsweredWithoutABody) {
    TestServer server(echo);
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(peer.read_response(true).head.find("Content-Length: 8\r\n"), std::string::npos);
    EXPECT_EQ(peer.read_response().body, "GET /y ");
}

TEST(HttpServer, ExpectContinueIsAskedForTheBodyOnlyWhenItIsWelcome) {
    TestServer server(echo, small_bodies());
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    EXPECT_EQ(peer.read_response().body, "POST / abc");
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 65\r\n\r\n");
    EXPECT_EQ(peer.read_response().status, 413U);
    EXPECT_TRUE(peer.closes());
}

TEST(HttpServer, AClientThatEndsItsDirectionStillGetsItsAnswer) {
    TestServer server(echo);
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    peer.end_sending();
    EXPECT_EQ(peer.read_response().status, 200U);
    EXPECT_TRUE(peer.closes());

    RawPeer cut = RawPeer::connect(server.port());
    cut.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    cut.end_sending();
    EXPECT_EQ(cut.read_response().status, 400U);
    EXPECT_TRUE(cut.closes());
}

TEST(HttpServer, ALargeBodyThatIsRefusedDoesNotDestroyItsAnswer) {
    TestServer server(echo, small_bodies());
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" +
              std::string(500'000, 'x'));
    EXPECT_EQ(peer.read_response().status, 413U);
    EXPECT_TRUE(peer.closes());
}

asio::awaitable<HttpResponse> throw_or_split(HttpRequest request) {
    if (request.target == "/throw") {
        throw std::runtime_error("a bug");
    }
    HttpResponse response;
    response.headers.add("X", request.target == "/split" ? "a\r\nSet-Cookie: b" : "fine");
    co_return response;
}

TEST(HttpServer, AFaultOfTheHandlerIsA500AndReported) {
    HttpServerOptions options;
    options.refusal = [](unsigned status, std::string_view reason, const Headers&) {
        return HttpResponse{status,
                            {{"Content-Type", "application/json"}},
                            "{\"why\":\"" + std::string(reason) + "\"}"};
    };
    TestServer server(throw_or_split, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    for (const std::string target : {"/throw", "/split"}) {
        peer.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const RawPeer::Response response = peer.read_response();
        EXPECT_EQ(response.status, 500U);
        EXPECT_EQ(response.head.find("Set-Cookie"), std::string::npos);
    }
    peer.send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(peer.read_response().status, 200U);
    ASSERT_EQ(server.threw.all().size(), 2U);
    EXPECT_EQ(server.threw.all()[0], "a bug");
}

TEST(HttpServer, TheApplicationMakesTheRefusalsAndSeesTheFieldsThatWereRead) {
    HttpServerOptions options = small_bodies();
    options.refusal = [](unsigned status, std::string_view, const Headers& seen) {
        return HttpResponse{status, {}, std::string(seen.find("x-request-id").value_or("none"))};
    };
    TestServer server(echo, std::move(options));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nX-Request-Id: r7\r\nContent-Length: 65\r\n\r\n");
    EXPECT_EQ(peer.read_response().body, "r7");
}

}  // namespace
}  // namespace gw::net::testing
