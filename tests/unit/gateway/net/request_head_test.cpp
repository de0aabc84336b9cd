// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/request_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::net {
namespace {

TEST(HeadEnd, FindsTheBlankLineHoweverTheBytesArrive) {
    const std::string block = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string stream = block + "rest";
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        HeadEnd end;
        std::size_t found = 0;
        for (std::size_t have = step; found == 0; have = std::min(have + step, stream.size())) {
            found = end.find(std::string_view(stream).substr(0, have));
            ASSERT_FALSE(end.bare_line_feed());
            if (have == stream.size()) {
                break;
            }
        }
        EXPECT_EQ(found, block.size()) << "in steps of " << step;
    }
}

TEST(HeadEnd, ABareLineFeedIsSeenAtOnce) {
    for (const std::string text :
         {"\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "\r\r\n\n"}) {
        HeadEnd end;
        end.find(text);
        EXPECT_TRUE(end.bare_line_feed()) << text;
    }
}

TEST(RequestHead, ReadsWhatAServerNeedsBeforeTheParser) {
    const std::string block =
        "POST /a?b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n\r\n";
    const RequestHead head = judge_request_head(block, 100);
    EXPECT_FALSE(head.refusal) << head.refusal.reason;
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.content_length, 12U);
    EXPECT_TRUE(head.expects_continue);
    EXPECT_TRUE(head.has_body());
    EXPECT_FALSE(head.http10);
}

TEST(RequestHead, AnAbsoluteTargetOfTheSameHostBecomesItsOriginForm) {
    EXPECT_EQ(judge_request_head("GET http://H/p?q HTTP/1.1\r\nHost: h\r\n\r\n", 100).target,
              "/p?q");
    EXPECT_EQ(judge_request_head("GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n", 100).target, "/");
}

TEST(RequestHead, TheFieldLimitIsExact) {
    std::string block = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 9; ++i) {
        block += "A: b\r\n";
    }
    EXPECT_FALSE(judge_request_head(block + "\r\n", 10).refusal);
    EXPECT_EQ(judge_request_head(block + "A: b\r\n\r\n", 10).refusal.status, 431U);
}

}  // namespace
}  // namespace gw::net
