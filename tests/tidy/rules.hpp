#pragma once
// SPDX-License-Identifier: Apache-2.0
// The habits of this code base that a text can be checked for. Each rule takes files as values and
// returns what is wrong, so that it is tested with planted faults as well as on the tree. Pure.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gw::tidy {

struct SourceFile {
    std::string path;  // from the repository's root, with '/'
    std::string text;
};

struct Finding {
    std::string path;
    std::size_t line = 0;  // 0: the file as a whole
    std::string what;

    friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;
using Tree = std::vector<SourceFile>;

// The text with comments, string and character literals blanked (line breaks stay), so that a rule
// about code does not trip over prose.
std::string code_of(std::string_view text);

[[nodiscard]] bool is_code(std::string_view path);    // .cpp, .hpp
[[nodiscard]] bool is_header(std::string_view path);  // .hpp
[[nodiscard]] bool is_test(std::string_view path);    // below tests/

// --- layers.cpp
// Every #include "…" leads to a file of the tree by its path from the root, along an allowed edge.
Findings check_includes(const Tree& tree);
// Every header is included by somebody.
Findings check_unused_headers(const Tree& tree);

// --- banned.cpp
// Calls and includes that have a better place or a better replacement.
Findings check_banned(const Tree& tree);
// The operand of co_await builds nothing with braces and no capturing lambda: g++ 12 destroys such
// temporaries twice.
Findings check_co_await(const Tree& tree);

// --- files.cpp
Findings check_sizes(const Tree& tree);
// #pragma once, the licence line, and a comment that says what the header is.
Findings check_header_openings(const Tree& tree);
// Control characters, invisible and bidirectional ones, tabs, blanks at line ends, a missing last
// line break.
Findings check_characters(const Tree& tree);
// A marker for later work names an issue: TODO(#12).
Findings check_markers(const Tree& tree);
Findings check_readmes(const Tree& tree);
// Nothing here leans on what lies outside the repository.
Findings check_self_contained(const Tree& tree);

// --- docs.cpp
// Relative links of every .md lead to something in the tree.
Findings check_links(const Tree& tree);
// In the given document, a code span that looks like a file of ours exists, and one that looks like
// a function, `name()`, is found in the file named last before it.
Findings check_names(const Tree& tree, std::string_view document);
// In the first column of the document's tables, a code span that is one lower-case name (a log
// event or a metric, labels aside) stands as a string in the product's sources.
Findings check_signals(const Tree& tree, std::string_view document);

// --- spec.cpp
// Every row of the tables in tests/spec has an id of its own and is proved: by tests that exist, or
// by golden rows that say what it says; or it names the issue that will carry it.
Findings check_specification(const Tree& tree);

}  // namespace gw::tidy
