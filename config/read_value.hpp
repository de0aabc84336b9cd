#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reads one value of the document by its row: follows env: and file:, checks type, range and form,
// and says what is wrong. One thread, for the time of one loading.
#include "config/definition.hpp"
#include "config/json_tree.hpp"
#include "config/load.hpp"
#include "config/reading.hpp"
#include "config/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::config {

// "a string", "null" ...
std::string_view word_of(Node::Type type);
// What the row wants, after "must be".
std::string expectation(const Row& row);

class ValueReader {
public:
    ValueReader(Faults& faults, const EnvLookup& env, const FileRead& file)
        : faults_(faults), env_(env), file_(file) {}

    // Nothing after a fault, which is then on record under `path`.
    std::optional<Value> read(const Row& row, const Node& node, const std::string& path);

private:
    // A string of the document after "env:" and "file:" were followed.
    struct Resolved {
        std::string text;
        std::string origin;  // " (from environment variable X)"; empty for a literal
    };

    std::optional<Value> read_list(const Row& row, const Node& node, const std::string& path);
    std::optional<Value> read_one(const Row& row, const Node& node, const std::string& path);
    std::optional<Value> read_decimal(const Row& row, const Node& node, const std::string& path);
    std::optional<Value> read_text(const Row& row, const Node& node, const std::string& path);
    std::optional<Resolved> resolve(const std::string& literal, const std::string& path);
    std::optional<Resolved> resolve_env(const std::string& name, const std::string& path);
    std::optional<Resolved> resolve_file(const std::string& name, const std::string& path);
    std::nullopt_t refuse(const Row& row, const Node& node, const std::string& path);

    Faults& faults_;
    const EnvLookup& env_;
    const FileRead& file_;
};

}  // namespace gw::config
