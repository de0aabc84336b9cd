// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/json_members.hpp"

#include "tests/simulator/validate.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

milliseconds millis_from(const json& object, const char* name) {
    constexpr std::int64_t day_ms = 86'400'000;
    return milliseconds{whole_number(object, name, 0, 0, day_ms)};
}

}  // namespace

void fail(std::string_view where, std::string_view what) {
    throw std::invalid_argument(std::string{where} + ": " + std::string{what});
}

void expect_members(const json& value, std::string_view names, std::string_view where) {
    if (!value.is_object()) {
        fail(where, "must be an object");
    }
    const auto known = split_words(names);
    for (const auto& [name, _] : value.items()) {
        if (std::ranges::find(known, name) == known.end()) {
            fail(where, "has no member '" + name.substr(0, 100) + "'");
        }
    }
}

std::string one_of(std::string_view words) {
    std::string list = "must be one of";
    for (const std::string_view word : split_words(words)) {
        list += (list.back() == 'f' ? " " : ", ") + std::string{word};
    }
    return list;
}

void read(const json& object, const char* name, milliseconds& out) {
    if (object.contains(name)) {
        out = millis_from(object, name);
    }
}

void read(const json& object, const char* name, std::optional<milliseconds>& out) {
    if (object.contains(name) && !object[name].is_null()) {
        out = millis_from(object, name);
    }
}

void read(const json& object, const char* name, std::string& out) {
    if (object.contains(name)) {
        if (!object[name].is_string()) {
            fail(name, "must be a string");
        }
        out = object[name].get<std::string>();
    }
}

void read(const json& object, const char* name, bool& out) {
    if (object.contains(name)) {
        if (!object[name].is_boolean()) {
            fail(name, "must be true or false");
        }
        out = object[name].get<bool>();
    }
}

void read_word(const json& object, const char* name, std::string_view words, std::string& out) {
    read(object, name, out);
    const auto known = split_words(words);
    if (std::ranges::find(known, out) == known.end()) {
        fail(name, one_of(words));
    }
}

std::int64_t whole_number(const json& object, const char* name, std::int64_t fallback,
                          std::int64_t low, std::int64_t high) {
    const auto found = object.find(name);
    const bool there = found != object.end();
    // From 2^63 on a number does not fit, and is as good as the largest one.
    const bool huge = there && found->is_number_unsigned() && found->get<std::int64_t>() < 0;
    const bool whole = there && found->is_number_integer() && !huge;
    const std::int64_t number = whole ? found->get<std::int64_t>() : fallback;
    if ((there && !whole) || number < low || number > high) {
        fail(name,
             "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return number;
}

std::string text_member(const json& object, const char* name, std::string fallback) {
    read(object, name, fallback);
    return fallback;
}

json array_member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_array()) {
        fail(name, "must be an array");
    }
    return found == object.end() ? json::array() : *found;
}

json object_member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_object()) {
        fail(name, "must be an object");
    }
    return found == object.end() ? json::object() : *found;
}

}  // namespace gw::simulator
