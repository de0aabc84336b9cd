// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/response_text.hpp"

#include <gtest/gtest.h>

namespace gw::net {
namespace {

TEST(ResponseText, FramingFieldsAreTheServersOwn) {
    const HttpResponse response{200,
                                {{"A", "b"},
                                 {"content-length", "99"},
                                 {"Transfer-Encoding", "chunked"},
                                 {"Connection", "x"}},
                                "hi"};
    std::string out = "before ";
    ASSERT_TRUE(append_response_head(out, response, {}));
    EXPECT_EQ(out, "before HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\n");
}

TEST(ResponseText, ConnectionSaysWhatHappensNext) {
    std::string out;
    append_response_head(out, HttpResponse{204, {}, ""}, {.http10 = false, .close = true});
    EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    out.clear();
    append_response_head(out, HttpResponse{304, {}, ""}, {.http10 = true, .close = false});
    EXPECT_EQ(out, "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseText, AResponseThatWouldSplitTheStreamIsRefusedWhole) {
    std::string out = "x";
    EXPECT_FALSE(append_response_head(out, HttpResponse{200, {{"A", "b\r\nC: d"}}, ""}, {}));
    EXPECT_FALSE(append_response_head(out, HttpResponse{200, {{"A: b\r\nC", "d"}}, ""}, {}));
    EXPECT_FALSE(append_response_head(out, HttpResponse{99, {}, ""}, {}));
    EXPECT_FALSE(append_response_head(out, HttpResponse{1000, {}, ""}, {}));
    EXPECT_EQ(out, "x");
}

}  // namespace
}  // namespace gw::net
