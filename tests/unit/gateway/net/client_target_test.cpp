// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::net {
namespace {

TEST(ClientTarget, AUrlIsReadIntoHostPortAndPath) {
    const auto plain = read_target("http://Example.COM", true);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->tls);
    EXPECT_EQ(plain->host, "example.com");
    EXPECT_EQ(plain->port, 80);
    EXPECT_EQ(plain->host_field, "example.com");
    EXPECT_EQ(plain->path, "/");

    const auto tls = read_target("https://example.com:8443/a%20b?c=d&e", false);
    ASSERT_TRUE(tls);
    EXPECT_TRUE(tls->tls);
    EXPECT_EQ(tls->port, 8443);
    EXPECT_EQ(tls->host_field, "example.com:8443");
    EXPECT_EQ(tls->path, "/a%20b?c=d&e");
    EXPECT_NE(tls->key(), plain->key());

    const auto query = read_target("https://example.com?x=1", false);
    ASSERT_TRUE(query);
    EXPECT_EQ(query->path, "/?x=1");

    const auto v6 = read_target("https://[2606:4700::1111]:443/", false);
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host, "2606:4700::1111");
    EXPECT_EQ(v6->host_field, "[2606:4700::1111]");
    EXPECT_TRUE(v6->literal);
}

TEST(ClientTarget, ANameThatBeginsLikeAnAddressIsANameWithItsOwnPort) {
    const auto cloud = read_target("https://4.3.2.1.bc.example.com:8443/hook", false);
    ASSERT_TRUE(cloud);
    EXPECT_EQ(cloud->host, "4.3.2.1.bc.example.com");
    EXPECT_FALSE(cloud->literal);
    EXPECT_EQ(cloud->port, 8443);
    EXPECT_EQ(cloud->path, "/hook");
    for (const char* url : {"https://127.0.0.1-x.example.com/", "https://8.8.8.8a.example.com/"}) {
        const auto target = read_target(url, false);
        ASSERT_TRUE(target) << url;
        EXPECT_FALSE(target->literal) << url;
        EXPECT_EQ(target->path, "/") << url;
    }
}

TEST(ClientTarget, UrlsThatCouldMeanSomethingElseAreInvalid) {
    for (const std::string url : {"",
                                  "example.com",
                                  "/a",
                                  "ftp://example.com/",
                                  "file:///etc/passwd",
                                  "https://user:pw@example.com/",
                                  "https://user@example.com/",
                                  "https://example.com/#x",
                                  "https:///x",
                                  "https://example.com:0/",
                                  "https://example.com:65536/",
                                  "https://example.com:99999999999/",
                                  "https://127.1/",
                                  "https://0x7f000001/",
                                  "https://example.com./",
                                  "https://8.8.8.8./",
                                  "https://8.8.8.8.9/",
                                  "https://example.com:80:80/",
                                  "https://[::1]x/",
                                  "https://[::1",
                                  "https://ex ample.com/",
                                  "https://example.com/a b",
                                  "https://example.com/\r\nX: y",
                                  "https://[::1%25lo]/",
                                  "mailto:a@b.c"}) {
        const auto target = read_target(url, true);
        EXPECT_FALSE(target) << url;
        EXPECT_TRUE(target || target.error().code() == Errc::invalid) << url;
    }
    EXPECT_FALSE(read_target("https://example.com/" + std::string(2048, 'a'), true));
    EXPECT_FALSE(read_target("http://example.com/", false)) << "plain http is off";
}

TEST(ClientTarget, TheRequestHeadCarriesTheClientsOwnFieldsOnce) {
    const auto target = read_target("http://example.com:8080/p", true);
    ClientRequest request;
    request.method = "POST";
    request.headers = {
        {"X-A", "1"}, {"Host", "evil"}, {"content-length", "99"}, {"Accept-Encoding", "gzip"}};
    const auto head = request_head(request, *target, "test/1");
    ASSERT_TRUE(head);
    EXPECT_EQ(
        *head,
        "POST /p HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: test/1\r\nAccept-Encoding: "
        "identity\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n");
}

TEST(ClientTarget, AWebSocketIsAskedForOnlyWhenWanted) {
    const auto target = read_target("https://example.com/telnyx/media/x", true);
    ClientRequest request;
    request.headers = {{"Connection", "Upgrade"}};
    EXPECT_EQ(request_head(request, *target, "t")->find("pgrade"), std::string::npos);
    request.asks_for_websocket = true;
    const auto head = request_head(request, *target, "t");
    ASSERT_TRUE(head);
    EXPECT_NE(head->find("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"), std::string::npos);
    EXPECT_NE(head->find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
}

TEST(ClientTarget, FieldsThatWouldSplitTheRequestAreInvalid) {
    const auto target = read_target("http://example.com/", true);
    for (const Header& bad : {Header{"X", "a\r\nY: b"}, Header{"X\r\n", "a"}, Header{"X ", "a"},
                              Header{"", "a"}, Header{"X", std::string("a\0b", 3)}}) {
        ClientRequest request;
        request.headers.add(bad.name, bad.value);
        EXPECT_FALSE(request_head(request, *target, "t")) << bad.name;
    }
    ClientRequest request;
    request.method = "GET / HTTP/1.1\r\nX:";
    EXPECT_FALSE(request_head(request, *target, "t"));
}

}  // namespace
}  // namespace gw::net
