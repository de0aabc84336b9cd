#pragma once
// SPDX-License-Identifier: Apache-2.0
// A JSON document as the loader needs it: members in the order written and every number with its
// text, so that money is never read through a double. Hides the JSON library. Plain values without
// a thread promise.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::config {

struct Member;

struct Node {
    enum class Type : std::uint8_t { null, boolean, number, string, array, object };

    Type type = Type::null;
    bool boolean = false;
    std::optional<std::int64_t>
        integer;                  // a number written without fraction and exponent that fits
    std::string text;             // a string's value, a number as written
    std::vector<Node> items;      // of an array
    std::vector<Member> members;  // of an object; a repeated key only the first time

    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Member {
    std::string key;
    Node value;
};

inline constexpr std::size_t json_depth_max = 16;

struct Parsed {
    std::optional<Node> root;  // none if the text is not JSON
    std::vector<std::string>
        faults;  // "3:14: what" or "$.path: what"; never a string value of the document
};

// JSON with // and /* */ comments.
Parsed parse_tree(std::string_view text);

// `.key`, or `["odd key"]` escaped and cut, to be appended to a JSON path.
std::string path_step(std::string_view key);

}  // namespace gw::config
