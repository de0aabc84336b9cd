#pragma once
// SPDX-License-Identifier: Apache-2.0
// Judges the raw header block of a request before anything parses it: whatever two parsers could
// read in two ways is refused here (SECURITY: smuggling), so that the parser behind it only meets
// plain cases. Pure.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::net {

struct Refusal {
    unsigned status = 0;      // 0: not refused
    std::string_view reason;  // static text
    explicit operator bool() const { return status != 0; }
};

// Finds the end of a header block that arrives in pieces, looking at each byte once.
class HeadEnd {
public:
    // `data` is all that arrived, the same bytes as before and more. Returns the size of the block
    // with its blank line, or 0. A line that ends in LF without CR sets bare_line_feed().
    std::size_t find(std::string_view data);
    [[nodiscard]] bool bare_line_feed() const { return bare_line_feed_; }

private:
    std::size_t line_begin_ = 0;
    std::size_t scanned_ = 0;
    bool bare_line_feed_ = false;
};

struct RequestHead {
    Refusal refusal;
    std::string_view method;
    std::string_view
        target;  // origin form: an absolute form whose authority is the Host is cut down
    bool http10 = false;
    bool chunked = false;
    bool expects_continue = false;
    std::optional<std::uint64_t> content_length;
    [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) != 0; }
};

// `block` ends with its blank line. The views in the answer point into it.
RequestHead judge_request_head(std::string_view block, std::size_t fields_max);

}  // namespace gw::net
