// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/fields.hpp"

#include <charconv>

namespace gw::http {
namespace {

// Digits only, with a '-' where negative values are meant: no '+', blanks, or leading zeros.
std::optional<std::int64_t> integer_of(std::string_view text) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

bool is_acceptable(const Field& field, std::string_view text) {
    const auto size = static_cast<std::int64_t>(text.size());
    return size >= field.min && size <= field.max &&
           (field.accepts == nullptr || field.accepts(text));
}

bool is_acceptable(const Field& field, std::int64_t number) {
    return number >= field.min && number <= field.max;
}

std::optional<FieldValue> value_of_text(const Field& field, std::string_view text) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::reference:
        case FieldKind::word_or_switch:
            if (is_acceptable(field, text)) {
                return FieldValue(std::string(text));
            }
            break;
        case FieldKind::integer:
            if (const auto number = integer_of(text); number && is_acceptable(field, *number)) {
                return FieldValue(*number);
            }
            break;
        case FieldKind::boolean:
            if (text == "true" || text == "false") {
                return FieldValue(text == "true");
            }
            break;
        case FieldKind::date:
            if (const auto day = parse_date(text)) {
                return FieldValue(*day);
            }
            break;
        case FieldKind::object:
            break;  // has no form in a query
    }
    return std::nullopt;
}

FieldValues check_query(std::span<const Field> fields, const Query& query, FieldFaults& faults) {
    FieldValues values;
    for (const auto& field : fields) {
        const std::string* given = nullptr;
        bool repeated = false;
        for (const auto& [name, value] : query) {
            if (name == field.name) {
                repeated = given != nullptr;
                given = &value;
            }
            if (repeated) {
                break;
            }
        }
        if (repeated) {
            faults.push_back({std::string(field.name), std::string(reason_repeated)});
        } else if (given == nullptr) {
            if (field.required) {
                faults.push_back({std::string(field.name), std::string(reason_missing)});
            }
        } else if (auto value = value_of_text(field, *given)) {
            values.put(field.name, std::move(*value));
        } else {
            faults.push_back({std::string(field.name), std::string(field.reason)});
        }
    }
    return values;
}

}  // namespace gw::http
