// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/client_address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace gw::http {
namespace {

struct Case {
    const char* peer;
    const char* forwarded;
    const char* client;
};

TEST(ClientAddress, IsTheLastThatNoTrustedProxyWrote) {
    const std::vector<std::string> trusted{"10.0.0.0/8", "127.0.0.1", "2001:db8::/33"};
    const ClientAddress client(trusted);
    for (const auto& [peer, forwarded, expected] : {
             Case{"10.1.2.3", "203.0.113.9", "203.0.113.9"},
             Case{"127.0.0.1", "198.51.100.1, 203.0.113.9 , 10.9.9.9", "203.0.113.9"},
             Case{"::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"},
             Case{"2001:db8:7fff::1", "2a00::5", "2a00::5"},
             // Not trusted: what it says is not believed.
             Case{"203.0.113.1", "198.51.100.1", "203.0.113.1"},
             Case{"2001:db8:8000::1", "2a00::5", "2001:db8:8000::1"},
             Case{"127.0.0.2", "198.51.100.1", "127.0.0.2"},
             // No address: the last hop that is one stands for it.
             Case{"10.1.2.3", "", "10.1.2.3"},
             Case{"10.1.2.3", "unknown", "10.1.2.3"},
             Case{"10.1.2.3", "203.0.113.9, rubbish, 10.4.4.4", "10.4.4.4"},
             Case{"10.1.2.3", "203.0.113.9:4711", "10.1.2.3"},
             // Only proxies all the way: the farthest.
             Case{"10.1.2.3", "10.4.4.4, 10.5.5.5", "10.4.4.4"},
         }) {
        net::HttpRequest request;
        request.remote_address = peer;
        request.headers.add("X-Forwarded-For", forwarded);
        EXPECT_EQ(client.of(request), expected) << peer << " for " << forwarded;
    }
}

TEST(ClientAddress, SeveralFieldsAreOneChain) {
    const std::vector<std::string> trusted{"10.0.0.0/8"};
    net::HttpRequest request;
    request.remote_address = "10.0.0.1";
    request.headers.add("x-forwarded-for", "198.51.100.1");
    request.headers.add("X-Forwarded-For", "203.0.113.9,10.0.0.2");
    EXPECT_EQ(ClientAddress(trusted).of(request), "203.0.113.9");
    EXPECT_EQ(ClientAddress({}).of(request), "10.0.0.1");
}

TEST(ClientAddress, ALongChainIsNotFollowedForEver) {
    const std::vector<std::string> trusted{"0.0.0.0/0"};
    net::HttpRequest request;
    request.remote_address = "10.0.0.1";
    std::string chain;
    for (int i = 99; i >= 0; --i) {
        chain += "10.0.1." + std::to_string(i) + ",";
    }
    chain.pop_back();
    request.headers.add("X-Forwarded-For", chain);
    EXPECT_EQ(ClientAddress(trusted).of(request), "10.0.1.15");
}

TEST(ClientAddress, TakesNoOddNetwork) {
    for (const std::string text :
         {"10.0.0.0/33", "::/129", "10.0.0/8", "a", "", "10.0.0.0/", "1.2.3.4/x"}) {
        const std::vector<std::string> trusted{text};
        EXPECT_THROW(ClientAddress{trusted}, std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace gw::http
