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

// Cut by hand: Boost.URL 1.81 takes the beginning of "8.8.8.8.example.com" for the host and the
// rest of it for the path.
Result<ClientTarget> with_authority(ClientTarget target, std::string_view authority) {
    const std::size_t literal_end = authority.starts_with('[') ? authority.find(']') : 0;
    const std::size_t colon = authority.find(':', literal_end);
    if (literal_end == std::string_view::npos) {
        return invalid("bad host in the URL");
    }
    std::string host(authority.substr(0, colon));
    std::transform(host.begin(), host.end(), host.begin(), ascii_lower);
    const HostReading reading = read_host(host);
    if (!reading.verdict.allowed()) {
        return invalid(std::string(reading.verdict.denied_because));
    }
    const std::string_view digits =
        colon == std::string_view::npos ? std::string_view{} : authority.substr(colon + 1);
    const auto port = read_port(digits, target.tls);
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
    return target;
}

}  // namespace

std::string ClientTarget::key() const {
    return (tls ? "https://" : "http://") + host_field + ":" + std::to_string(port);
}

Result<ClientTarget> read_target(const std::string& url, bool allow_plain_http) {
    if (url.size() > url_bytes_max) {
        return invalid("URL longer than 2048 bytes");
    }
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) {
        return invalid("not a URL");
    }
    ClientTarget target;
    const std::string_view scheme = std::string_view(url).substr(0, scheme_end);
    target.tls = ascii_iequals(scheme, "https");
    if (!target.tls && !ascii_iequals(scheme, "http")) {
        return invalid("URL is neither http nor https");
    }
    if (!target.tls && !allow_plain_http) {
        return invalid("URL is not https");
    }
    const std::string_view rest = std::string_view(url).substr(scheme_end + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    target.path = std::string(rest.substr(authority.size()));
    if (target.path.empty() || target.path.front() != '/') {
        target.path.insert(0, "/");  // "http://host" and "http://host?x"
    }
    if (authority.find('@') != std::string_view::npos || rest.find('#') != std::string_view::npos) {
        return invalid("URL with user, password or fragment");
    }
    if (!boost::urls::parse_origin_form(target.path)) {
        return invalid("not a URL");
    }
    return with_authority(std::move(target), authority);
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
