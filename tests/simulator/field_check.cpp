// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/field_check.hpp"

#include "tests/simulator/signer.hpp"
#include "tests/simulator/validate.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>

namespace gw::simulator {
namespace {

using nlohmann::json;

// A field and where it stands in the body.
struct Place {
    const Field& field;
    std::string pointer;
};

std::string quoted(const Place& at) {
    return "The '" + std::string{at.field.name} + "' parameter ";
}

ApiError wrong_type(const Place& at, std::string_view wanted) {
    return make_error("10015", at.pointer, quoted(at) + "must be " + std::string{wanted} + ".");
}

ApiError out_of_range(const Place& at, std::string_view what) {
    return make_error(at.field.range_code.empty() ? "10033" : at.field.range_code, at.pointer,
                      quoted(at) + std::string{what} + " is outside of the allowed range.");
}

ApiError not_a_word(const Place& at) {
    auto words = split_words(at.field.words);
    std::ranges::sort(words);
    std::string list;
    for (const std::string_view word : words) {
        list += (list.empty() ? "" : ", ") + std::string{word};
    }
    return make_error(at.field.range_code.empty() ? "10032" : at.field.range_code, at.pointer,
                      "The value must be one of: " + list + ".");
}

bool is_url(std::string_view text, std::string_view scheme) {
    for (const std::string_view suffix : {"s://", "://"}) {
        const std::string start = std::string{scheme} + std::string{suffix};
        if (text.starts_with(start) && text.size() > start.size() && text.size() <= 2000) {
            return text.find_first_of(" \t\r\n\"<>") == std::string_view::npos;
        }
    }
    return false;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex =
            std::string_view{"0123456789abcdefABCDEF"}.find(text[i]) != std::string_view::npos;
        if (dash ? text[i] != '-' : !hex) {
            return false;
        }
    }
    return true;
}

// Letters of other alphabets are bytes above ASCII.
bool is_name_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 ||
           std::string_view{" -_~!.+"}.find(c) != std::string_view::npos;
}

// The form a field's type asks of its text.
std::optional<ApiError> check_form(const Place& at, const std::string& text) {
    switch (at.field.type) {
        case FieldType::phone:
            if (!is_e164(text)) {
                return make_error("10016", at.pointer, quoted(at) + "must be in E164 format.");
            }
            break;
        case FieldType::destination:
        case FieldType::destinations:
            if (!is_destination(text)) {
                return make_error("10016", at.pointer, quoted(at) + "must be in E164 format.");
            }
            break;
        case FieldType::base64:
            if (!is_base64(text)) {
                return make_error(at.field.range_code.empty() ? "90017" : at.field.range_code,
                                  at.pointer, quoted(at) + "must be a base64 string.");
            }
            break;
        case FieldType::url:
        case FieldType::socket_url:
            if (!is_url(text, at.field.type == FieldType::url ? "http" : "ws")) {
                return make_error("10003", at.pointer);
            }
            break;
        case FieldType::uuid:
            if (!is_uuid(text)) {
                return make_error("10006", at.pointer);
            }
            break;
        case FieldType::digits:
        case FieldType::key_presses:
            if (text.find_first_not_of(at.field.type == FieldType::digits
                                           ? "0123456789ABCD*#"
                                           : "0123456789ABCD*#wW") != std::string::npos) {
                return make_error("10015", at.pointer,
                                  quoted(at) + "has characters that are no keys.");
            }
            break;
        case FieldType::display_name:
            if (!std::ranges::all_of(text, is_name_character)) {
                return make_error(
                    "10015", at.pointer,
                    quoted(at) + "may have letters, numbers, spaces and -_~!.+ only.");
            }
            break;
        case FieldType::text:
        case FieldType::integer:
        case FieldType::number:
        case FieldType::boolean:
        case FieldType::comma_list:
        case FieldType::object:
        case FieldType::headers:
        case FieldType::sip_headers:
        case FieldType::loop:
        case FieldType::event_urls:
        case FieldType::retry_policies:
            break;
    }
    return std::nullopt;
}

std::optional<ApiError> check_text(const Place& at, const std::string& text) {
    if (!at.field.words.empty()) {
        const auto words = split_words(at.field.words);
        const auto parts = at.field.type == FieldType::comma_list
                               ? split_words(text, ',')
                               : std::vector<std::string_view>{text};
        const bool good = !parts.empty() && std::ranges::all_of(parts, [&](std::string_view part) {
            return std::ranges::find(words, part) != words.end();
        });
        return good ? std::nullopt : std::optional{not_a_word(at)};
    }
    const auto length = static_cast<std::int64_t>(count_characters(text));
    if (length < at.field.min && length == 0 && at.field.required) {
        return make_error("10004", at.pointer, quoted(at) + "is required and cannot be blank.");
    }
    if (length < at.field.min || length > at.field.max) {
        return out_of_range(at, "has a length that");
    }
    return check_form(at, text);
}

// Every integer of the document has the format int32.
std::optional<ApiError> check_integer(const Place& at, const json& value) {
    using Range = std::numeric_limits<std::int32_t>;
    if (!value.is_number_integer()) {
        return wrong_type(at, "an integer");
    }
    const bool huge =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{Range::max()};
    const auto number = value.get<std::int64_t>();
    if (!at.field.words.empty()) {
        const auto words = split_words(at.field.words);
        return std::ranges::find(words, std::to_string(number)) == words.end()
                   ? std::optional{not_a_word(at)}
                   : std::nullopt;
    }
    return huge || number < std::max<std::int64_t>(at.field.min, Range::min()) ||
                   number > std::min<std::int64_t>(at.field.max, Range::max())
               ? std::optional{out_of_range(at, "has a value that")}
               : std::nullopt;
}

