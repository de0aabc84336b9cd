// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/client_address.hpp"

#include "gateway/net/ascii.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>

namespace gw::http {
namespace {

constexpr std::size_t proxies_max = 16;  // in one chain; further ones are not followed
constexpr std::size_t v4_offset = 12;

bool same_network(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b,
                  unsigned prefix) {
    for (std::size_t i = 0; i < a.size() && prefix > 0; ++i) {
        const unsigned bits = std::min(prefix, 8U);
        const unsigned mask = 0xFFU << (8U - bits) & 0xFFU;
        if (((a.at(i) ^ b.at(i)) & mask) != 0) {
            return false;
        }
        prefix -= bits;
    }
    return true;
}

// The hops a chain names, the nearest first.
std::vector<std::string_view> hops_of(const net::Headers& headers) {
    std::vector<std::string_view> hops;
    for (const auto& field : headers) {
        if (!net::ascii_iequals(field.name, "X-Forwarded-For")) {
            continue;
        }
        std::string_view rest = field.value;
        while (true) {
            const auto comma = rest.find(',');
            hops.push_back(net::trim_ows(rest.substr(0, comma)));
            if (comma == std::string_view::npos) {
                break;
            }
            rest.remove_prefix(comma + 1);
        }
    }
    std::ranges::reverse(hops);
    return hops;
}

}  // namespace

std::optional<ClientAddress::Bits> ClientAddress::bits_of(std::string_view text) {
    const std::string copy(text);
    Bits bits{};
    if (::inet_pton(AF_INET6, copy.c_str(), bits.data()) == 1) {
        return bits;
    }
    bits = {};
    bits[10] = 0xFF;
    bits[11] = 0xFF;
    if (::inet_pton(AF_INET, copy.c_str(), bits.data() + v4_offset) == 1) {
        return bits;
    }
    return std::nullopt;
}

ClientAddress::ClientAddress(std::span<const std::string> trusted_proxies) {
    for (const std::string_view text : trusted_proxies) {
        const auto slash = text.find('/');
        const std::string_view address = text.substr(0, slash);
        const auto bits = bits_of(address);
        if (!bits) {
            throw std::invalid_argument("not an address or network: " + std::string(text));
        }
        const bool v4 = address.find(':') == std::string_view::npos;
        Network network{.address = *bits, .prefix = 128};
        if (slash != std::string_view::npos) {
            unsigned prefix = 0;
            const auto end = text.data() + text.size();
            const auto read = std::from_chars(text.data() + slash + 1, end, prefix);
            if (read.ec != std::errc{} || read.ptr != end || prefix > (v4 ? 32U : 128U)) {
                throw std::invalid_argument("not an address or network: " + std::string(text));
            }
            network.prefix = v4 ? prefix + 8 * v4_offset : prefix;
        }
        trusted_.push_back(network);
    }
}

bool ClientAddress::trusts(std::string_view address) const {
    const auto bits = bits_of(address);
    return bits && std::ranges::any_of(trusted_, [&](const Network& network) {
               return same_network(network.address, *bits, network.prefix);
           });
}

std::string ClientAddress::of(const net::HttpRequest& request) const {
    std::string address = request.remote_address;
    if (trusted_.empty() || !trusts(address)) {
        return address;
    }
    std::size_t followed = 0;
    for (const std::string_view hop : hops_of(request.headers)) {
        if (++followed > proxies_max || !bits_of(hop)) {
            break;  // what the last trusted one wrote is no address: it stands for itself
        }
        address = hop;
        if (!trusts(address)) {
            break;
        }
    }
    return address;
}

}  // namespace gw::http
