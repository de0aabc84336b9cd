#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reading the members of an object that came from outside: each function names the member when its
// value is of the wrong type or out of range, by a std::invalid_argument. Pure.
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::simulator {

using std::chrono::milliseconds;

[[noreturn]] void fail(std::string_view where, std::string_view what);
// `json` is an object, and each of its members is among `names` ("a|b").
void expect_members(const nlohmann::json& json, std::string_view names, std::string_view where);
// What is to say of a word that is not among `words` ("a|b").
std::string one_of(std::string_view words);

// Each leaves `out` as it is when there is no such member.
void read(const nlohmann::json& object, const char* name, std::string& out);
void read(const nlohmann::json& object, const char* name, bool& out);
void read(const nlohmann::json& object, const char* name, milliseconds& out);  // up to a day
void read(const nlohmann::json& object, const char* name, std::optional<milliseconds>& out);
void read_word(const nlohmann::json& object, const char* name, std::string_view words,
               std::string& out);

// The member, or `fallback` when there is none.
std::int64_t whole_number(const nlohmann::json& object, const char* name, std::int64_t fallback,
                          std::int64_t low, std::int64_t high);
std::string text_member(const nlohmann::json& object, const char* name, std::string fallback = {});
// The member, or an empty one.
nlohmann::json array_member(const nlohmann::json& object, const char* name);
nlohmann::json object_member(const nlohmann::json& object, const char* name);

}  // namespace gw::simulator
