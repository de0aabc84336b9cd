// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/lines.hpp"
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace gw::tidy {
namespace {

// A layer is a folder; `may_include` lists other layers or single headers. The same edges stand in
// CMakeLists.txt as libraries; adapters (net, http, store, webhooks, obs, telnyx, media) never
// include each other, but for the values of gateway/net.
struct Layer {
    std::string_view folder;
    std::vector<std::string_view> may_include;
    bool includes_all = false;
};

const std::vector<Layer>& layers() {
    static const std::vector<Layer> table = {
        {.folder = "gateway/domain", .may_include = {}},
        {.folder = "gateway/ports", .may_include = {"gateway/domain"}},
        {.folder = "gateway/app",
         .may_include = {"gateway/domain", "gateway/ports", "gateway/net/task_group.hpp"}},
        {.folder = "gateway/net", .may_include = {"gateway/domain"}},
        {.folder = "gateway/http",
         .may_include = {"gateway/domain", "gateway/ports", "gateway/app", "gateway/net"}},
        {.folder = "gateway/store", .may_include = {"gateway/domain", "gateway/ports"}},
        {.folder = "gateway/doctor", .may_include = {"gateway/domain", "gateway/net"}},
        {.folder = "gateway/replay",
         .may_include = {"gateway/domain", "gateway/ports", "telnyx/wire"}},
        {.folder = "gateway/webhooks",
         .may_include = {"gateway/domain", "gateway/ports", "gateway/net"}},
        {.folder = "gateway/obs", .may_include = {"gateway/domain", "gateway/ports"}},
        {.folder = "telnyx/wire", .may_include = {"gateway/domain"}},
        {.folder = "telnyx",
         .may_include = {"gateway/domain", "gateway/ports", "gateway/app", "gateway/net",
                         "telnyx/wire"}},
        {.folder = "media",
         .may_include = {"gateway/domain", "gateway/ports", "gateway/app", "gateway/net"}},
        {.folder = "config", .may_include = {"gateway/domain"}},
        {.folder = "config/reference", .may_include = {"config"}},
        {.folder = "gateway", .may_include = {}, .includes_all = true},  // the composition root
        {.folder = "tests", .may_include = {}, .includes_all = true},
    };
    return table;
}

bool lies_in(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// The layer with the longest folder that holds `path`.
const Layer* layer_of(std::string_view path) {
    const Layer* best = nullptr;
    for (const Layer& layer : layers()) {
        if (lies_in(path, layer.folder) &&
            (best == nullptr || layer.folder.size() > best->folder.size())) {
            best = &layer;
        }
    }
    return best;
}

std::optional<std::string> included_by(std::string_view line) {
    constexpr std::string_view opening = "#include \"";
    if (!line.starts_with(opening)) {
        return std::nullopt;
    }
    line.remove_prefix(opening.size());
    return std::string(line.substr(0, line.find('"')));
}

std::string fault_of_edge(std::string_view from, const std::string& target) {
    const Layer* layer = layer_of(from);
    const Layer* aim = layer_of(target);
    if (layer == nullptr) {
        return "lies in no layer; add its folder to tests/tidy/layers.cpp";
    }
    if (aim == nullptr) {
        return "includes " + target + ", which lies in no layer";
    }
    if (aim == layer) {
        return {};
    }
    if (aim->folder == "tests") {
        return "includes the test header " + target;
    }
    if (layer->includes_all) {
        return {};
    }
    const auto& allowed = layer->may_include;
    const auto named = [&](std::string_view what) {
        return std::find(allowed.begin(), allowed.end(), what) != allowed.end();
    };
    if (named(aim->folder) || named(target)) {
        return {};
    }
    return std::string(layer->folder) + " may not include " + std::string(aim->folder) + " (" +
           target + ")";
}

}  // namespace

Findings check_includes(const Tree& tree) {
    std::set<std::string_view> paths;
    for (const SourceFile& file : tree) {
        paths.insert(file.path);
    }
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        for_each_line(file.text, [&](std::string_view line, std::size_t number) {
            const auto target = included_by(line);
            if (!target) {
                return;
            }
            if (!paths.contains(*target)) {
                findings.push_back({file.path, number,
                                    "includes \"" + *target +
                                        "\", which is no path from the root of the repository"});
                return;
            }
            if (std::string fault = fault_of_edge(file.path, *target); !fault.empty()) {
                findings.push_back({file.path, number, std::move(fault)});
            }
        });
    }
    return findings;
}

Findings check_unused_headers(const Tree& tree) {
    std::set<std::string> included;
    for (const SourceFile& file : tree) {
        for_each_line(file.text, [&](std::string_view line, std::size_t) {
            if (auto target = included_by(line)) {
                included.insert(*std::move(target));
            }
        });
    }
    Findings findings;
    for (const SourceFile& file : tree) {
        if (is_header(file.path) && !included.contains(file.path)) {
            findings.push_back({file.path, 0, "is included by nothing"});
        }
    }
    return findings;
}

}  // namespace gw::tidy
