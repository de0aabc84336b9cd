// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/validate.hpp"

#include "tests/simulator/signer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace gw::simulator {
namespace {

using nlohmann::json;

std::string pointer_of(const Field& field) {
    return "/" + std::string{field.name};
}

std::string quoted(const Field& field) {
    return "The '" + std::string{field.name} + "' parameter ";
}

ApiError wrong_type(const Field& field, std::string_view wanted) {
    return make_error("10015", pointer_of(field),
                      quoted(field) + "must be " + std::string{wanted} + ".");
}

ApiError out_of_range(const Field& field, std::string_view what) {
    return make_error(field.range_code.empty() ? "10033" : field.range_code, pointer_of(field),
                      quoted(field) + std::string{what} + " is outside of the allowed range.");
}

ApiError not_a_word(const Field& field) {
    auto words = split_words(field.words);
    std::ranges::sort(words);
    std::string list;
    for (const std::string_view word : words) {
        list += (list.empty() ? "" : ", ") + std::string{word};
    }
    return make_error(field.range_code.empty() ? "10032" : field.range_code, pointer_of(field),
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

// The form a field's type asks of its text.
std::optional<ApiError> check_form(const Field& field, const std::string& text) {
    switch (field.type) {
        case FieldType::phone:
            if (!is_e164(text)) {
                return make_error("10016", pointer_of(field),
                                  quoted(field) + "must be in E164 format.");
            }
            break;
        case FieldType::destination:
        case FieldType::destinations:
            if (!is_destination(text)) {
                return make_error("10016", pointer_of(field),
                                  quoted(field) + "must be in E164 format.");
            }
            break;
        case FieldType::base64:
            if (!is_base64(text)) {
                return make_error(field.range_code.empty() ? "90017" : field.range_code,
                                  pointer_of(field), quoted(field) + "must be a base64 string.");
            }
            break;
        case FieldType::url:
        case FieldType::socket_url:
            if (!is_url(text, field.type == FieldType::url ? "http" : "ws")) {
                return make_error("10003", pointer_of(field));
            }
            break;
        case FieldType::uuid:
            if (!is_uuid(text)) {
                return make_error("10006", pointer_of(field));
            }
            break;
        case FieldType::key_presses:
            if (text.find_first_not_of("0123456789ABCD*#wW") != std::string::npos) {
                return make_error("10015", pointer_of(field),
                                  quoted(field) + "has characters that are no keys.");
            }
            break;
        case FieldType::text:
        case FieldType::integer:
        case FieldType::boolean:
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

std::optional<ApiError> check_text(const Field& field, const std::string& text) {
    if (!field.words.empty()) {
        const auto words = split_words(field.words);
        return std::ranges::find(words, text) == words.end() ? std::optional{not_a_word(field)}
                                                             : std::nullopt;
    }
    const auto length = static_cast<std::int64_t>(text.size());
    if (length < field.min && length == 0 && field.required) {
        return make_error("10004", pointer_of(field),
                          quoted(field) + "is required and cannot be blank.");
    }
    if (length < field.min || length > field.max) {
        return out_of_range(field, "has a length that");
    }
    return check_form(field, text);
}

std::optional<ApiError> check_integer(const Field& field, const json& value) {
    if (!value.is_number_integer()) {
        return wrong_type(field, "an integer");
    }
    const auto number = value.get<std::int64_t>();
    if (!field.words.empty()) {
        const auto words = split_words(field.words);
        return std::ranges::find(words, std::to_string(number)) == words.end()
                   ? std::optional{not_a_word(field)}
                   : std::nullopt;
    }
    return number < field.min || number > field.max
               ? std::optional{out_of_range(field, "has a value that")}
               : std::nullopt;
}

std::optional<ApiError> check_object(const Field& field, const json& value) {
    if (!value.is_object()) {
        return wrong_type(field, "an object");
    }
    const auto words = split_words(field.words);
    for (const auto& [name, _] : value.items()) {
        if (!words.empty() && std::ranges::find(words, name) == words.end()) {
            return make_error("10015", pointer_of(field) + "/" + name,
                              "Unknown parameter '" + name + "'.");
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_headers(const Field& field, const json& value) {
    if (!value.is_array()) {
        return wrong_type(field, "an array of objects with name and value");
    }
    for (const json& item : value) {
        const bool good = item.is_object() && item.size() == 2 && item.contains("name") &&
                          item.contains("value") && item["name"].is_string() &&
                          item["value"].is_string();
        if (!good) {
            return wrong_type(field, "an array of objects with name and value");
        }
        if (field.type == FieldType::sip_headers &&
            item["name"].get<std::string>() != "User-to-User") {
            return make_error("10032", pointer_of(field),
                              "The value must be one of: User-to-User.");
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_loop(const Field& field, const json& value) {
    const bool good = value.is_string()
                          ? value.get<std::string>() == "infinity"
                          : value.is_number_integer() && value.get<std::int64_t>() >= 1 &&
                                value.get<std::int64_t>() <= 100;
    return good ? std::nullopt : std::optional{make_error(field.range_code, pointer_of(field))};
}

std::optional<ApiError> check_event_map(const Field& field, const json& value) {
    if (!value.is_object()) {
        return wrong_type(field, "an object");
    }
    for (const auto& [name, entry] : value.items()) {
        if (!is_call_event(name)) {
            return make_error("90057", pointer_of(field) + "/" + name);
        }
        if (field.type == FieldType::event_urls) {
            const json list = entry.is_array() ? entry : json::array({entry});
            for (const json& item : list) {
                if (!item.is_string() || !is_url(item.get<std::string>(), "http")) {
                    return make_error("10003", pointer_of(field) + "/" + name);
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
            return make_error("10033", pointer_of(field) + "/" + name,
                              "At most 5 retries, together at most 60000 ms.");
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check_destinations(const Field& field, const json& value) {
    if (value.is_string()) {
        return check_text(field, value.get<std::string>());
    }
    if (!value.is_array() || value.empty()) {
        return wrong_type(field, "a string or an array of strings");
    }
    for (const json& item : value) {
        if (!item.is_string()) {
            return wrong_type(field, "a string or an array of strings");
        }
        if (auto error = check_text(field, item.get<std::string>())) {
            return error;
        }
    }
    return std::nullopt;
}

std::optional<ApiError> check(const Field& field, const json& value) {
    switch (field.type) {
        case FieldType::integer:
            return check_integer(field, value);
        case FieldType::boolean:
            return value.is_boolean() ? std::nullopt
                                      : std::optional{wrong_type(field, "a boolean")};
        case FieldType::object:
            return check_object(field, value);
        case FieldType::headers:
        case FieldType::sip_headers:
            return check_headers(field, value);
        case FieldType::loop:
            return check_loop(field, value);
        case FieldType::event_urls:
        case FieldType::retry_policies:
            return check_event_map(field, value);
        case FieldType::destinations:
            return check_destinations(field, value);
        case FieldType::text:
        case FieldType::phone:
        case FieldType::destination:
        case FieldType::base64:
        case FieldType::url:
        case FieldType::socket_url:
        case FieldType::uuid:
        case FieldType::key_presses:
            return value.is_string() ? check_text(field, value.get<std::string>())
                                     : std::optional{wrong_type(field, "a string")};
    }
    return std::nullopt;
}

bool has(const json& body, std::string_view name) {
    const auto found = body.find(name);
    return found != body.end() && !found->is_null();
}

std::optional<ApiError> check(const Rule& rule, const json& body) {
    const auto fields = split_words(rule.fields);
    const auto present =
        std::ranges::count_if(fields, [&](std::string_view name) { return has(body, name); });
    const std::string first{fields.front()};
    switch (rule.kind) {
        case Rule::Kind::one_of:
            if (present == 0) {
                return make_error("10004", "/" + first,
                                  "The '" + first + "' parameter is required and cannot be blank.");
            }
            break;
        case Rule::Kind::at_most_one:
            if (present > 1) {
                return make_error(
                    "10015", "/" + std::string{fields[1]},
                    "Only one of these parameters may be given: " + std::string{rule.fields} + ".");
            }
            break;
        case Rule::Kind::needs:
            if (has(body, fields[0]) && body.at(first) != false && !has(body, fields[1])) {
                return make_error("10004", "/" + std::string{fields[1]},
                                  "The '" + std::string{fields[1]} +
                                      "' parameter is required with '" + first + "'.");
            }
            break;
    }
    return std::nullopt;
}

const Field* find_field(const CommandSpec& command, std::string_view name) {
    for (const auto& group : command.groups) {
        const auto found = std::ranges::find(group, name, &Field::name);
        if (found != group.end()) {
            return &*found;
        }
    }
    return nullptr;
}

}  // namespace

std::vector<ApiError> validate(const CommandSpec& command, const json& body) {
    std::vector<ApiError> errors;
    for (const auto& group : command.groups) {
        for (const Field& field : group) {
            if (!has(body, field.name)) {
                if (field.required) {
                    errors.push_back(
                        make_error("10004", pointer_of(field),
                                   quoted(field) + "is required and cannot be blank."));
                }
                continue;
            }
            if (auto error = check(field, body.at(std::string{field.name}))) {
                errors.push_back(*std::move(error));
            }
        }
    }
    for (const Rule& rule : command.rules) {
        if (auto error = check(rule, body)) {
            errors.push_back(*std::move(error));
        }
    }
    for (const auto& [name, _] : body.items()) {
        if (find_field(command, name) == nullptr) {
            errors.push_back(make_error("10015", "/" + name, "Unknown parameter '" + name + "'."));
        }
    }
    return errors;
}

bool is_e164(std::string_view text) {
    return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
           text.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_destination(std::string_view text) {
    if (text.starts_with("sip:") || text.starts_with("sips:")) {
        return text.find('@') != std::string_view::npos && text.find(' ') == std::string_view::npos;
    }
    return is_e164(text.substr(0, text.find_first_of(";,")));
}

std::vector<std::string_view> split_words(std::string_view words) {
    std::vector<std::string_view> parts;
    while (!words.empty()) {
        const std::size_t bar = words.find('|');
        parts.push_back(words.substr(0, bar));
        words.remove_prefix(bar == std::string_view::npos ? words.size() : bar + 1);
    }
    return parts;
}

}  // namespace gw::simulator
