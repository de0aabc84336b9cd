// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/lines.hpp"
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

namespace gw::tidy {
namespace {

// What carries the rows that are not kept yet; tests/spec/README.md says what each stands for.
constexpr std::string_view issues[] = {"voice",      "recordings", "server_url",
                                       "extraction", "webhooks",   "replicas"};

using Cells = std::vector<std::string_view>;
using Row = std::map<std::string_view, std::string_view>;  // column to cell

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \n");
    return from == std::string_view::npos
               ? std::string_view{}
               : text.substr(from, text.find_last_not_of(" \n") - from + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view by) {
    std::vector<std::string_view> parts;
    for (std::size_t at = text.find(by); at != std::string_view::npos; at = text.find(by)) {
        parts.push_back(trimmed(text.substr(0, at)));
        text = text.substr(at + by.size());
    }
    parts.push_back(trimmed(text));
    return parts;
}

// "| a | b |" -> a, b; nothing when the line is no row.
Cells cells_of(std::string_view line) {
    return line.size() > 2 && line.starts_with("| ") && line.ends_with(" |")
               ? split(line.substr(1, line.size() - 2), "|")
               : Cells{};
}

std::vector<std::string_view> code_spans(std::string_view cell) {
    std::vector<std::string_view> spans;
    const auto parts = split(cell, "`");
    for (std::size_t i = 1; i < parts.size(); i += 2) {
        spans.push_back(parts[i]);
    }
    return spans;
}

bool is_of_specification(const SourceFile& file) {
    return file.path.starts_with("tests/spec/") && file.path.ends_with(".md") &&
           file.path != "tests/spec/README.md";
}

// "Suite.Test" of every test of the tree.
std::set<std::string> names_of_tests(const Tree& tree) {
    std::set<std::string> names;
    for (const SourceFile& file : tree) {
        if (!is_test(file.path) || !is_code(file.path)) {
            continue;
        }
        const std::string code = code_of(file.text);
        for (const std::string_view macro : {"TEST", "TEST_F", "TEST_P", "TYPED_TEST"}) {
            for (std::size_t at = find_word(code, macro); at != std::string::npos;
                 at = find_word(code, macro, at + 1)) {
                const std::string_view rest = std::string_view(code).substr(at + macro.size());
                const std::size_t end = rest.find(')');
                if (!rest.starts_with('(') || end == std::string_view::npos) {
                    continue;
                }
                const auto names_in = split(rest.substr(1, end - 1), ",");
                if (names_in.size() == 2) {
                    names.insert(std::string(names_in[0]) + "." + std::string(names_in[1]));
                }
            }
        }
    }
    return names;
}

// State and input of every golden row, and what stands behind them.
using GoldenRows = std::map<std::pair<std::string, std::string>, std::string>;

GoldenRows golden_rows(const Tree& tree) {
    GoldenRows rows;
    for (const SourceFile& file : tree) {
        if (!file.path.starts_with("tests/golden/")) {
            continue;
        }
        std::string state;
        for_each_line(file.text, [&](std::string_view line, std::size_t) {
            if (line.starts_with("== ")) {
                state = line.substr(3);
            } else if (const std::size_t bar = line.find(" | "); bar != std::string_view::npos) {
                rows[{state, std::string(line.substr(0, bar))}] = line.substr(bar);
            }
        });
    }
    return rows;
}

// `state > input > what the row says`, where " : " stands for the bar that a cell cannot hold.
// As whole words: "hangup" does not stand in "hangup-target".
bool stands_in(std::string_view text, std::string_view words) {
    const auto joins = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    };
    for (std::size_t at = text.find(words); at != std::string_view::npos;
         at = text.find(words, at + 1)) {
        const std::size_t end = at + words.size();
        if ((at == 0 || !joins(text[at - 1])) && (end == text.size() || !joins(text[end]))) {
            return true;
        }
    }
    return false;
}

std::string fault_of_golden(const GoldenRows& rows, std::string_view span) {
    const auto parts = split(span, " > ");
    if (parts.size() != 3 || parts[2].empty()) {
        return "`" + std::string(span) + "` is no `state > input > result`";
    }
    const auto row = rows.find({std::string(parts[0]), std::string(parts[1])});
    if (row == rows.end()) {
        return "no golden row `" + std::string(parts[0]) + " > " + std::string(parts[1]) + "`";
    }
    std::string result(parts[2]);
    for (std::size_t at = result.find(" : "); at != std::string::npos;
         at = result.find(" : ", at)) {
        result.replace(at, 3, " | ");
    }
    return !stands_in(row->second, result)
               ? "the golden row of `" + std::string(span) + "` says" + row->second
               : std::string{};
}

class SpecificationCheck {
public:
    explicit SpecificationCheck(const Tree& tree)
        : tests_(names_of_tests(tree)), golden_(golden_rows(tree)) {}

