// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/paging.hpp"

#include <charconv>
#include <limits>
#include <string_view>

namespace gw::simulator {
namespace {

constexpr std::string_view cursor_start = "v1:";
constexpr std::uint64_t limit_max = 250;  // OpenAPI, parameter page, read 2026-11

ApiError bad_parameter(std::string_view code, const std::string& name, std::string detail) {
    ApiError error = make_error(code, {}, "The '" + name + "' parameter " + std::move(detail));
    error.parameter = name;
    return error;
}

std::optional<std::uint64_t> number_from(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                    : std::nullopt;
}

class Reader {
public:
    explicit Reader(const std::map<std::string, std::string>& query) : query_(query) {}

    std::optional<std::uint64_t> number(const std::string& name, std::uint64_t high) {
        const auto found = query_.find(name);
        if (found == query_.end()) {
            return std::nullopt;
        }
        const auto value = number_from(found->second);
        if (!value) {
            errors.push_back(bad_parameter("10015", name, "must be an integer."));
        } else if (*value < 1 || *value > high) {
            errors.push_back(
                bad_parameter("10033", name, "has a value that is outside of the allowed range."));
        }
        return value;
    }

    // The document's default of both cursors is the word "null": no cursor.
    std::optional<std::uint64_t> cursor(const std::string& name) {
        const auto found = query_.find(name);
        if (found == query_.end() || found->second.empty() || found->second == "null") {
            return std::nullopt;
        }
        const std::string_view text = found->second;
        const auto value = text.starts_with(cursor_start)
                               ? number_from(text.substr(cursor_start.size()))
                               : std::nullopt;
        if (!value) {
            errors.push_back(bad_parameter("10015", name, "is no cursor of this list."));
        }
        return value;
    }

    std::vector<ApiError> errors;

private:
    const std::map<std::string, std::string>& query_;
};

}  // namespace

PageOrErrors page_from(const std::map<std::string, std::string>& query) {
    Reader reader{query};
    Page page;
    for (const char* name : {"page[size]", "page[limit]"}) {
        page.limit = reader.number(name, limit_max).value_or(page.limit);
    }
    page.number = reader.number("page[number]", std::numeric_limits<std::int32_t>::max());
    page.after = reader.cursor("page[after]");
    page.before = reader.cursor("page[before]");
    if ((page.after && page.before) || (page.by_cursor() && page.number)) {
        reader.errors.push_back(bad_parameter("10015", page.after ? "page[after]" : "page[before]",
                                              "cannot be given with another position."));
    }
    return {.page = page, .errors = std::move(reader.errors)};
}

std::string cursor_of(std::uint64_t ordinal) {
    return std::string{cursor_start} + std::to_string(ordinal);
}

}  // namespace gw::simulator
