// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_target.hpp"

#include "gateway/net/address_policy.hpp"
#include "gateway/net/ascii.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace gw::net {

namespace {

constexpr std::size_t url_bytes_max = 2048;

Error invalid(std::string why) {
    return Error(Errc::invalid, std::move(why));
}

bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 8> ours{"host",
                                                   "content-length",
                                                   "connection",
                                                   "user-agent",
                                                   "accept-encoding",
                                                   "transfer-encoding",
                                                   "expect",
                                                   "te"};
    return std::any_of(ours.begin(), ours.end(),
                       [name](std::string_view own) { return ascii_iequals(own, name); });
}

Result<std::uint16_t> read_port(std::string_view digits, bool tls) {
    if (digits.empty()) {
        return std::uint16_t{tls ? std::uint16_t{443} : std::uint16_t{80}};
    }
    std::uint16_t port = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, failed] = std::from_chars(digits.data(), end, port);
    if (failed != std::errc() || stop != end || port == 0) {
        return invalid("bad port in the URL");
    }
    return port;
}

}  // namespace

std::string ClientTarget::key() const {
    return (tls ? "https://" : "http://") + host_field + ":" + std::to_string(port);
}

Result<ClientTarget> read_target(const std::string& url, bool allow_plain_http) {
    if (url.size() > url_bytes_max) {
        return invalid("URL longer than 2048 bytes");
    }
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed) {
        return invalid("not a URL");
    }
    ClientTarget target;
    target.tls = ascii_iequals(std::string(parsed->scheme()), "https");
    if (!target.tls && !ascii_iequals(std::string(parsed->scheme()), "http")) {
        return invalid("URL is neither http nor https");
    }
    if (!target.tls && !allow_plain_http) {
        return invalid("URL is not https");
    }
    if (parsed->has_userinfo() || parsed->has_fragment() || !parsed->has_authority()) {
        return invalid("URL with user, password or fragment, or without host");
    }
    std::string host(parsed->encoded_host());
    std::transform(host.begin(), host.end(), host.begin(), ascii_lower);
    const HostReading reading = read_host(host);
    if (!reading.verdict.allowed()) {
        return invalid(std::string(reading.verdict.denied_because));
    }
    const auto port = read_port(std::string(parsed->port()), target.tls);
    if (!port) {
        return port.error();
    }
    target.port = *port;
    target.literal = reading.literal;
    target.host = reading.literal ? reading.literal->to_string() : host;
    target.host_field = host;
    if (target.port != (target.tls ? 443 : 80)) {
        target.host_field += ":" + std::to_string(target.port);
    }
    target.path = std::string(parsed->encoded_target());
    if (target.path.empty() || target.path.front() != '/') {
        target.path.insert(0, "/");  // "http://host" and "http://host?x"
    }
    return target;
}

Result<std::string> request_head(const ClientRequest& request, const ClientTarget& target,
                                 const std::string& user_agent) {
    if (!is_token(request.method) || request.method == "CONNECT") {
        return invalid("bad method");
    }
    std::string head = request.method + " " + target.path +
                       " HTTP/1.1\r\nHost: " + target.host_field + "\r\nUser-Agent: " + user_agent +
                       "\r\nAccept-Encoding: identity\r\n";
    const bool expects_body =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (expects_body || !request.body.empty()) {
        head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    if (request.asks_for_websocket) {  // the nonce proves something only to who goes on after 101
        head +=
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    }
    for (const Header& field : request.headers) {
        if (!is_token(field.name) || !is_field_value(field.value)) {
            return invalid("header field that cannot be sent: " + field.name.substr(0, 40));
        }
        if (!is_ours(field.name)) {
            head += field.name;
            head += ": ";
            head += field.value;
            head += "\r\n";
        }
    }
    head += "\r\n";
    return head;
}

}  // namespace gw::net
