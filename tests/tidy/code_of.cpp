// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>

namespace gw::tidy {
namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where the literal or comment that begins at `at` ends (one past), or `at` if none begins there.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
    const auto behind = [&](std::size_t found, std::size_t length) {
        return found == std::string_view::npos ? text.size() : found + length;
    };
    const std::string_view rest = text.substr(at);
    const bool word_before = at > 0 && is_word(text[at - 1]);
    if (rest.starts_with("//")) {
        return behind(text.find('\n', at), 0);
    }
    if (rest.starts_with("/*")) {
        return behind(text.find("*/", at + 2), 2);
    }
    if (rest.starts_with("R\"") && !word_before) {
        const std::size_t open = text.find('(', at);
        if (open == std::string_view::npos) {
            return text.size();
        }
        const std::string close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
        return behind(text.find(close, open), close.size());
    }
    // A quote right after a word character is a digit separator: 10'000.
    if (text[at] == '"' || (text[at] == '\'' && !word_before)) {
        for (std::size_t i = at + 1; i < text.size(); ++i) {
            if (text[i] == '\\') {
                ++i;
            } else if (text[i] == text[at] || text[i] == '\n') {
                return i + 1;
            }
        }
        return text.size();
    }
    return at;
}

}  // namespace

std::string code_of(std::string_view text) {
    std::string out(text);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = end_of_blank(text, at);
        if (end == at) {
            ++at;
            continue;
        }
        std::replace_if(
            out.begin() + static_cast<std::ptrdiff_t>(at),
            out.begin() + static_cast<std::ptrdiff_t>(std::min(end, text.size())),
            [](char c) { return c != '\n'; }, ' ');
        at = end;
    }
    return out;
}

bool is_code(std::string_view path) {
    return path.ends_with(".cpp") || path.ends_with(".hpp");
}
bool is_header(std::string_view path) {
    return path.ends_with(".hpp");
}
bool is_test(std::string_view path) {
    return path.starts_with("tests/");
}

}  // namespace gw::tidy
