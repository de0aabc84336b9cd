// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/lines.hpp"
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <set>

namespace gw::tidy {
namespace {

constexpr std::size_t lines_max = 400;
constexpr std::size_t test_lines_max = 600;

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_text(std::string_view path) {
    constexpr std::string_view endings[] = {".cpp", ".hpp", ".md",   ".sh",  ".sql", ".cmake",
                                            ".txt", ".mjs", ".json", ".yml", ".js"};
    return std::any_of(std::begin(endings), std::end(endings),
                       [&](std::string_view ending) { return path.ends_with(ending); });
}

// Recorded input keeps its bytes as they came.
bool is_recorded(std::string_view path) {
    return path.starts_with("tests/fuzz/") || path.starts_with("tests/golden/") ||
           path.find("/fixtures/") != std::string_view::npos || path.ends_with("-lock.json");
}

// A test needs no page for each folder below the kind of test it is.
std::string_view folder_of_readme(std::string_view folder) {
    if (folder.starts_with("cmake")) {
        return "cmake";
    }
    if (!folder.starts_with("tests/")) {
        return folder == "config/reference" ? std::string_view{"config"} : folder;
    }
    return folder.substr(0, folder.find('/', std::string_view{"tests/"}.size()));
}

// The code point that begins at `at`, for the two- and three-byte forms that can be invisible.
bool is_invisible(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    if (byte(0) == 0xC2) {
        return byte(1) >= 0x80 && byte(1) <= 0x9F;  // C1 controls
    }
    if (byte(0) == 0xE2 && byte(1) == 0x80) {
        return (byte(2) >= 0x8B && byte(2) <= 0x8F) ||  // zero width, directional marks
               (byte(2) >= 0xA8 && byte(2) <= 0xAE);    // separators, bidirectional overrides
    }
    if (byte(0) == 0xE2 && byte(1) == 0x81) {
        return byte(2) >= 0xA6 && byte(2) <= 0xA9;  // isolates
    }
    return byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF;  // byte order mark
}

std::string fault_in_line(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto c = static_cast<unsigned char>(line[i]);
        if (c == '\t') {
            return "holds a tab";
        }
        if (c < 0x20 || c == 0x7F) {
            return "holds a control character";
        }
        if (is_invisible(line, i)) {
            return "holds an invisible character";
        }
    }
    return line.ends_with(' ') ? "ends in a blank" : std::string{};
}

}  // namespace

Findings check_sizes(const Tree& tree) {
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        const auto lines =
            static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
        const std::size_t most = is_test(file.path) ? test_lines_max : lines_max;
        if (lines > most) {
            findings.push_back(
                {file.path, 0,
                 "has " + std::to_string(lines) + " lines, more than " + std::to_string(most)});
        }
    }
    return findings;
}

Findings check_header_openings(const Tree& tree) {
    constexpr std::string_view opening =
        "#pragma once\n// SPDX-License-Identifier: Apache-2.0\n// ";
    Findings findings;
    for (const SourceFile& file : tree) {
        if (is_header(file.path) && !file.text.starts_with(opening)) {
            findings.push_back({file.path, 1,
                                "a header begins with #pragma once, the SPDX line and a comment "
                                "that says what it is"});
        }
    }
    return findings;
}

Findings check_characters(const Tree& tree) {
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_text(file.path) || is_recorded(file.path)) {
            continue;
        }
        for_each_line(file.text, [&](std::string_view line, std::size_t number) {
            if (std::string fault = fault_in_line(line); !fault.empty()) {
                findings.push_back({file.path, number, std::move(fault)});
            }
        });
        if (!file.text.empty() && !file.text.ends_with('\n')) {
            findings.push_back({file.path, 0, "does not end in a line break"});
        }
    }
    return findings;
}

Findings check_markers(const Tree& tree) {
    // Spelt in two parts, so that this file passes its own rule.
    const std::string markers[] = {std::string("TO") + "DO", std::string("FIX") + "ME",
                                   std::string("XX") + "X", std::string("HA") + "CK"};
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        for_each_line(file.text, [&](std::string_view line, std::size_t number) {
            for (const std::string& marker : markers) {
                const std::size_t at = find_word(line, marker);
                if (at != std::string_view::npos &&
                    !line.substr(at + marker.size()).starts_with("(#")) {
                    findings.push_back({file.path, number, marker + " names no issue"});
                }
            }
        });
    }
    return findings;
}

Findings check_readmes(const Tree& tree) {
    std::set<std::string_view> having;
    for (const SourceFile& file : tree) {
        if (file.path.ends_with("/README.md")) {
            having.insert(folder_of(file.path));
        }
    }
    std::set<std::string_view> missing;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        const std::string_view folder = folder_of_readme(folder_of(file.path));
        if (!having.contains(folder)) {
            missing.insert(folder);
        }
    }
    Findings findings;
    for (const std::string_view folder : missing) {
        findings.push_back({std::string(folder), 0, "has code and no README.md"});
    }
    return findings;
}

Findings check_self_contained(const Tree& tree) {
    const std::string outside[] = {std::string("../") + "shared", std::string("/wo") + "rk/"};
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_text(file.path)) {
            continue;
        }
        for_each_line(file.text, [&](std::string_view line, std::size_t number) {
            for (const std::string& path : outside) {
                if (line.find(path) != std::string_view::npos) {
                    findings.push_back({file.path, number, "mentions " + path});
                }
            }
        });
    }
    return findings;
}

}  // namespace gw::tidy
