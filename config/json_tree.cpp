// SPDX-License-Identifier: Apache-2.0
#include "config/json_tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace gw::config {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "line:column" of the byte at `position`, which the library counts from 1.
std::string place(std::string_view text, std::size_t position) {
    const auto before = text.substr(0, std::min(position > 0 ? position - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto newline = before.rfind('\n');
    const auto column =
        newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    return std::to_string(line) + ":" + std::to_string(column);
}

// The library's sentence without the position (ours is clearer) and without the token it read last:
// that may be half of a secret.
std::string reason_of(const nlohmann::detail::exception& error) {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow) {
        return "a number too large";
    }
    std::string_view what = error.what();
    if (const auto at = what.find(": "); at != std::string_view::npos) {
        what.remove_prefix(at + 2);
    }
    return std::string(what.substr(0, what.find("; last read: ")));
}

class TreeBuilder {
public:
    TreeBuilder(std::string_view text, Parsed& out) : text_(text), out_(out) {}

    bool null() { return add({}); }
    bool boolean(bool value) {
        Node node;
        node.type = Node::Type::boolean;
        node.boolean = value;
        return add(std::move(node));
    }
    bool number_integer(std::int64_t value) { return number(std::to_string(value), value); }
    bool number_unsigned(std::uint64_t value) {
        return number(std::to_string(value), std::in_range<std::int64_t>(value)
                                                 ? std::optional(static_cast<std::int64_t>(value))
                                                 : std::nullopt);
    }
    bool number_float(double /*value*/, const std::string& text) { return number(text, {}); }
    bool string(std::string& value) {
        Node node;
        node.type = Node::Type::string;
        node.text = std::move(value);
        return add(std::move(node));
    }
    bool binary(nlohmann::json::binary_t& /*value*/) { return false; }
    bool start_object(std::size_t /*size*/) { return start(Node::Type::object); }
    bool end_object() { return end(); }
    bool start_array(std::size_t /*size*/) { return start(Node::Type::array); }
    bool end_array() { return end(); }
    bool key(std::string& value) {
        key_ = value;
        return true;
    }
    bool parse_error(std::size_t position, const std::string& /*last_token*/,
                     const nlohmann::detail::exception& error) {
        out_.faults.push_back(place(text_, position) + ": not JSON: " + reason_of(error));
        return false;
    }

    std::optional<Node> take_root() { return std::move(root_); }

private:
    struct Open {
        Node node;
        std::string key;  // under which it goes into its parent
    };

    bool number(std::string text, std::optional<std::int64_t> integer) {
        Node node;
        node.type = Node::Type::number;
        node.text = std::move(text);
        node.integer = integer;
        return add(std::move(node));
    }
    bool start(Node::Type type) {
        if (open_.size() >= json_depth_max) {
            out_.faults.push_back(path() + ": nested more than " + std::to_string(json_depth_max) +
                                  " deep");
            return false;
        }
        Node node;
        node.type = type;
        open_.push_back({std::move(node), std::move(key_)});
        key_.clear();
        return true;
    }
    bool end() {
        auto [node, key] = std::move(open_.back());
        open_.pop_back();
        key_ = std::move(key);
        return add(std::move(node));
    }
    bool add(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return true;
        }
        auto& parent = open_.back().node;
        if (parent.type == Node::Type::array) {
            parent.items.push_back(std::move(node));
        } else if (parent.find(key_) != nullptr) {
            out_.faults.push_back(path() + path_step(key_) + ": written twice in the same object");
        } else {
            parent.members.push_back({std::move(key_), std::move(node)});
        }
        key_.clear();
        return true;
    }
    // Of the innermost open container.
    [[nodiscard]] std::string path() const {
        std::string path = "$";
        for (std::size_t i = 1; i < open_.size(); ++i) {
            const auto& parent = open_[i - 1].node;
            path += parent.type == Node::Type::array
                        ? "[" + std::to_string(parent.items.size()) + "]"
                        : path_step(open_[i].key);
        }
        return path;
    }

    std::string_view text_;
    Parsed& out_;
    std::vector<Open> open_;
    std::string key_;
    std::optional<Node> root_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &Member::key);
    return found == members.end() ? nullptr : &found->value;
}

std::string path_step(std::string_view key) {
    constexpr std::size_t key_bytes_max = 64;
    if (!key.empty() && key.size() <= key_bytes_max && std::ranges::all_of(key, is_word)) {
        return "." + std::string(key);
    }
    std::string shown;
    for (const char c : key.substr(0, key_bytes_max)) {
        shown += c >= ' ' && c < '\x7f' && c != '"' && c != '\\' ? c : '?';
    }
    return "[\"" + shown + (key.size() > key_bytes_max ? "..." : "") + "\"]";
}

Parsed parse_tree(std::string_view text) {
    Parsed out;
    // The library takes a NUL for the end of the text, whatever follows.
    if (text.find('\0') != std::string_view::npos) {
        out.faults.emplace_back("1:1: not JSON: holds a NUL");
        return out;
    }
    TreeBuilder builder(text, out);
    constexpr bool strict = true;
    constexpr bool ignore_comments = true;
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                  nlohmann::json::input_format_t::json, strict, ignore_comments)) {
        out.root = builder.take_root();
    }
    return out;
}

}  // namespace gw::config
