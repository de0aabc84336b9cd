#include "gateway/domain/e164.hpp"

#include <algorithm>

namespace gw {

bool is_e164(std::string_view text) {
    if (text.size() < 3 || text.size() > 16 || text[0] != '+' || text[1] < '1' || text[1] > '9') {
        return false;
    }
    return std::all_of(text.begin() + 2, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> e164_of(std::string_view address) {
    if (is_e164(address)) {
        return std::string(address);
    }
    const auto scheme = address.find(':');
    const auto at = address.find('@');
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t from = scheme != std::string_view::npos && scheme < at ? scheme + 1 : 0;
    std::string_view user = address.substr(from, at - from);
    user = user.substr(0, user.find(';'));
    if (!is_e164(user)) {
        return std::nullopt;
    }
    return std::string(user);
}

std::string mask_phone(std::string_view text) {
    constexpr std::size_t shown_head = 4;
    constexpr std::size_t shown_tail = 2;
    if (text.size() < shown_head + shown_tail + 2) {
        return std::string(text.empty() ? 0 : 4, '*');
    }
    std::string out(text);
    std::fill(out.begin() + shown_head, out.end() - shown_tail, '*');
    return out;
}

}  // namespace gw
