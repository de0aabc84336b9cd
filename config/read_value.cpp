// SPDX-License-Identifier: Apache-2.0
#include "config/read_value.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

namespace gw::config {
namespace {

using Type = Node::Type;

std::string span_of(Range range) {
    return std::to_string(range.min) + ".." + std::to_string(range.max);
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t shown_max = 64;
    std::string out = "\"";
    for (const char c : text.substr(0, shown_max)) {
        out += c >= ' ' && c < '\x7f' && c != '"' ? c : '?';
    }
    return out + (text.size() > shown_max ? "...\"" : "\"");
}

std::string list_of(std::span<const std::string_view> words) {
    std::string out;
    for (const auto word : words) {
        out += (out.empty() ? "" : ", ") + in_quotes(word);
    }
    return out;
}

bool is_env_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !name.empty() && name.size() <= 128 && !(name.front() >= '0' && name.front() <= '9') &&
           std::ranges::all_of(name, fits);
}

bool is_integer(Kind kind) {
    return kind == Kind::integer || kind == Kind::seconds || kind == Kind::milliseconds;
}
bool is_decimal(Kind kind) {
    return kind == Kind::fraction || kind == Kind::money;
}

}  // namespace

std::string_view word_of(Type type) {
    switch (type) {
        case Type::null:
            return "null";
        case Type::boolean:
            return "a boolean";
        case Type::number:
            return "a number";
        case Type::string:
            return "a string";
        case Type::array:
            return "an array";
        case Type::object:
            return "an object";
    }
    return "";
}

std::string expectation(const Row& row) {
    if (row.kind == Kind::choice) {
        return "one of " + list_of(row.words);
    }
    if (is_integer(row.kind) || is_decimal(row.kind)) {
        return std::string(meaning_of(row.kind)) + " in " + span_of(row.range);
    }
    return std::string(meaning_of(row.kind));
}

std::optional<Value> ValueReader::read(const Row& row, const Node& node, const std::string& path) {
    return row.is_list() ? read_list(row, node, path) : read_one(row, node, path);
}

std::optional<Value> ValueReader::read_list(const Row& row, const Node& node,
                                            const std::string& path) {
    const bool is_array = node.type == Type::array;
    if (!is_array && !row.one_or_list) {
        faults_.add(path, "must be an array, is " + std::string(word_of(node.type)));
        return std::nullopt;
    }
    const std::size_t count = is_array ? node.items.size() : 1;
    if (std::cmp_less(count, row.items.min) || std::cmp_greater(count, row.items.max)) {
        faults_.add(path,
                    "must have " + span_of(row.items) + " items, has " + std::to_string(count));
        return std::nullopt;
    }
    std::vector<std::string> texts;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < count; ++i) {
        auto value = is_array ? read_one(row, node.items[i], path + "[" + std::to_string(i) + "]")
                              : read_one(row, node, path);
        if (!value) {
            continue;
        }
        if (auto* text = std::get_if<std::string>(&*value)) {
            texts.push_back(std::move(*text));
        } else if (row.kind == Kind::choice) {
            texts.emplace_back(row.words[static_cast<std::size_t>(std::get<std::int64_t>(*value))]);
        } else {
            numbers.push_back(std::get<std::int64_t>(*value));
        }
    }
    if (row.kind == Kind::seconds) {
        return numbers;
    }
    return texts;
}

std::optional<Value> ValueReader::read_one(const Row& row, const Node& node,
                                           const std::string& path) {
    if (row.kind == Kind::boolean) {
        if (node.type != Type::boolean) {
            return refuse(row, node, path);
        }
        return node.boolean;
    }
    if (is_integer(row.kind)) {
        if (!node.integer || *node.integer < row.range.min || *node.integer > row.range.max) {
            return refuse(row, node, path);
        }
        return *node.integer;
    }
    return is_decimal(row.kind) ? read_decimal(row, node, path) : read_text(row, node, path);
}

