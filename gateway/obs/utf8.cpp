// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/utf8.hpp"

#include <cstddef>

namespace gw::obs {
namespace {

struct Lead {
    std::size_t length;  // of the whole sequence; 0 if no sequence begins with this byte
    unsigned char
        low;  // what the second byte may be: rules out overlong forms, surrogates, past U+10FFFF
    unsigned char high;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, 0, 0};
    }
    if (byte < 0xC2 || byte > 0xF4) {
        return {0, 0, 0};
    }
    if (byte < 0xE0) {
        return {2, 0x80, 0xBF};
    }
    if (byte < 0xF0) {
        return {3, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
                static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
    }
    return {4, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
}

// Length of the well-formed sequence at the front, or 0.
std::size_t sequence_at(std::string_view text) {
    const auto lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.length == 0 || lead.length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < (i == 1 ? lead.low : 0x80) || byte > (i == 1 ? lead.high : 0xBF)) {
            return 0;
        }
    }
    return lead.length;
}

}  // namespace

void append_valid_utf8(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto length = sequence_at(text);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
}

}  // namespace gw::obs