std::optional<ApiError> check_number(const Place& at, const json& value) {
    if (!value.is_number()) {
        return wrong_type(at, "a number");
    }
    const auto number = value.get<double>();
    return number < static_cast<double>(at.field.min) || number > static_cast<double>(at.field.max)
               ? std::optional{out_of_range(at, "has a value that")}
               : std::nullopt;
}

std::optional<ApiError> check_headers(const Place& at, const json& value) {
    if (!value.is_array()) {
        return wrong_type(at, "an array of objects with name and value");
    }
    for (const json& item : value) {
        const bool good = item.is_object() && item.size() == 2 && item.contains("name") &&
                          item.contains("value") && item["name"].is_string() &&
                          item["value"].is_string();
        if (!good) {
            return wrong_type(at, "an array of objects with name and value");
        }
        if (at.field.type == FieldType::sip_headers &&
            item["name"].get<std::string>() != "User-to-User") {
            return make_error("10032", at.pointer, "The value must be one of: User-to-User.");
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_loop(const Place& at, const json& value) {
    const bool good = value.is_string()
                          ? value.get<std::string>() == "infinity"
                          : value.is_number_integer() && value.get<std::int64_t>() >= 1 &&
                                value.get<std::int64_t>() <= 100;
    return good ? std::nullopt : std::optional{make_error(at.field.range_code, at.pointer)};
}

std::optional<ApiError> check_event_map(const Place& at, const json& value) {
    if (!value.is_object()) {
        return wrong_type(at, "an object");
    }
    for (const auto& [name, entry] : value.items()) {
        if (!is_webhook_key(name)) {
            return make_error("90057", at.pointer + "/" + name);
        }
        if (at.field.type == FieldType::event_urls) {
            const json list = entry.is_array() ? entry : json::array({entry});
            for (const json& item : list) {
                if (!item.is_string() || !is_url(item.get<std::string>(), "http")) {
                    return make_error("10003", at.pointer + "/" + name);
                }
            }
            continue;
        }
        const json retries = entry.is_object() ? entry.value("retries_ms", json{}) : json{};
        std::int64_t sum = 0;
        for (const json& delay : retries) {
            const bool good = delay.is_number_integer() && delay.get<std::int64_t>() >= 0;
            sum += good ? std::min<std::int64_t>(delay.get<std::int64_t>(), 1'000'000) : 1'000'000;
        }
        if (!retries.is_array() || retries.size() > 5 || sum > 60'000) {
            return make_error("10033", at.pointer + "/" + name,
                              "At most 5 retries, together at most 60000 ms.");
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_destinations(const Place& at, const json& value) {
    if (value.is_string()) {
        return check_text(at, value.get<std::string>());
    }
    if (!value.is_array() || value.empty()) {
        return wrong_type(at, "a string or an array of strings");
    }
    for (const json& item : value) {
        if (!item.is_string()) {
            return wrong_type(at, "a string or an array of strings");
        }
        if (auto error = check_text(at, item.get<std::string>())) {
            return error;
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_value(const Place& at, const json& value) {
    switch (at.field.type) {
        case FieldType::integer:
            return check_integer(at, value);
        case FieldType::number:
            return check_number(at, value);
        case FieldType::boolean:
            return value.is_boolean() ? std::nullopt : std::optional{wrong_type(at, "a boolean")};
        case FieldType::object:
            return value.is_object() ? std::nullopt : std::optional{wrong_type(at, "an object")};
        case FieldType::headers:
        case FieldType::sip_headers:
            return check_headers(at, value);
        case FieldType::loop:
            return check_loop(at, value);
        case FieldType::event_urls:
        case FieldType::retry_policies:
            return check_event_map(at, value);
        case FieldType::destinations:
            return check_destinations(at, value);
        case FieldType::text:
        case FieldType::display_name:
        case FieldType::comma_list:
        case FieldType::phone:
        case FieldType::destination:
        case FieldType::base64:
        case FieldType::url:
        case FieldType::socket_url:
        case FieldType::uuid:
        case FieldType::digits:
        case FieldType::key_presses:
            return value.is_string() ? check_text(at, value.get<std::string>())
                                     : std::optional{wrong_type(at, "a string")};
    }
    return std::nullopt;
}

}  // namespace

bool is_webhook_url(std::string_view text) {
    return is_url(text, "http");
}

void check_fields(std::span<const Field> fields, const json& object, const std::string& pointer,
                  std::vector<ApiError>& errors) {
    for (const Field& field : fields) {
        const std::string name{field.name};
        const Place at{.field = field, .pointer = pointer + "/" + name};
        if (!has(object, name)) {
            if (field.required) {
                errors.push_back(make_error("10004", at.pointer,
                                            quoted(at) + "is required and cannot be blank."));
            }
            continue;
        }
        const json& value = object.at(name);
        if (auto error = check_value(at, value)) {
            errors.push_back(*std::move(error));
        } else if (field.members != nullptr) {
            check_fields(field.members->fields, value, at.pointer, errors);
            for (const auto& [member, _] : value.items()) {
                if (std::ranges::find(field.members->fields, member, &Field::name) ==
                    field.members->fields.end()) {
                    errors.push_back(unknown_member(at.pointer, member));
                }
            }
        }
    }
}

ApiError unknown_member(const std::string& pointer, const std::string& name) {
    return make_error("10015", pointer + "/" + name, "Unknown parameter '" + name + "'.");
}

bool has(const json& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() && !found->is_null();
}

}  // namespace gw::simulator
