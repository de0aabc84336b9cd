#pragma once
// SPDX-License-Identifier: Apache-2.0
// Setters for the rows of the definition, made from member pointers: into<&Settings::http,
// &HttpSettings::listen>. On the way an optional is filled and a vector grown to the row's index.
// Only for config/definition*.cpp.
#include "config/settings.hpp"
#include "config/value.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace gw::config::binding {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
auto& open(T& at, std::size_t index) {
    if constexpr (IsOptional<T>::value) {
        return at ? *at : at.emplace();
    } else if constexpr (IsVector<T>::value) {
        if (at.size() <= index) {
            at.resize(index + 1);
        }
        return at[index];
    } else {
        return at;
    }
}

template <class T>
void store(T& target, const Value& value) {
    if constexpr (IsOptional<T>::value) {
        store(target.emplace(), value);
    } else if constexpr (std::is_same_v<T, std::vector<seconds>>) {
        target.clear();
        for (const auto item : std::get<std::vector<std::int64_t>>(value)) {
            target.emplace_back(item);
        }
    } else if constexpr (std::is_same_v<T, SecretString>) {
        target = SecretString(std::get<std::string>(value));
    } else if constexpr (std::is_enum_v<T> || std::is_same_v<T, std::size_t>) {
        target = static_cast<T>(std::get<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, seconds> || std::is_same_v<T, milliseconds>) {
        target = T{std::get<std::int64_t>(value)};
    } else {
        target = std::get<T>(value);
    }
}

template <auto Member, auto... Rest, class T>
void reach(T& at, std::size_t index, const Value& value) {
    auto& next = at.*Member;
    if constexpr (sizeof...(Rest) > 0) {
        reach<Rest...>(open(next, index), index, value);
    } else {
        store(next, value);
    }
}

// A value of the document.
template <auto... Members>
void into(Settings& settings, std::size_t index, const Value* value) {
    reach<Members...>(settings, index, *value);
}

// An object of the document: makes sure that it exists in Settings.
template <auto Member, auto... Rest, class T>
void reach_object(T& at, std::size_t index) {
    auto& next = open(at.*Member, index);
    if constexpr (sizeof...(Rest) > 0) {
        reach_object<Rest...>(next, index);
    }
}
template <auto... Members>
void make(Settings& settings, std::size_t index, const Value* /*value*/) {
    if constexpr (sizeof...(Members) > 0) {
        reach_object<Members...>(settings, index);
    }
}

}  // namespace gw::config::binding
