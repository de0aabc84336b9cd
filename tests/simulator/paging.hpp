#pragma once
// SPDX-License-Identifier: Apache-2.0
// The page of a list that a GET asks for, in either of Telnyx's two ways: by cursor, as its OpenAPI
// document describes, or by number, as its SDKs go through the same list. Pure.
#include "tests/simulator/api_error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw::simulator {

struct Page {
    std::size_t limit = 20;  // the documented default; at most 250
    // At most one of these; the cursors are ordinals of entries, which need not exist any more.
    std::optional<std::uint64_t> after = {};
    std::optional<std::uint64_t> before = {};
    std::optional<std::uint64_t> number = {};  // from 1

    [[nodiscard]] bool by_cursor() const { return after || before; }
};

struct PageOrErrors {
    Page page;
    std::vector<ApiError> errors = {};
};

// Reads page[after], page[before], page[limit], page[size] and page[number]. Other members of the
// query are ignored.
PageOrErrors page_from(const std::map<std::string, std::string>& query);
std::string cursor_of(std::uint64_t ordinal);

}  // namespace gw::simulator
