// SPDX-License-Identifier: Apache-2.0
// Server and client over TLS, with certificates good and bad.
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"
#include "tests/unit/gateway/net/test_ca.hpp"

#include <gtest/gtest.h>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

asio::awaitable<HttpResponse> echo(HttpRequest request) {
    HttpResponse response;
    response.body = request.target + " " + request.body;
    co_return response;
}

HttpServerOptions over_tls(const TestCa::Files& files) {
    HttpServerOptions options;
    options.tls = TlsServerFiles{files.certificate, files.key};
    return options;
}

HttpClientOptions trusting(const std::string& ca_file) {
    HttpClientOptions options = TestClient::local();
    options.ca_file = ca_file;
    return options;
}

std::string url(const TestServer& server, std::string_view host, std::string_view path = "/x") {
    return "https://" + std::string(host) + ":" + std::to_string(server.port()) + std::string(path);
}

TEST(Tls, ATrustedServerIsTalkedToOverOneConnection) {
    TestCa ca;
    TestServer server(echo, over_tls(ca.issue({})));
    TestClient client(trusting(ca.ca_file()));
    for (int i = 0; i < 5; ++i) {
        ClientRequest request;
        request.method = "POST";
        request.url = url(server, "localhost");
        request.body = std::string(100'000, 'a');
        request.response_bytes_max = 200'000;
        const auto result = client.send(std::move(request));
        ASSERT_EQ(code_of(result), "ok 200") << (result ? "" : result.error().context());
        EXPECT_EQ(result->body.size(), 100'003U) << "sent and returned whole";
    }
    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(code_of(client.get(url(server, "127.0.0.1"))), "ok 200")
        << "an address in the certificate";
}

struct BadCertificate {
    std::string name;
    TestCa::Wanted wanted;
    bool trusted;
    std::string reason;
};
void PrintTo(const BadCertificate& row, std::ostream* out) {
    *out << row.name;
}

class BadPeer : public ::testing::TestWithParam<BadCertificate> {};

TEST_P(BadPeer, IsRefusedWithItsReason) {
    TestCa ca;
    TestServer server(echo, over_tls(ca.issue(GetParam().wanted)));
    TestClient client(trusting(GetParam().trusted ? ca.ca_file() : ""));
    const auto result = client.get(url(server, "localhost"));
    ASSERT_EQ(code_of(result), "tls_failed");
    EXPECT_NE(result.error().context().find(GetParam().reason), std::string::npos)
        << result.error().context();
}

INSTANTIATE_TEST_SUITE_P(
    Tls, BadPeer,
    ::testing::Values(
        BadCertificate{"WrongHost", {.names = "DNS:other.test"}, true, "mismatch"},
        BadCertificate{"PartialWildcard", {.names = "DNS:local*"}, true, "mismatch"},
        BadCertificate{"Expired",
                       {.names = "DNS:localhost", .valid_from_s = -7200, .valid_to_s = -60},
                       true,
                       "expired"},
        BadCertificate{"NotYetValid",
                       {.names = "DNS:localhost", .valid_from_s = 3600, .valid_to_s = 7200},
                       true,
                       "not yet valid"},
        BadCertificate{"SelfSigned",
                       {.names = "DNS:localhost",
                        .valid_from_s = -60,
                        .valid_to_s = 3600,
                        .self_signed = true},
                       true,
                       "self-signed"},
        BadCertificate{"UntrustedAuthority", {.names = "DNS:localhost"}, false, "unable to get"}),
    [](const auto& row) { return row.param.name; });

TEST(Tls, AnAddressMustStandInTheCertificateAsAnAddress) {
    TestCa ca;
    TestServer server(echo, over_tls(ca.issue({.names = "DNS:127.0.0.1"})));
    TestClient client(trusting(ca.ca_file()));
    EXPECT_EQ(code_of(client.get(url(server, "127.0.0.1"))), "tls_failed");
}

TEST(Tls, APeerThatNeverShakesHandsIsTlsFailedOnTheClientAndCutByTheServer) {
    ScriptedPeer silent([](RawPeer& peer, int) { peer.read_until("never"); });
    HttpClientOptions options = TestClient::local();
    options.connect_timeout = 100ms;
    TestClient client(std::move(options));
    EXPECT_EQ(code_of(client.get("https://127.0.0.1:" + std::to_string(silent.port()) + "/")),
              "tls_failed");
    ClientRequest request;
    request.url = "https://127.0.0.1:" + std::to_string(silent.port()) + "/";
    request.timeout = 40ms;
    EXPECT_EQ(code_of(client.send(std::move(request))), "timeout");

    TestCa ca;
    HttpServerOptions server_options = over_tls(ca.issue({}));
    server_options.limits.tls_handshake_timeout = 60ms;
    TestServer server(echo, std::move(server_options));
    RawPeer peer = RawPeer::connect(server.port());
    EXPECT_TRUE(peer.closes());
    EXPECT_EQ(server.refused.all(), std::vector<std::string>{"tls_handshake_timeout"});
}

TEST(Tls, PlainHttpOnATlsPortIsRefused) {
    TestCa ca;
    TestServer server(echo, over_tls(ca.issue({})));
    RawPeer peer = RawPeer::connect(server.port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    peer.read_until("never");
    EXPECT_EQ(server.refused.all(), std::vector<std::string>{"tls_handshake_failed"});
}

TEST(Tls, WhenHandshakesAreFullTheOldestMakesRoom) {
    TestCa ca;
    HttpServerOptions options = over_tls(ca.issue({}));
    options.limits.tls_handshakes_max = 2;
    options.limits.tls_handshake_timeout = 60s;  // silence alone would last too long for anybody
    TestServer server(echo, std::move(options));
    RawPeer first = RawPeer::connect(server.port());
    RawPeer second = RawPeer::connect(server.port());
    RawPeer third = RawPeer::connect(server.port());
    TestClient client(trusting(ca.ca_file()));
    EXPECT_EQ(code_of(client.get(url(server, "localhost"))), "ok 200")
        << "served though silent ones came before";
    EXPECT_LE(server.connections(), 3U);
}

TEST(Tls, OldProtocolVersionsAreRefused) {
    TestCa ca;
    TestServer server(echo, over_tls(ca.issue({})));
    RawPeer peer = RawPeer::connect(server.port());
    // A TLS 1.1 ClientHello: record, handshake header, version 3.2, random, one suite, no
    // extensions.
    using namespace std::string_literals;
    const std::string hello = "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x02"s +
                              std::string(32, 'r') + "\x00\x00\x02\x00\x2f\x01\x00"s;
    peer.send(hello);
    // An alert of level fatal (2), "protocol version" (70).
    const auto alert = peer.read_exactly(7);
    ASSERT_TRUE(alert);
    EXPECT_EQ(alert->front(), '\x15');
    EXPECT_EQ(alert->substr(5), "\x02\x46"s);
}

TEST(Tls, UnreadableFilesAreNamedAtTheStart) {
    Loop loop;
    std::string what;
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = TlsServerFiles{"/nowhere/cert.pem", "/nowhere/key.pem"};
    loop.call([&] {
        try {
            make_http_server(loop.executor(), options, echo);
        } catch (const std::runtime_error& e) {
            what = e.what();
        }
    });
    EXPECT_NE(what.find("/nowhere/cert.pem"), std::string::npos) << what;
}

}  // namespace
}  // namespace gw::net::testing
