// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/response_text.hpp"

#include "gateway/net/ascii.hpp"

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>

namespace gw::net {

namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

bool is_framing_field(std::string_view name) {
    return ascii_iequals(name, "content-length") || ascii_iequals(name, "connection") ||
           ascii_iequals(name, "transfer-encoding");
}

}  // namespace

bool may_have_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

bool asks_to_close(const HttpResponse& response) {
    const std::optional<std::string_view> connection = response.headers.find("connection");
    return connection && ascii_iequals(*connection, "close");
}

bool append_response_head(std::string& out, const HttpResponse& response, ResponseFraming framing) {
    if (response.status < 200 || response.status > 999) {
        return false;
    }
    const std::size_t before = out.size();
    out += "HTTP/1.1 ";
    append_number(out, response.status);
    out += ' ';
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
    out.append(reason.data(), reason.size());
    out += "\r\n";
    for (const Header& field : response.headers) {
        if (is_framing_field(field.name)) {
            continue;
        }
        if (!is_token(field.name) || !is_field_value(field.value)) {
            out.resize(before);
            return false;
        }
        out += field.name;
        out += ": ";
        out += field.value;
        out += "\r\n";
    }
    if (may_have_body(response.status) && response.stream) {
        out += framing.http10 ? "" : "Transfer-Encoding: chunked\r\n";
    } else if (may_have_body(response.status)) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    if (framing.close) {
        out += "Connection: close\r\n";
    } else if (framing.http10) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
    return true;
}

}  // namespace gw::net
