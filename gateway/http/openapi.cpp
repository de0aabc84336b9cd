// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/openapi.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace gw::http {
namespace {

// FNV-1a: tells two documents apart, and need not resist anybody.
std::string tag_of(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
    return fmt::format("\"{:016x}\"", hash);
}

}  // namespace

net::HttpResponse openapi_response(const net::Headers& request) {
    static const std::string tag = tag_of(openapi_document());
    net::HttpResponse response;
    response.headers.add("ETag", tag);
    response.headers.add("Cache-Control", "public, max-age=300");
    const auto known = request.find("If-None-Match");
    if (known && known->find(tag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", "application/json");
    response.body = openapi_document();
    return response;
}

}  // namespace gw::http
