#pragma once
// SPDX-License-Identifier: Apache-2.0
// Small JSON documents written straight into a string, without a tree. Pure.
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::store {

// Appends `text` as a JSON string. What is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Writes one flat object: `JsonObject(out).add("a", "x").add("n", 1).end()`.
class JsonObject {
public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject& add(std::string_view key, std::string_view value) {
        name(key);
        append_json_string(out_, value);
        return *this;
    }
    JsonObject& add(std::string_view key, std::int64_t value) {
        name(key);
        out_ += std::to_string(value);
        return *this;
    }
    void end() { out_ += '}'; }

private:
    void name(std::string_view key) {
        out_ += first_ ? "\"" : ",\"";
        out_ += key;
        out_ += "\":";
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

}  // namespace gw::store
