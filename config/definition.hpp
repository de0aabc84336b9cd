#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one table of configuration keys: what exists, what it may be, what it is when left out, what
// it means and where in Settings it goes. Loader, reference and tests are driven by it. Constant
// after first use; any thread.
#include "config/settings.hpp"
#include "config/value.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace gw::config {

enum class Need : std::uint8_t { optional, required };

struct Range {
    std::int64_t min;
    std::int64_t max;
};

struct Row {
    // "agents[].rates.rate_per_minute". A path that ends in [] is an array; of objects for
    // Kind::objects.
    std::string_view path;
    Kind kind;
    // Puts a checked value into Settings (an object row: no value; it only comes to exist there).
    // `index` counts the objects of the array the path goes through.
    void (*set)(Settings& into, std::size_t index, const Value* value);
    std::string_view text;           // one line for the reference
    Range range{0, 0};               // of a number; of a string's length in bytes
    std::string_view standard = {};  // JSON text of the default; empty: none
    Need need = Need::optional;
    bool secret = false;
    bool one_or_list =
        false;          // for a path that ends in []: a single value may stand without the brackets
    Range items{0, 0};  // of an array: how many
    std::span<const std::string_view> words = {};  // of a choice, in the order of the enumeration

    [[nodiscard]] bool is_list() const { return path.ends_with("[]"); }
};

// In the order of the reference. An object's row stands before the rows below it.
const std::vector<Row>& definition();

// Its parts, one subject each.
std::vector<Row> service_rows();
std::vector<Row> call_rows();
std::vector<Row> org_rows();
std::vector<Row> agent_rows();
std::vector<Row> access_rows();

// The events an endpoint may ask for; "*" is all of them.
std::span<const std::string_view> event_words();

}  // namespace gw::config
