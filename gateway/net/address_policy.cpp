// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/address_policy.hpp"

#include "gateway/net/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gw::net {

namespace ip = boost::asio::ip;

namespace {

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

struct V4Range {
    std::uint32_t network;
    unsigned prefix;
    std::string_view reason;
};

// SECURITY, SSRF list; IANA IPv4 special-purpose registry, read 2026-11.
constexpr std::array<V4Range, 16> denied_v4{{
    {v4(0, 0, 0, 0), 8, "this network"},
    {v4(10, 0, 0, 0), 8, "private"},
    {v4(100, 64, 0, 0), 10, "shared address space"},
    {v4(127, 0, 0, 0), 8, "loopback"},
    {v4(169, 254, 0, 0), 16, "link-local"},
    {v4(172, 16, 0, 0), 12, "private"},
    {v4(192, 0, 0, 0), 24, "protocol assignments"},
    {v4(192, 0, 2, 0), 24, "documentation"},
    {v4(192, 88, 99, 0), 24, "6to4 relay"},
    {v4(192, 168, 0, 0), 16, "private"},
    {v4(198, 18, 0, 0), 15, "benchmarking"},
    {v4(198, 51, 100, 0), 24, "documentation"},
    {v4(203, 0, 113, 0), 24, "documentation"},
    {v4(224, 0, 0, 0), 4, "multicast"},
    {v4(255, 255, 255, 255), 32, "broadcast"},
    {v4(240, 0, 0, 0), 4, "reserved"},
}};

struct V6Range {
    std::array<unsigned char, 4> network;
    unsigned prefix;  // at most 32
    std::string_view reason;
};

// Holes in the global unicast range 2000::/3; everything outside of it is denied.
constexpr std::array<V6Range, 4> denied_v6{{
    {{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x20, 0x02, 0x00, 0x00}, 16, "6to4"},
    {{0x3f, 0xff, 0x00, 0x00}, 20, "documentation"},
}};

Verdict judge_v4(std::uint32_t address) {
    for (const V4Range& range : denied_v4) {
        const std::uint32_t mask = ~std::uint32_t{0} << (32U - range.prefix);
        if ((address & mask) == range.network) {
            return {range.reason};
        }
    }
    return {};
}

std::uint32_t first_word(const unsigned char* bytes) {
    return v4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

Verdict judge_v6(const ip::address_v6& address) {
    const ip::address_v6::bytes_type bytes = address.to_bytes();
    // An IPv4 address in disguise is judged as what it is: ::ffff:0:0/96 and NAT64's 64:ff9b::/96.
    constexpr std::array<unsigned char, 12> nat64{0x00, 0x64, 0xff, 0x9b};
    if (address.is_v4_mapped() || std::equal(nat64.begin(), nat64.end(), bytes.begin())) {
        return judge_v4(first_word(bytes.data() + 12));
    }
    if (address.scope_id() != 0) {
        return {"scoped address"};
    }
    if ((bytes[0] & 0xe0U) != 0x20U) {
        return {"not global unicast"};
    }
    for (const V6Range& range : denied_v6) {
        const std::uint32_t mask = ~std::uint32_t{0} << (32U - range.prefix);
        if ((first_word(bytes.data()) & mask) == first_word(range.network.data())) {
            return {range.reason};
        }
    }
    return {};
}

// Elasticsearch (2), memcached, MongoDB, kubelet, Docker swarm's and etcd's neighbours above 8080.
constexpr std::array<std::uint16_t, 9> internal_ports{9000,  9042,  9092,  9200, 9300,
                                                      10250, 10255, 11211, 27017};

// What some resolver would read as a number: all digits, or hexadecimal after 0x (WHATWG URL,
// "ends in a number").
bool looks_numeric(std::string_view label) {
    if (label.size() >= 2 && label[0] == '0' && ascii_lower(label[1]) == 'x') {
        return std::all_of(label.begin() + 2, label.end(), [](char c) {
            return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
        });
    }
    return std::all_of(label.begin(), label.end(), is_ascii_digit);
}

Verdict judge_name(std::string_view name) {
    if (name.empty() || name.size() > 253) {
        return {"host of a bad length"};
    }
    std::string_view label;
    for (std::string_view rest = name;;) {
        label = rest.substr(0, rest.find('.'));
        if (label.empty() || label.size() > 63) {
            return {"host with an empty or too long label"};
        }
        for (const char c : label) {
            if (!is_ascii_alnum(c) && c != '-' && c != '_') {
                return {"host with a character outside of letters, digits and hyphen"};
            }
        }
        if (label.size() == rest.size()) {
            break;
        }
        rest.remove_prefix(label.size() + 1);
    }
    return looks_numeric(label) ? Verdict{"IPv4 address in an odd spelling"} : Verdict{};
}

}  // namespace

Verdict judge_address(const ip::address& address) {
    return address.is_v4() ? judge_v4(address.to_v4().to_uint()) : judge_v6(address.to_v6());
}

Verdict judge_port(std::uint16_t port) {
    if (port == 80 || port == 443) {
        return {};
    }
    if (port < 8080) {
        return {"port is not one for web traffic"};
    }
    const bool internal =
        std::find(internal_ports.begin(), internal_ports.end(), port) != internal_ports.end();
    return internal ? Verdict{"port of an internal service"} : Verdict{};
}

HostReading read_host(std::string_view host) {
    boost::system::error_code failed;
    if (host.starts_with('[')) {
        if (!host.ends_with(']') || host.find('%') != std::string_view::npos) {
            return {{"bad IPv6 address"}, {}};
        }
        const auto address =
            ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), failed);
        return failed ? HostReading{{"bad IPv6 address"}, {}}
                      : HostReading{{}, ip::address(address)};
    }
    const auto address = ip::make_address_v4(std::string(host), failed);
    if (!failed && address.to_string() == host) {
        return {{}, ip::address(address)};
    }
    return {judge_name(host), {}};
}

}  // namespace gw::net
