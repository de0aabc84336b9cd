// SPDX-License-Identifier: Apache-2.0
// Any bytes as the header block of a request: never a crash; its end is found the same however it
// arrives; what is not refused can be read in one way only.
#include "gateway/net/request_head.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

void require(bool truth, const char* what) {
    if (!truth) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view data(reinterpret_cast<const char*>(bytes), size);
    gw::net::HeadEnd at_once;
    const std::size_t end = at_once.find(data);
    gw::net::HeadEnd in_pieces;
    std::size_t found = 0;
    for (std::size_t have = 0; have <= data.size() && found == 0 && !in_pieces.bare_line_feed();
         ++have) {
        found = in_pieces.find(data.substr(0, have));
    }
    require(found == end && in_pieces.bare_line_feed() == at_once.bare_line_feed(),
            "the end of the block does not depend on the pieces");
    if (end == 0) {
        return 0;
    }
    require(end <= data.size(), "the block is in the data");
    const gw::net::RequestHead head = gw::net::judge_request_head(data.substr(0, end), 100);
    if (head.refusal) {
        require(head.refusal.status >= 400 && !head.refusal.reason.empty(), "why it is refused");
        return 0;
    }
    require(!head.method.empty() && is_visible(head.method), "method");
    require(!head.target.empty() && is_visible(head.target), "target");
    require(!(head.chunked && head.content_length), "one length");
    require(!(head.chunked && head.http10), "HTTP/1.0 has no chunks");
    return 0;
}
