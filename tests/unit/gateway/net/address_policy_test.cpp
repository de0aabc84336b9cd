// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/address_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::net {
namespace {

namespace ip = boost::asio::ip;

bool allowed(const std::string& address) {
    return judge_address(ip::make_address(address)).allowed();
}

TEST(AddressPolicy, EveryDeniedV4RangeIsDeniedFromItsFirstToItsLastAddressAndNotBeyond) {
    struct Row {
        std::string before, first, last,
            after;  // before/after empty: the neighbour is denied as well
    };
    const std::vector<Row> rows{
        {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
        {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
        {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
        {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
        {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
        {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
        {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
        {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
        {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
        {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
        {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
        {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
        {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
        {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
        {"", "240.0.0.0", "255.255.255.255", ""},
    };
    for (const Row& row : rows) {
        EXPECT_FALSE(allowed(row.first)) << row.first;
        EXPECT_FALSE(allowed(row.last)) << row.last;
        EXPECT_TRUE(row.before.empty() || allowed(row.before)) << row.before;
        EXPECT_TRUE(row.after.empty() || allowed(row.after)) << row.after;
        // The same addresses in their IPv6 disguises get the same answer.
        for (const std::string disguise : {"::ffff:", "64:ff9b::"}) {
            EXPECT_FALSE(allowed(disguise + row.first)) << disguise << row.first;
            EXPECT_FALSE(allowed(disguise + row.last)) << disguise << row.last;
            EXPECT_TRUE(row.after.empty() || allowed(disguise + row.after))
                << disguise << row.after;
        }
    }
    EXPECT_FALSE(allowed("169.254.169.254"));
    EXPECT_TRUE(allowed("8.8.8.8"));
}

TEST(AddressPolicy, OnlyGlobalUnicastV6WithoutItsHolesIsAllowed) {
    for (const std::string denied : {"::",
                                     "::1",
                                     "::7f00:1",
                                     "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                     "4000::",
                                     "2001::",
                                     "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
                                     "2001:db8::",
                                     "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                                     "2002::",
                                     "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                     "3fff::",
                                     "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                                     "fc00::",
                                     "fd00:ec2::254",
                                     "fdff::1",
                                     "fe80::1",
                                     "fec0::1",
                                     "ff00::",
                                     "ff02::1",
                                     "64:ff9b:1::1",
                                     "100::1",
                                     "fe80::1%1"}) {
        EXPECT_FALSE(allowed(denied)) << denied;
    }
    for (const std::string good :
         {"2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "2001:1::", "2001:db7:ffff::", "2001:db9::", "2001:ffff::1",
          "2003::", "3ffe:ffff::", "3fff:1000::", "3fff:ffff::", "2606:4700::1111"}) {
        EXPECT_TRUE(allowed(good)) << good;
    }
}

TEST(AddressPolicy, PortsOfInternalServicesAreDenied) {
    for (const int denied :
         {1, 22, 25, 79, 81, 442, 444, 3306, 5432, 6379, 8079, 9200, 10250, 11211, 27017}) {
        EXPECT_FALSE(judge_port(static_cast<std::uint16_t>(denied)).allowed()) << denied;
    }
    for (const int good : {80, 443, 8080, 8443, 8888, 10000, 65535}) {
        EXPECT_TRUE(judge_port(static_cast<std::uint16_t>(good)).allowed()) << good;
    }
}

TEST(AddressPolicy, OddSpellingsOfAddressesAreRefusedAndPlainOnesRead) {
    for (const std::string odd :
         {"0x7f.1",
          "2130706433",
          "127.1",
          "0177.0.0.1",
          "127.0.0.01",
          "127.0.0.0x1",
          "1.2.3.4.5",
          "256.1.1.1",
          "example.com.",
          "127.0.0.1.",
          "a..b",
          ".a",
          "",
          "ex%61mple.com",
          "\xef\xbc\x91.1.1.1",
          "exa mple",
          "foo.0x7f",
          "foo.99",
          "0x",
          "[::1",
          "[fe80::1%25eth0]",
          "[127.0.0.1]",
          "[::1]x",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com"}) {
        EXPECT_FALSE(read_host(odd).verdict.allowed()) << odd;
    }
    for (const std::string name :
         {"example.com", "localhost", "a-b_c.example", "1.example", "xn--bcher-kva.de"}) {
        EXPECT_TRUE(read_host(name).verdict.allowed()) << name;
        EXPECT_FALSE(read_host(name).literal) << name;
    }
    EXPECT_EQ(read_host("127.0.0.1").literal, ip::make_address("127.0.0.1"));
    EXPECT_EQ(read_host("[::1]").literal, ip::make_address("::1"));
    EXPECT_EQ(read_host("[::ffff:10.0.0.1]").literal, ip::make_address("::ffff:10.0.0.1"));
}

}  // namespace
}  // namespace gw::net