std::optional<Value> ValueReader::read_decimal(const Row& row, const Node& node,
                                               const std::string& path) {
    if (node.type != Type::number) {
        return refuse(row, node, path);
    }
    if (row.kind == Kind::money) {
        constexpr std::int64_t micros_per_unit = 1'000'000;
        const auto micros = micros_of_decimal(node.text);
        if (!micros || *micros < row.range.min * micros_per_unit ||
            *micros > row.range.max * micros_per_unit) {
            return refuse(row, node, path);
        }
        return *micros;
    }
    double value = 0;
    const auto* end = node.text.data() + node.text.size();
    const auto read = std::from_chars(node.text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || value < static_cast<double>(row.range.min) ||
        value > static_cast<double>(row.range.max)) {
        return refuse(row, node, path);
    }
    return value;
}

std::optional<Value> ValueReader::read_text(const Row& row, const Node& node,
                                            const std::string& path) {
    if (node.type != Type::string) {
        return refuse(row, node, path);
    }
    auto resolved = resolve(node.text, path);
    if (!resolved) {
        return std::nullopt;
    }
    auto& [text, origin] = *resolved;
    if (row.kind == Kind::choice) {
        const auto found = std::ranges::find(row.words, text);
        if (found != row.words.end()) {
            return static_cast<std::int64_t>(found - row.words.begin());
        }
    } else if (std::cmp_less(text.size(), row.range.min) ||
               std::cmp_greater(text.size(), row.range.max)) {
        const bool empty = text.empty();
        faults_.add(path, "must " +
                              (empty ? "not be empty"
                                     : "be " + span_of(row.range) + " bytes long, has " +
                                           std::to_string(text.size())) +
                              origin);
        return std::nullopt;
    } else if (accept_text(row.kind, text)) {
        return std::move(text);
    }
    const bool show = origin.empty() && !row.secret && is_showable(row.kind);
    faults_.add(path,
                "must be " + expectation(row) + (show ? ", is " + in_quotes(text) : "") + origin);
    return std::nullopt;
}

std::optional<ValueReader::Resolved> ValueReader::resolve(const std::string& literal,
                                                          const std::string& path) {
    constexpr std::string_view env = "env:";
    constexpr std::string_view file = "file:";
    if (literal.starts_with(env)) {
        return resolve_env(literal.substr(env.size()), path);
    }
    if (literal.starts_with(file)) {
        return resolve_file(literal.substr(file.size()), path);
    }
    return Resolved{literal, ""};
}

std::optional<ValueReader::Resolved> ValueReader::resolve_env(const std::string& name,
                                                              const std::string& path) {
    if (!is_env_name(name)) {
        faults_.add(path, "env: must be followed by the name of an environment variable");
        return std::nullopt;
    }
    auto value = env_ ? env_(name) : std::nullopt;
    if (!value) {
        faults_.add(path, "environment variable " + name + " is not set");
        return std::nullopt;
    }
    return Resolved{std::move(*value), " (from environment variable " + name + ")"};
}

std::optional<ValueReader::Resolved> ValueReader::resolve_file(const std::string& name,
                                                               const std::string& path) {
    if (name.empty() || name.find('\0') != std::string::npos || !file_) {
        faults_.add(path,
                    file_ ? "file: must be followed by a path" : "file: is not possible here");
        return std::nullopt;
    }
    auto read = file_(name);
    if (!read.text) {
        faults_.add(path, "file " + in_quotes(name) + " " + read.fault);
        return std::nullopt;
    }
    if (read.text->ends_with('\n')) {
        read.text->resize(read.text->size() - (read.text->ends_with("\r\n") ? 2 : 1));
    }
    return Resolved{std::move(*read.text), " (from file " + in_quotes(name) + ")"};
}

// A value of the wrong type, or a number out of range. Numbers are no secrets and are shown.
std::nullopt_t ValueReader::refuse(const Row& row, const Node& node, const std::string& path) {
    std::string wanted = expectation(row);
    std::string got(word_of(node.type));
    if (node.type == Type::number && (is_integer(row.kind) || is_decimal(row.kind))) {
        constexpr std::size_t shown_max = 40;
        got = node.text.substr(0, shown_max);
        if (node.integer && row.kind != Kind::money) {
            wanted = span_of(row.range);
        }
    }
    faults_.add(path, "must be " + wanted + ", is " + got);
    return std::nullopt;
}

}  // namespace gw::config
