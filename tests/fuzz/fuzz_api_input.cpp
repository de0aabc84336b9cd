// SPDX-License-Identifier: Apache-2.0
// Any bytes as an API request's body, query, path segment and cursor: never a crash; a body that is
// read is JSON, a cursor that is taken has one spelling.
#include "gateway/http/body_json.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/target.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using gw::http::Field;
using gw::http::FieldKind;

void require(bool truth, const char* what) {
    if (!truth) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

constexpr std::array fields{
    Field{.name = "text", .reason = "text", .min = 1, .max = 100},
    Field{.name = "number", .reason = "number", .kind = FieldKind::integer, .min = 1, .max = 20},
    Field{.name = "object", .reason = "object", .kind = FieldKind::object, .max = 1'000},
    Field{.name = "switch", .reason = "switch", .kind = FieldKind::boolean}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(bytes), size);
    gw::net::HttpRequest request;
    request.headers.add("Content-Type", "application/json");
    request.body = text;
    gw::http::FieldFaults faults;
    const auto read = gw::http::read_body(request, fields, faults);
    if (const auto* values = std::get_if<gw::http::FieldValues>(&read)) {
        require(text.empty() || nlohmann::json::accept(text), "what is read is JSON");
        if (const auto number = values->get<std::int64_t>("number")) {
            require(*number >= 1 && *number <= 20, "a number in its range");
        }
    } else {
        require(!std::get<gw::http::Problem>(read).details.empty(), "a fault has a name");
    }
    if (const auto cursor = gw::http::parse_cursor(text)) {
        require(gw::http::to_text(*cursor) == text, "one spelling of a cursor");
    }
    const auto parts = gw::http::split_target(text);
    (void)gw::http::percent_decode(parts.path);
    if (const auto query = gw::http::parse_query(parts.query)) {
        require(query->size() <= gw::http::query_parameters_max, "a bounded query");
    }
    return 0;
}
