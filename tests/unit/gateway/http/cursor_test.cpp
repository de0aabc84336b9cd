// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/cursor.hpp"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

const ports::CallCursor cursor{utc_from_micros(1'768'471'200'123'456), CallId(4711)};

TEST(Cursor, ComesBackAsItWas) {
    const std::string text = to_text(cursor);
    EXPECT_EQ(text.size(), 32U);
    EXPECT_EQ(
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    const auto back = parse_cursor(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->created_at, cursor.created_at);
    EXPECT_EQ(back->id, cursor.id);
}

TEST(Cursor, AnyOneCharacterChangedIsRefused) {
    const std::string text = to_text(cursor);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : std::string_view("AZaz09-_")) {
            std::string changed = text;
            changed[i] = c;
            EXPECT_EQ(parse_cursor(changed).has_value(), changed == text) << i << c;
        }
    }
}

TEST(Cursor, OtherTextsAreRefused) {
    const std::string text = to_text(cursor);
    for (const std::string& bad :
         {std::string(), std::string("x"), text.substr(1), text + "A", text + "=",
          std::string(32, 'A'), std::string(32, '='), std::string(32, '\0'),
          std::string(100'000, 'A'), "+" + text.substr(1)}) {
        EXPECT_FALSE(parse_cursor(bad)) << bad.substr(0, 40);
    }
}

TEST(Cursor, ACallNumberBelowOneIsRefusedWhateverTheChecksum) {
    EXPECT_FALSE(parse_cursor(to_text({cursor.created_at, CallId(0)})));
    EXPECT_FALSE(parse_cursor(to_text({cursor.created_at, CallId(-5)})));
}

}  // namespace
}  // namespace gw::http
