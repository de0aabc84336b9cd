// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/validate.hpp"

#include "tests/simulator/field_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace gw::simulator {
namespace {

using nlohmann::json;

// The body names a phone number, not only SIP URIs, as destination.
bool rings_a_phone(const json& to) {
    const json list = to.is_array() ? to : json::array({to});
    return std::ranges::any_of(list, [](const json& item) {
        return item.is_string() && item.get<std::string>().starts_with('+');
    });
}

std::optional<ApiError> check_srtp(const json& body, const std::string& field,
                                   const std::string& to) {
    if (!has(body, field) || body.at(field) != "SRTP" || !has(body, to) ||
        !rings_a_phone(body.at(to))) {
        return std::nullopt;
    }
    // As in the document's example srtp_not_supported_for_pstn.
    ApiError error =
        make_error("10011", "/" + field, "SRTP media encryption is not supported for PSTN calls.");
    error.status = 422;
    error.title = "Media encryption not supported for PSTN calls";
    return error;
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
        case Rule::Kind::not_above:
            if (present == 2 && body.at(first).is_number() &&
                body.at(std::string{fields[1]}).is_number() &&
                body.at(first) > body.at(std::string{fields[1]})) {
                return make_error("10033", "/" + first,
                                  "The '" + first + "' parameter must not be above '" +
                                      std::string{fields[1]} + "'.");
            }
            break;
        case Rule::Kind::no_srtp_to_pstn:
            return check_srtp(body, first, std::string{fields[1]});
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
        check_fields(group, body, {}, errors);
    }
    for (const Rule& rule : command.rules) {
        if (auto error = check(rule, body)) {
            errors.push_back(*std::move(error));
        }
    }
    for (const auto& [name, _] : body.items()) {
        if (find_field(command, name) == nullptr) {
            errors.push_back(unknown_member({}, name));
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

std::vector<std::string_view> split_words(std::string_view words, char separator) {
    std::vector<std::string_view> parts;
    while (!words.empty()) {
        const std::size_t end = words.find(separator);
        parts.push_back(words.substr(0, end));
        words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    }
    return parts;
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace gw::simulator
