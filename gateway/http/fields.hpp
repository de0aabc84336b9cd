#pragma once
// SPDX-License-Identifier: Apache-2.0
// Request checking as data: an endpoint lists its fields, and one function checks a query string
// (or, in body_json.hpp, a JSON object) against the list and names every fault at once. Fields that
// are not listed are ignored. Pure; any thread.
#include "gateway/domain/time.hpp"
#include "gateway/http/problems.hpp"
#include "gateway/http/target.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gw::http {

// reference: a text, in a JSON body also an integer; word_or_switch: a text, in a JSON body also
// true or false, which is then the text; object: a JSON body's object, as JSON text.
enum class FieldKind : std::uint8_t {
    text,
    integer,
    boolean,
    date,
    reference,
    word_or_switch,
    object,
};

struct Field {
    std::string_view name;
    std::string_view reason;  // follows the name: "must be an integer from 1 to 100"
    FieldKind kind = FieldKind::text;
    bool required = false;
    std::int64_t min = 0;  // integer: the value; text: bytes
    std::int64_t max = 256;
    bool (*accepts)(std::string_view) = nullptr;  // text: what else must hold
};

using FieldValue = std::variant<std::string, std::int64_t, bool, UtcTime>;

// The fields that were given and are right.
class FieldValues {
public:
    void put(std::string_view name, FieldValue value) {
        values_.emplace_back(name, std::move(value));
    }
    // Nothing when it was not given. T is the kind's: string, int64, bool, UtcTime.
    template <class T>
    [[nodiscard]] std::optional<T> get(std::string_view name) const {
        for (const auto& [key, value] : values_) {
            if (key == name) {
                const T* held = std::get_if<T>(&value);
                return held != nullptr ? std::optional<T>(*held) : std::nullopt;
            }
        }
        return std::nullopt;
    }

private:
    std::vector<std::pair<std::string_view, FieldValue>> values_;  // names are literals
};

// `text` as the field's kind, or nothing when it is not that or out of range.
std::optional<FieldValue> value_of_text(const Field& field, std::string_view text);
// The checks of a text or integer that came as such.
bool is_acceptable(const Field& field, std::string_view text);
bool is_acceptable(const Field& field, std::int64_t number);

// Takes the listed parameters; adds a fault for each that is wrong, missing or given twice.
FieldValues check_query(std::span<const Field> fields, const Query& query, FieldFaults& faults);

inline constexpr std::string_view reason_missing = "is required";
inline constexpr std::string_view reason_repeated = "must be given once";

}  // namespace gw::http
