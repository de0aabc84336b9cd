// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/request_head.hpp"

#include "gateway/net/ascii.hpp"

#include <charconv>
#include <cstring>

namespace gw::net {

std::size_t HeadEnd::find(std::string_view data) {
    while (scanned_ < data.size()) {
        const void* found = std::memchr(data.data() + scanned_, '\n', data.size() - scanned_);
        if (found == nullptr) {
            scanned_ = data.size();
            return 0;
        }
        const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - data.data());
        scanned_ = feed + 1;
        if (feed == line_begin_ || data[feed - 1] != '\r') {
            bare_line_feed_ = true;
            return 0;
        }
        const bool blank = feed == line_begin_ + 1;
        line_begin_ = scanned_;
        if (blank) {
            return scanned_;
        }
    }
    return 0;
}

namespace {

constexpr std::string_view crlf = "\r\n";
// More digits than any body we take; fewer than could overflow.
constexpr std::size_t content_length_digits_max = 15;

bool is_visible(std::string_view text) {
    for (const char c : text) {
        if (c <= 0x20 || c >= 0x7f) {
            return false;
        }
    }
    return !text.empty();
}

bool is_host(std::string_view text) {
    for (const char c : text) {
        if (!is_ascii_alnum(c) && std::string_view("-._~:[]%").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return !text.empty();
}

// What the fields say, gathered line by line.
struct Fields {
    std::size_t count = 0;
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    std::string_view host;
    std::string_view length;
    std::string_view encoding;
    std::string_view expect;
};

void note(Fields& fields, std::string_view name, std::string_view value) {
    // The length tells most names apart before a character is compared.
    switch (name.size()) {
        case 4:
            if (ascii_iequals(name, "host")) {
                ++fields.hosts;
                fields.host = value;
            }
            break;
        case 6:
            if (ascii_iequals(name, "expect")) {
                fields.expect = value;
            }
            break;
        case 14:
            if (ascii_iequals(name, "content-length")) {
                ++fields.lengths;
                fields.length = value;
            }
            break;
        case 17:
            if (ascii_iequals(name, "transfer-encoding")) {
                ++fields.encodings;
                fields.encoding = value;
            }
            break;
        default:
            break;
    }
}

Refusal read_fields(std::string_view rest, std::size_t fields_max, Fields& fields) {
    while (rest != crlf) {
        const std::string_view line = rest.substr(0, rest.find(crlf));
        rest.remove_prefix(line.size() + crlf.size());
        if (++fields.count > fields_max) {
            return {431, "too many header fields"};
        }
        if (line.front() == ' ' || line.front() == '\t') {
            return {400, "folded header line"};
        }
        const std::size_t colon = line.find(':');
        // A name is a token, so a space before the colon ends here as well.
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
            return {400, "bad header field name"};
        }
        const std::string_view value = line.substr(colon + 1);
        if (!is_field_value(value)) {
            return {400, "control character in a header field"};
        }
        note(fields, line.substr(0, colon), trim_ows(value));
    }
    return {};
}

Refusal read_request_line(std::string_view line, RequestHead& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return {400, "bad request line"};
    }
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(head.method) || head.method.size() > 32) {
        return {400, "bad method"};
    }
    if (!is_visible(head.target) || head.target.find('#') != std::string_view::npos) {
        return {400, "bad request target"};
    }
    if (version == "HTTP/1.0") {
        head.http10 = true;
    } else if (version != "HTTP/1.1") {
        const bool other = version.size() == 8 && version.starts_with("HTTP/") &&
                           is_ascii_digit(version[5]) && version[6] == '.' &&
                           is_ascii_digit(version[7]);
        return other ? Refusal{505, "HTTP version not supported"}
                     : Refusal{400, "bad HTTP version"};
    }
    return {};
}

// Which message framing is meant: there must be exactly one way to read it (RFC 9112 section 6).
Refusal read_framing(const Fields& fields, RequestHead& head) {
    if (fields.encodings != 0) {
        if (fields.lengths != 0) {
            return {400, "both Content-Length and Transfer-Encoding"};
        }
        if (head.http10) {
            return {400, "Transfer-Encoding in HTTP/1.0"};
        }
        if (fields.encodings > 1 || !ascii_iequals(fields.encoding, "chunked")) {
            return {400, "Transfer-Encoding other than chunked"};
        }
        head.chunked = true;
        return {};
    }
    if (fields.lengths == 0) {
        return {};
    }
    if (fields.lengths > 1) {
        return {400, "repeated Content-Length"};
    }
    std::uint64_t length = 0;
    const char* end = fields.length.data() + fields.length.size();
    for (const char c : fields.length) {
        if (!is_ascii_digit(c)) {
            return {400, "bad Content-Length"};
        }
    }
    if (fields.length.empty() || fields.length.size() > content_length_digits_max ||
        std::from_chars(fields.length.data(), end, length).ptr != end) {
        return {400, "bad Content-Length"};
    }
    head.content_length = length;
    return {};
}

Refusal read_target(const Fields& fields, RequestHead& head) {
    if (fields.hosts > 1) {
        return {400, "repeated Host"};
    }
    if (fields.hosts == 0 && !head.http10) {
        return {400, "missing Host"};
    }
    if (fields.hosts == 1 && !is_host(fields.host)) {
        return {400, "bad Host"};
    }
    if (head.target.front() == '/' || (head.target == "*" && head.method == "OPTIONS")) {
        return {};
    }
    // Absolute form: a second place for the host, which must say the same.
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (head.target.size() > scheme.size() &&
            ascii_iequals(head.target.substr(0, scheme.size()), scheme)) {
            const std::string_view after = head.target.substr(scheme.size());
            const std::string_view authority = after.substr(0, after.find_first_of("/?"));
            if (fields.hosts != 1 || !ascii_iequals(authority, fields.host)) {
                return {400, "request target names another host"};
            }
            head.target = after.substr(authority.size());
            if (head.target.empty()) {
                head.target = "/";
            }
            return head.target.front() == '/' ? Refusal{} : Refusal{400, "bad request target"};
        }
    }
    return {400, "bad request target"};
}

}  // namespace

RequestHead judge_request_head(std::string_view block, std::size_t fields_max) {
    RequestHead head;
    const std::string_view line = block.substr(0, block.find(crlf));
    Fields fields;
    const std::string_view rest = block.substr(line.size() + crlf.size());
    if (rest.empty()) {
        head.refusal = {400, "empty request line"};
        return head;
    }
    if ((head.refusal = read_request_line(line, head)) ||
        (head.refusal = read_fields(rest, fields_max, fields)) ||
        (head.refusal = read_framing(fields, head)) || (head.refusal = read_target(fields, head))) {
        return head;
    }
    if (!fields.expect.empty() && !head.http10) {
        if (!ascii_iequals(fields.expect, "100-continue")) {
            head.refusal = {417, "unknown expectation"};
            return head;
        }
        head.expects_continue = true;
    }
    return head;
}

}  // namespace gw::net
