#pragma once
// SPDX-License-Identifier: Apache-2.0
// Walking a text line by line, and finding whole words in it. Pure.
#include <cctype>
#include <cstddef>
#include <string_view>

namespace gw::tidy {

// Calls visit(line, number) for every line, numbered from 1.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        visit(text.substr(0, end), ++number);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
}

inline bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where `token` stands at or after `from`, not as part of a longer word; npos if nowhere.
inline std::size_t find_word(std::string_view text, std::string_view token, std::size_t from = 0) {
    for (std::size_t at = text.find(token, from); at != std::string_view::npos;
         at = text.find(token, at + 1)) {
        const std::size_t end = at + token.size();
        const bool begins =
            at == 0 || !is_word_character(token.front()) || !is_word_character(text[at - 1]);
        const bool ends =
            end == text.size() || !is_word_character(token.back()) || !is_word_character(text[end]);
        if (begins && ends) {
            return at;
        }
    }
    return std::string_view::npos;
}

}  // namespace gw::tidy
