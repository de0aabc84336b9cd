// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include "config/definition.hpp"
#include "config/value.hpp"

#include <string_view>

namespace gw::config {
namespace {

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::seconds || kind == Kind::milliseconds ||
           kind == Kind::fraction || kind == Kind::money;
}

std::string code(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string values_of(const Row& row) {
    std::string out;
    if (row.kind == Kind::choice) {
        for (const auto word : row.words) {
            out += (out.empty() ? "" : " ") + code(word);
        }
    } else {
        out = meaning_of(row.kind);
    }
    if (is_number(row.kind)) {
        out += ", " + std::to_string(row.range.min) + " to " + std::to_string(row.range.max);
    } else if (row.kind == Kind::text || row.kind == Kind::token || row.kind == Kind::identifier) {
        out += ", at most " + std::to_string(row.range.max) + " bytes";
    }
    if (row.is_list() && row.kind != Kind::objects) {
        out = (row.one_or_list ? "one, or an array of " : "array of ") +
              std::to_string(row.items.min) + " to " + std::to_string(row.items.max) + ": " + out;
    }
    return out;
}

std::string line_of(const Row& row) {
    std::string standard = row.need == Need::required ? "**required**" : "";
    if (!row.standard.empty()) {
        standard = code(row.standard);
    }
    return "| " + code(row.path) + " | " + values_of(row) + " | " + standard + " | " +
           std::string(row.text) + (row.secret ? " Secret." : "") + " |\n";
}

}  // namespace

std::string reference_markdown() {
    std::string out =
        "<!-- Generated from config/definition.cpp by config-reference; do not edit. -->\n"
        "# Configuration\n\n"
        "One JSON file; `//` and `/* */` comments are allowed. Any string may be `\"env:NAME\"` "
        "(an environment\n"
        "variable) or `\"file:PATH\"` (a file's content without its last newline; relative to the "
        "folder of the\n"
        "configuration file), which is the way to keep secrets out of it. An unknown key, a wrong "
        "type, a value out\n"
        "of range, a repeated key or a reference that leads nowhere is a fault; `telnyx-gateway "
        "check-config` prints\n"
        "all of them with file and JSON path. `[]` stands for the items of an array. A required "
        "key is required when\n"
        "the object around it is there. Keys marked secret never appear in messages or logs.\n"
        "`gateway.example.json` shows them in use.\n";
    std::string_view section;
    for (const auto& row : definition()) {
        const auto top = row.path.substr(0, row.path.find_first_of(".["));
        if (top != section) {
            section = top;
            out += "\n## " + std::string(top) +
                   "\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
        }
        out += line_of(row);
    }
    return out;
}

}  // namespace gw::config
