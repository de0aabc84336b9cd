// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/url.hpp"

#include <charconv>

namespace gw::simulator {
namespace {

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                text.data() + i + 3) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string_view take(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

}  // namespace

RequestTarget parse_target(std::string_view target) {
    RequestTarget parsed;
    std::string_view path = take(target, '?');
    while (!path.empty()) {
        if (const std::string_view part = take(path, '/'); !part.empty()) {
            parsed.segments.push_back(decoded(part));
        }
    }
    while (!target.empty()) {
        std::string_view value = take(target, '&');
        const std::string_view name = take(value, '=');
        parsed.query[decoded(name)] = decoded(value);
    }
    return parsed;
}

}  // namespace gw::simulator
