// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/cross_checks.hpp"
#include "config/definition.hpp"
#include "config/json_tree.hpp"
#include "config/read_value.hpp"
#include "config/reading.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gw::config {
namespace {

using Type = Node::Type;

class Loader {
public:
    Loader(Faults& faults, const EnvLookup& env, const FileRead& file)
        : faults_(faults), values_(faults, env, file) {
        for (const auto& row : definition()) {
            auto path = row.path;
            if (row.is_list()) {
                path.remove_suffix(2);
            }
            const auto dot = path.rfind('.');
            children_[dot == std::string_view::npos ? "" : path.substr(0, dot)].push_back(
                {path.substr(dot == std::string_view::npos ? 0 : dot + 1), &row});
        }
    }

    void read_root(const Node& root) {
        if (root.type != Type::object) {
            faults_.add("$", "must be an object, is " + std::string(word_of(root.type)));
            return;
        }
        read_members(root, {"", "$", 0});
    }

    Settings take() { return std::move(settings_); }

private:
    struct Child {
        std::string_view key;
        const Row* row;
    };
    struct Place {
        std::string_view table_path;  // "agents[]"
        std::string path;             // "$.agents[3]"
        std::size_t index;            // 3
    };

    void read_members(const Node& node, const Place& at) {
        const auto& children = children_[at.table_path];
        for (const auto& member : node.members) {
            if (std::ranges::find(children, member.key, &Child::key) == children.end()) {
                faults_.add(at.path + path_step(member.key),
                            "unknown key; known here: " + known(children));
            }
        }
        for (const auto& child : children) {
            read_key(*child.row, node.find(child.key), at, at.path + path_step(child.key));
        }
    }

    static std::string known(const std::vector<Child>& children) {
        std::string out;
        for (const auto& child : children) {
            out += (out.empty() ? "" : ", ") + std::string(child.key);
        }
        return out;
    }

    void read_key(const Row& row, const Node* node, const Place& at, const std::string& path) {
        if (row.kind == Kind::objects) {
            read_objects(row, node, path);
        } else if (row.kind == Kind::object || row.kind == Kind::feature) {
            read_object(row, node, at, path);
        } else if (node != nullptr) {
            read_value(row, *node, path, at.index);
        } else if (row.need == Need::required) {
            faults_.add(path, "missing; must be " + expectation(row));
        } else if (!row.standard.empty()) {
            read_value(row, *parse_tree(row.standard).root, path, at.index);
        }
    }

    // An object that is left out still has its defaults, and its required keys are still missing,
    // unless leaving it out means that the whole feature is off.
    void read_object(const Row& row, const Node* node, const Place& at, const std::string& path) {
        static const Node nothing = [] {
            Node empty;
            empty.type = Type::object;
            return empty;
        }();
        if (node == nullptr && row.kind == Kind::feature) {
            return;
        }
        const Node& object = node == nullptr ? nothing : *node;
        if (object.type != Type::object) {
            faults_.add(path, "must be an object, is " + std::string(word_of(object.type)));
            return;
        }
        row.set(settings_, at.index, nullptr);
        read_members(object, {row.path, path, at.index});
    }

    void read_objects(const Row& row, const Node* node, const std::string& path) {
        if (node == nullptr) {
            return;
        }
        if (node->type != Type::array) {
            faults_.add(path,
                        "must be an array of objects, is " + std::string(word_of(node->type)));
            return;
        }
        for (std::size_t i = 0; i < node->items.size(); ++i) {
            const auto& item = node->items[i];
            const std::string item_path = path + "[" + std::to_string(i) + "]";
            row.set(settings_, i, nullptr);
            if (item.type != Type::object) {
                faults_.add(item_path, "must be an object, is " + std::string(word_of(item.type)));
            } else {
                read_members(item, {row.path, item_path, i});
            }
        }
    }

    void read_value(const Row& row, const Node& node, const std::string& path, std::size_t index) {
        const auto value = values_.read(row, node, path);
        if (value) {
            row.set(settings_, index, &*value);
        }
    }

    Faults& faults_;
    ValueReader values_;
    std::map<std::string_view, std::vector<Child>> children_;
    Settings settings_;
};

}  // namespace

LoadResult load_text(std::string_view text, std::string_view name, const EnvLookup& env,
                     const FileRead& file) {
    Faults faults(name);
    const auto parsed = parse_tree(text);
    for (const auto& fault : parsed.faults) {
        faults.add_line(fault);
    }
    LoadResult result;
    if (parsed.root) {
        Loader loader(faults, env, file);
        loader.read_root(*parsed.root);
        auto settings = loader.take();
        cross_check(settings, *parsed.root, faults);
        if (faults.empty()) {
            result.settings = std::move(settings);
        }
    }
    result.faults = faults.take();
    return result;
}

}  // namespace gw::config
