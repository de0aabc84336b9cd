// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/lines.hpp"
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <set>

namespace gw::tidy {
namespace {

// "docs/tour.md" and "../gateway/x.hpp" -> "gateway/x.hpp".
std::string resolved(std::string_view document, std::string_view link) {
    std::vector<std::string> parts;
    const auto append = [&](std::string_view path) {
        while (!path.empty()) {
            const std::size_t slash = path.find('/');
            const std::string_view part = path.substr(0, slash);
            if (part == ".." && !parts.empty()) {
                parts.pop_back();
            } else if (!part.empty() && part != ".") {
                parts.emplace_back(part);
            }
            path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        }
    };
    const std::size_t slash = document.rfind('/');
    append(slash == std::string_view::npos ? std::string_view{} : document.substr(0, slash));
    append(link);
    std::string out;
    for (const std::string& part : parts) {
        out += out.empty() ? part : "/" + part;
    }
    return out;
}

bool exists(const Tree& tree, const std::string& path) {
    return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
        return file.path == path || file.path.starts_with(path + "/");
    });
}

void check_line_links(const Tree& tree, const SourceFile& file, std::string_view line,
                      std::size_t number, Findings& findings) {
    for (std::size_t at = line.find("]("); at != std::string_view::npos;
         at = line.find("](", at + 2)) {
        const std::size_t end = line.find(')', at);
        std::string_view link = line.substr(
            at + 2, end == std::string_view::npos ? std::string_view::npos : end - at - 2);
        link = link.substr(0, link.find('#'));
        if (link.empty() || link.find("://") != std::string_view::npos) {
            continue;
        }
        if (!exists(tree, resolved(file.path, link))) {
            findings.push_back(
                {file.path, number, "links to " + std::string(link) + ", which does not exist"});
        }
    }
}

const SourceFile* find_file(const Tree& tree, std::string_view path) {
    const auto found = std::find_if(tree.begin(), tree.end(),
                                    [&](const SourceFile& file) { return file.path == path; });
    return found == tree.end() ? nullptr : &*found;
}

// `call_registry` in "gateway/app/call_registry" stands for the .hpp and the .cpp.
bool looks_like_file(std::string_view span) {
    return is_code(span) && span.find('/') != std::string_view::npos &&
           span.find_first_of(" *<") == std::string_view::npos;
}

}  // namespace

Findings check_links(const Tree& tree) {
    Findings findings;
    for (const SourceFile& file : tree) {
        if (file.path.ends_with(".md")) {
            for_each_line(file.text, [&](std::string_view line, std::size_t number) {
                check_line_links(tree, file, line, number, findings);
            });
        }
    }
    return findings;
}

Findings check_names(const Tree& tree, std::string_view document) {
    const SourceFile* file = find_file(tree, document);
    if (file == nullptr) {
        return {{std::string(document), 0, "does not exist"}};
    }
    Findings findings;
    const SourceFile* named = nullptr;
    for_each_line(file->text, [&](std::string_view line, std::size_t number) {
        for (std::size_t open = line.find('`'); open != std::string_view::npos;) {
            const std::size_t close = line.find('`', open + 1);
            if (close == std::string_view::npos) {
                return;
            }
            std::string_view span = line.substr(open + 1, close - open - 1);
            open = line.find('`', close + 1);
            if (looks_like_file(span)) {
                named = find_file(tree, span);
                if (named == nullptr) {
                    findings.push_back({file->path, number, std::string(span) + " does not exist"});
                }
            } else if (span.ends_with("()") && named != nullptr) {
                span.remove_suffix(2);
                span = span.substr(span.rfind(':') == std::string_view::npos ? 0
                                                                             : span.rfind(':') + 1);
                if (find_word(named->text, span) == std::string_view::npos) {
                    findings.push_back(
                        {file->path, number, named->path + " has no " + std::string(span) + "()"});
                }
            }
        }
    });
    return findings;
}

namespace {

// "gw_live_calls{org}" -> "gw_live_calls"; empty when the span is no such name.
std::string_view signal_of(std::string_view span) {
    span = span.substr(0, span.find('{'));
    const bool name = !span.empty() && std::all_of(span.begin(), span.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_';
    });
    return name ? span : std::string_view{};
}

bool is_metric(std::string_view name) {
    return name.starts_with("gateway_") || name.starts_with("telnyx_") ||
           name.starts_with("process_");
}

bool stands_in_product(const Tree& tree, std::string_view name) {
    const std::string quoted = "\"" + std::string(name) + "\"";
    return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
        return is_code(file.path) && !is_test(file.path) &&
               file.text.find(quoted) != std::string::npos;
    });
}

}  // namespace

Findings check_signals(const Tree& tree, std::string_view document) {
    const SourceFile* file = find_file(tree, document);
    if (file == nullptr) {
        return {{std::string(document), 0, "does not exist"}};
    }
    Findings findings;
    for_each_line(file->text, [&](std::string_view line, std::size_t number) {
        const std::size_t first_column_end = line.starts_with("| `") ? line.find(" | ") : 0;
        for (std::size_t open = line.find('`'); open != std::string_view::npos;) {
            const std::size_t close = line.find('`', open + 1);
            if (close == std::string_view::npos) {
                return;
            }
            const std::string_view name = signal_of(line.substr(open + 1, close - open - 1));
            const bool is_signal = open < first_column_end || is_metric(name);
            open = line.find('`', close + 1);
            if (is_signal && !name.empty() && !stands_in_product(tree, name)) {
                findings.push_back({file->path, number, "nothing is called " + std::string(name)});
            }
        }
    });
    return findings;
}

}  // namespace gw::tidy