    void check(const SourceFile& file) {
        Cells columns;
        std::size_t rows = 0;
        for_each_line(file.text, [&](std::string_view line, std::size_t number) {
            const Cells cells = cells_of(line);
            if (cells.empty()) {
                if (!columns.empty() && line.starts_with('|')) {
                    add(file, number, "is no row of the table");
                }
                columns.clear();
            } else if (columns.empty()) {
                columns = cells;
            } else if (!cells[0].starts_with("---")) {
                ++rows;
                check_cells(file, number, columns, cells);
            }
        });
        if (rows == 0) {
            add(file, 0, "has no row");
        }
    }
    Findings findings;

private:
    void add(const SourceFile& file, std::size_t line, std::string what) {
        findings.push_back({file.path, line, std::move(what)});
    }

    void check_cells(const SourceFile& file, std::size_t number, const Cells& columns,
                     const Cells& cells) {
        if (cells.size() != columns.size()) {
            add(file, number, "has " + std::to_string(cells.size()) + " cells");
            return;
        }
        Row row;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            row[columns[i]] = cells[i];
        }
        for (const std::string_view needed : {"id", "statement", "proved by", "later"}) {
            if (!row.contains(needed)) {
                add(file, number, "stands in a table without column " + std::string(needed));
                return;
            }
        }
        check_row(file, number, row);
    }

    void check_row(const SourceFile& file, std::size_t number, Row& row) {
        const std::string_view id = row["id"];
        const bool good = !id.empty() && id.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyz_"
                                             "0123456789.-") == id.npos;
        if (!good) {
            add(file, number, "has no id of small letters, digits, dots");
        } else if (!ids_.insert(std::string(id)).second) {
            add(file, number, "the id " + std::string(id) + " is taken");
        }
        if (row["statement"].empty()) {
            add(file, number, "states nothing");
        }
        const auto tests = code_spans(row["proved by"]);
        for (const std::string_view test : tests) {
            if (!tests_.contains(std::string(test))) {
                add(file, number, "no test is called " + std::string(test));
            }
        }
        const auto golden = code_spans(row["golden rows"]);
        for (const std::string_view span : golden) {
            if (std::string fault = fault_of_golden(golden_, span); !fault.empty()) {
                add(file, number, std::move(fault));
            }
        }
        const std::string_view later = row["later"];
        if (later.empty() && tests.empty() && golden.empty()) {
            add(file, number, "nothing proves it");
        }
        if (!later.empty() &&
            std::find(std::begin(issues), std::end(issues), later) == std::end(issues)) {
            add(file, number, "no issue is called " + std::string(later));
        }
    }

    std::set<std::string> tests_;
    GoldenRows golden_;
    std::set<std::string> ids_;
};

}  // namespace

Findings check_specification(const Tree& tree) {
    SpecificationCheck check(tree);
    for (const SourceFile& file : tree) {
        if (is_of_specification(file)) {
            check.check(file);
        }
    }
    return check.findings;
}

}  // namespace gw::tidy
